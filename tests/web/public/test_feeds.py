"""Searches as Atom feeds: S5, RFC 4287."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from xml.etree.ElementTree import Element

import httpx
import pytest
from defusedxml.ElementTree import fromstring

from tests.web.site import ON_SQLITE, Site
from workflow.offers.commands import edit_offer, move_offer
from workflow.recruiters.queries import StaffMember

pytestmark = ON_SQLITE

_ATOM = "{http://www.w3.org/2005/Atom}"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

# element → how many there may be: least and most (RFC 4287, 4.1.1 and 4.1.2, with what we promise ourselves)
_OF_A_FEED = {
    "id": (1, 1),
    "title": (1, 1),
    "updated": (1, 1),
    "author": (1, 1),
    "link": (2, 2),
    "icon": (0, 1),
    "entry": (0, 50),
}
_OF_AN_ENTRY = {
    "id": (1, 1),
    "title": (1, 1),
    "published": (1, 1),
    "updated": (1, 1),
    "author": (0, 1),
    "link": (1, 1),
    "category": (1, 3),
    "summary": (1, 1),
    "content": (0, 1),
}


def _check(element: Element, table: dict[str, tuple[int, int]]) -> None:
    names = [child.tag.removeprefix(_ATOM) for child in element]
    assert set(names) <= set(table)
    for name, (least, most) in table.items():
        assert least <= names.count(name) <= most, name
    for name in ("published", "updated"):
        for instant in element.findall(_ATOM + name):
            assert _INSTANT.fullmatch(instant.text or "")
            assert datetime.fromisoformat(instant.text or "").tzinfo
    identity = element.findtext(_ATOM + "id") or ""
    assert identity == f"urn:uuid:{UUID(identity.removeprefix('urn:uuid:'))}"
    for link in element.findall(_ATOM + "link"):
        assert urlsplit(link.attrib["href"]).netloc == "localhost:8000"


def valid_feed(answer: httpx.Response) -> Element:
    """What was answered, after holding it against the standard."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/atom+xml")
    feed: Element = fromstring(answer.content)
    assert feed.tag == _ATOM + "feed"
    _check(feed, _OF_A_FEED)
    assert [link.attrib["rel"] for link in feed.findall(_ATOM + "link")] == ["self", "alternate"]
    entries = feed.findall(_ATOM + "entry")
    for entry in entries:
        _check(entry, _OF_AN_ENTRY)
    ids = [entry.findtext(_ATOM + "id") for entry in entries]
    assert len(set(ids)) == len(ids)
    updates = [entry.findtext(_ATOM + "updated") or "" for entry in entries]
    assert not updates or feed.findtext(_ATOM + "updated") == max(updates)
    return feed


def titles(feed: Element) -> list[str | None]:
    return [entry.findtext(_ATOM + "title") for entry in feed.findall(_ATOM + "entry")]


@pytest.fixture
async def staff(site: Site) -> StaffMember:
    """A recruiter with an older offer of a chemist in Brittany and a newer one of a scribe in Occitanie."""
    unit = await site.house.unit()
    staff = await site.house.recruiter(unit)
    await site.house.offer(staff, unit, description_fr="Lire.\n\nÉcrire & <b>compter</b>.")
    site.pass_time(hours=1)
    await _later(site, staff, unit, "REF-2", title_fr="Scribe", title_en="", region="76")
    return staff


async def _later(site: Site, staff: StaffMember, unit: int, reference: str, **changes: Any) -> None:
    """An offer drafted when the house was built, and published now."""
    await site.house.offer(staff, unit, reference, publish=False, **changes)
    await move_offer(staff, reference, "publish", terms=site.house.terms, now=site.now)
    await site.index()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Scribe", "Chemist"]),
        ("keywords=chimiste", ["Chemist"]),
        ("keywords=chimist", ["Chemist"]),
        ("keywords=chimmiste", []),  # only what is typed is subscribed to
        ("region=76", ["Scribe"]),
        ("region=76&region=53&order=relevance&page=7", ["Scribe", "Chemist"]),
        ("region=nowhere", ["Scribe", "Chemist"]),
        ("keywords=%00%1b%3C%26&job_type=scientific", ["Scribe", "Chemist"]),
    ],
)
async def test_a_feed_finds_what_the_search_finds_newest_first(
    site: Site, staff: StaffMember, query: str, found: list[str]
) -> None:
    feed = valid_feed(await (await site.visitor("en")).get(f"/offers.atom?{query}"))
    assert titles(feed) == found


async def test_a_feed_says_where_it_is_and_what_it_searches_for(site: Site, staff: StaffMember) -> None:
    answer = await (await site.visitor("en")).get("/offers.atom?region=53&keywords=a%26b&language=fr&page=2")
    feed = valid_feed(answer)
    assert feed.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "fr"
    assert feed.findtext(_ATOM + "title") == "Offres d’emploi – a&b, Bretagne – Vivier Research"
    assert feed.findtext(f"{_ATOM}author/{_ATOM}name") == "Vivier Research"
    assert [(link.attrib["rel"], link.attrib["href"]) for link in feed.findall(_ATOM + "link")] == [
        ("self", "http://localhost:8000/offers.atom?keywords=a%26b&region=53&language=fr"),
        ("alternate", "http://localhost:8000/offers?keywords=a%26b&region=53"),
    ]
    itself = await (await site.visitor("en")).get("/offers.atom?keywords=a%26b&region=53&language=fr")
    assert itself.content == answer.content


async def test_an_entry_tells_of_its_offer(site: Site, staff: StaffMember) -> None:
    feed = valid_feed(await (await site.visitor()).get("/offers.atom?region=53&language=fr"))
    (entry,) = feed.findall(_ATOM + "entry")
    assert {child.tag.removeprefix(_ATOM): child.text for child in entry} | {"id": "", "author": ""} == {
        "id": "",
        "title": "Chimiste (H/F)",
        "published": "2026-03-02T09:30:00+00:00",
        "updated": "2026-03-02T09:30:00+00:00",
        "link": None,
        "author": "",
        "category": None,
        "summary": "Laboratory LAB1 · Brest · Bretagne · Clôture le 1er avril 2026",
        "content": "<p>Lire.</p>\n<p>Écrire &amp; &lt;b&gt;compter&lt;/b&gt;.</p>",
    }
    assert entry.find(_ATOM + "content").attrib["type"] == "html"  # type: ignore[union-attr]


async def test_a_feed_is_sent_only_when_it_has_changed(site: Site, staff: StaffMember) -> None:
    visitor = await site.visitor()
    first = await visitor.get("/offers.atom?language=fr")
    assert first.headers["last-modified"] == "Mon, 02 Mar 2026 10:30:00 GMT"
    assert first.headers["cache-control"] == "public, max-age=300"
    assert "set-cookie" not in first.headers
    assert "vary" not in first.headers
    asks = [
        ({"If-None-Match": first.headers["etag"]}, 304),
        ({"If-None-Match": f'"other", W/{first.headers["etag"]}'}, 304),
        ({"If-Modified-Since": first.headers["last-modified"]}, 304),
        ({"If-Modified-Since": "Mon, 02 Mar 2026 10:29:59 GMT"}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": first.headers["last-modified"]}, 200),
        ({"If-Modified-Since": "never", "If-None-Match": ""}, 200),
    ]
    for headers, status in asks:
        answer = await visitor.get("/offers.atom?language=fr", headers=headers)
        assert (answer.status_code, answer.headers["etag"]) == (status, first.headers["etag"]), headers
        assert answer.content == (first.content if status == 200 else b"")
    site.pass_time(hours=1)
    await move_offer(staff, "REF-2", "close", terms=site.house.terms, now=site.now)
    later = await visitor.get("/offers.atom?language=fr", headers={"If-None-Match": first.headers["etag"]})
    assert titles(valid_feed(later)) == ["Chimiste (H/F)"]


async def test_a_changed_offer_changes_the_tag(site: Site, staff: StaffMember) -> None:
    visitor = await site.visitor()
    first = await visitor.get("/offers.atom?language=en")
    data = site.house.offer_data(title_en="Alchemist")
    await edit_offer(staff, "REF-1", data, terms=site.house.terms, now=site.now)
    second = await visitor.get("/offers.atom?language=en", headers={"If-None-Match": first.headers["etag"]})
    assert titles(valid_feed(second)) == ["Scribe", "Alchemist"]


async def test_a_feed_without_entries_is_valid_and_stays_the_same_for_a_day(site: Site) -> None:
    visitor = await site.visitor()
    first = await visitor.get("/offers.atom")
    assert titles(valid_feed(first)) == []
    assert "last-modified" not in first.headers
    site.pass_time(minutes=5)
    assert (await visitor.get("/offers.atom")).headers["etag"] == first.headers["etag"]


async def test_nothing_but_open_offers_is_in_a_feed(site: Site, staff: StaffMember) -> None:
    unit = await site.house.unit("LAB2")
    author = await site.house.recruiter(unit, name="Basil")
    await site.house.offer(author, unit, "DRAFT", publish=False, title_en="Hidden")
    await site.index()
    await move_offer(staff, "REF-1", "close", terms=site.house.terms, now=site.now)  # the index has not heard
    visitor = await site.visitor("en")
    assert titles(valid_feed(await visitor.get("/offers.atom"))) == ["Scribe"]
    site.pass_time(days=60)
    assert titles(valid_feed(await visitor.get("/offers.atom"))) == []


async def test_a_feed_holds_the_newest_fifty(site: Site) -> None:
    unit = await site.house.unit()
    staff = await site.house.recruiter(unit)
    for number in range(52):
        reference = f"REF-{number}"
        await site.house.offer(staff, unit, reference, publish=False, title_en=f"Chemist {number}")
        site.pass_time(minutes=1)
        await move_offer(staff, reference, "publish", terms=site.house.terms, now=site.now)
    await site.index()
    feed = valid_feed(await (await site.visitor("en")).get("/offers.atom"))
    assert titles(feed) == [f"Chemist {number}" for number in range(51, 1, -1)]


async def test_pages_link_to_the_feed_of_what_they_show(site: Site, staff: StaffMember) -> None:
    visitor = await site.visitor("fr")

    async def link(path: str) -> list[tuple[str, str]]:
        page = await visitor.get(path)
        return re.findall(
            r'<link rel="alternate" type="application/atom\+xml" title="([^"]*)" href="([^"]*)">', page.text
        )

    assert await link("/") == [("Offres d’emploi", "/offers.atom?language=fr")]
    assert await link("/offers?region=53&page=3") == [
        ("Offres d’emploi – Bretagne", "/offers.atom?region=53&amp;language=fr")
    ]
    # the results are those of the better spelt words, and so is their feed
    assert await link("/offers?keywords=scrube&order=date") == [
        ("Offres d’emploi – scribe", "/offers.atom?keywords=scribe&amp;language=fr")
    ]


async def test_a_feed_without_an_index_says_when_to_come_back(site: Site) -> None:
    for file in (site.settings.var / "index").rglob("*"):
        if file.is_file():
            file.unlink()
    answer = await (await site.visitor()).get("/offers.atom")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
