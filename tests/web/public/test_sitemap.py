"""What search engines are told: robots.txt and the map of offers (S6, S7)."""

from typing import Any
from urllib.robotparser import RobotFileParser
from xml.etree.ElementTree import Element

import httpx
import pytest
from defusedxml.ElementTree import fromstring

from tests.web.site import ON_SQLITE, Site
from web.public import sitemap
from workflow.applications.commands import cancel_offer
from workflow.offers.commands import move_offer
from workflow.recruiters.queries import StaffMember

_NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_HERE = "http://localhost:8000"
_PAGES = [
    _HERE + path for path in ("/", "/offers", "/offers/advanced", "/accessibility", "/contact", "/privacy")
]


def places(answer: httpx.Response, root: str = "urlset") -> list[tuple[str | None, str | None]]:
    """Address and last change of each line, when the answer is a map."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    document: Element = fromstring(answer.content)
    assert document.tag == _NAMESPACE + root
    assert {child.tag for child in document} == {_NAMESPACE + ("url" if root == "urlset" else "sitemap")}
    return [(each.findtext(_NAMESPACE + "loc"), each.findtext(_NAMESPACE + "lastmod")) for each in document]


@pytest.fixture
async def staff(site: Site) -> StaffMember:
    """A recruiter with three open offers and a draft."""
    unit = await site.house.unit()
    staff = await site.house.recruiter(unit)
    await site.house.offer(staff, unit, "DRAFT", publish=False)
    for reference in ("REF-1", "REF-2", "Réf 3?&<é"):
        await site.house.offer(staff, unit, reference)
    return staff


async def test_the_map_holds_the_pages_and_every_open_offer(site: Site, staff: StaffMember) -> None:
    answer = await (await site.visitor()).get("/sitemap.xml")
    changed_at = "2026-03-02T09:30:00+00:00"
    assert places(answer) == [
        *((page, None) for page in _PAGES),
        (f"{_HERE}/offers/REF-1", changed_at),
        (f"{_HERE}/offers/REF-2", changed_at),
        (f"{_HERE}/offers/R%C3%A9f%203%3F%26%3C%C3%A9", changed_at),
    ]
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert "set-cookie" not in answer.headers


@ON_SQLITE
async def test_all_addresses_of_the_map_can_be_read_by_search_engines(site: Site, staff: StaffMember) -> None:
    visitor = await site.visitor()
    await site.index()
    for address, _ in places(await visitor.get("/sitemap.xml")):
        page = await visitor.get((address or "").removeprefix(_HERE))
        assert (page.status_code, page.headers.get("x-robots-tag")) == (200, None), address


@ON_SQLITE
async def test_an_ended_offer_leaves_the_map(site: Site, staff: StaffMember) -> None:
    visitor = await site.visitor()
    await move_offer(staff, "REF-1", "close", terms=site.house.terms, now=site.now)
    await cancel_offer(staff, "REF-2", terms=site.house.terms, now=site.now)
    assert len(places(await visitor.get("/sitemap.xml"))) == len(_PAGES) + 1
    site.now = site.now.replace(month=4, day=1, hour=21, minute=59)
    assert len(places(await visitor.get("/sitemap.xml"))) == len(_PAGES) + 1
    site.pass_time(minutes=1)  # midnight in Paris
    assert places(await visitor.get("/sitemap.xml")) == [(page, None) for page in _PAGES]


@ON_SQLITE
async def test_the_map_is_sent_only_when_it_has_changed(site: Site, staff: StaffMember) -> None:
    visitor = await site.visitor()
    first = await visitor.get("/sitemap.xml")
    known = {"If-None-Match": first.headers["etag"]}
    again = await visitor.get("/sitemap.xml", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    site.pass_time(minutes=1)
    await move_offer(staff, "REF-1", "close", terms=site.house.terms, now=site.now)
    assert (await visitor.get("/sitemap.xml", headers=known)).status_code == 200
    await move_offer(staff, "DRAFT", "publish", terms=site.house.terms, now=site.now)
    later = await visitor.get("/sitemap.xml", headers=known)  # as many offers as at first
    assert (f"{_HERE}/offers/DRAFT", "2026-03-02T09:31:00+00:00") in places(later)


async def test_a_large_map_is_in_parts(
    site: Site, staff: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "LARGEST_PART", 7)
    visitor = await site.visitor()
    listed = places(await visitor.get("/sitemap.xml"), "sitemapindex")
    assert listed == [(f"{_HERE}/sitemap.xml?part=1", None), (f"{_HERE}/sitemap.xml?part=2", None)]
    parts = [places(await visitor.get(f"/sitemap.xml?part={part}")) for part in (1, 2)]
    assert [[address for address, _ in part] for part in parts] == [
        [*_PAGES, f"{_HERE}/offers/REF-1"],
        [f"{_HERE}/offers/REF-2", f"{_HERE}/offers/R%C3%A9f%203%3F%26%3C%C3%A9"],
    ]


@ON_SQLITE
@pytest.mark.parametrize("part", ["0", "2", "-1", "x", "", "1.5", "١", "9" * 5000])
async def test_there_is_no_other_part(site: Site, part: str) -> None:
    assert (await (await site.visitor()).get("/sitemap.xml", params={"part": part})).status_code == 404


@ON_SQLITE
async def test_robots_may_read_offers_and_nothing_of_candidates(site: Site) -> None:
    answer = await (await site.visitor()).get("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "set-cookie" not in answer.headers
    rules = RobotFileParser()
    rules.parse(answer.text.splitlines())
    may_be_read: dict[str, Any] = {
        path: rules.can_fetch("AnyBot", _HERE + path)
        for path in ("/", "/offers", "/offers/REF-1", "/offers.atom", "/static/css/base.css", "/privacy")
    }
    assert set(may_be_read.values()) == {True}
    may_not = ("/candidate", "/candidate/login", "/api/v1/offers", "/console", "/admin/", "/dev/mailbox")
    assert {path for path in may_not if rules.can_fetch("AnyBot", _HERE + path)} == set()
    assert "Disallow: /offers/*/apply\n" in answer.text
    assert rules.site_maps() == [f"{_HERE}/sitemap.xml"]
    again = await (await site.visitor()).get("/robots.txt", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
