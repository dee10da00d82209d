"""Results that were rendered for one visitor are given to others: never what is somebody's own or has passed."""

import re
from dataclasses import replace

import httpx
import pytest

from search.synonyms import use_own
from tests.web.site import ON_SQLITE, Site, Visitor, hidden, text_of
from web.kit.held_pages import TOKEN, HeldPages
from workflow.applications.commands import cancel_offer
from workflow.recruiters.queries import StaffMember

pytestmark = ON_SQLITE


@pytest.fixture
async def staff(site: Site) -> StaffMember:
    """A recruiter with two open offers."""
    unit = await site.house.unit()
    staff = await site.house.recruiter(unit)
    await site.house.offer(staff, unit, "REF-1", title_en="Chemist")
    await site.house.offer(staff, unit, "REF-2", title_en="Night chemist")
    await site.index()
    return staff


def in_production(site: Site, seconds: float) -> HeldPages:
    """Only there pages are held."""
    held = HeldPages(seconds)
    settings = replace(site.settings, environment="production")
    site.app.state.portal = replace(site.app.state.portal, settings=settings, held_pages=held)
    return held


async def shown(visitor: Visitor, path: str = "/offers?keywords=chemist") -> list[str]:
    page = await visitor.get(path)
    assert page.status_code == 200
    assert TOKEN not in page.text
    return sorted(re.findall(r'<article class="offer">\s*<h3[^>]*><a href="/offers/([^"]+)">', page.text))


def without_token(page: httpx.Response) -> str:
    return page.text.replace(hidden(page, "_csrf_token"), "")


async def test_visitors_share_a_page_but_not_its_token(site: Site, staff: StaffMember) -> None:
    apart = await (await site.visitor()).get("/offers?keywords=chemist")
    in_production(site, 60)
    pages = [await (await site.visitor()).get("/offers?keywords=chemist") for _ in range(3)]
    assert len({hidden(page, "_csrf_token") for page in [apart, *pages]}) == 4
    assert {without_token(page) for page in pages} == {without_token(apart)}
    for page in [apart, *pages]:
        assert page.headers["set-cookie"].startswith(f"vivier_csrf={hidden(page, '_csrf_token')};")
        told = {name: page.headers[name] for name in ("cache-control", "vary", "x-robots-tag")}
        assert told == {
            "cache-control": "private, no-cache",
            "vary": "Cookie, Accept-Language",
            "x-robots-tag": "noindex",
        }


async def test_a_form_of_a_held_page_is_accepted(site: Site, staff: StaffMember) -> None:
    in_production(site, 60)
    for _ in range(2):
        visitor = await site.visitor()
        page = await visitor.get("/offers")
        assert "x-robots-tag" not in page.headers
        form = {"_csrf_token": hidden(page, "_csrf_token"), "language": "fr", "next": hidden(page, "next")}
        answer = await visitor.client.post("/language", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/offers")
        visitor.client.cookies.set("language", "fr")
        again = await visitor.get("/offers")
        assert (again.headers["cache-control"], hidden(again, "language")) == ("no-store", "en")


async def test_a_token_that_somebody_invented_is_no_markup(site: Site, staff: StaffMember) -> None:
    in_production(site, 60)
    for _ in range(2):
        visitor = await site.visitor()
        page = await visitor.get("/offers", headers={"Cookie": 'vivier_csrf="><b>x'})
        assert "<b>x" not in page.text


async def test_whoever_is_known_gets_a_page_of_their_own(site: Site, staff: StaffMember) -> None:
    candidate, stranger = await site.candidate(), await site.visitor()
    in_production(site, 60)
    pages = [await visitor.get("/offers") for visitor in (stranger, candidate, await site.visitor())]
    assert ["Chloé" in page.text for page in pages] == [False, True, False]
    assert [page.headers["cache-control"] for page in pages] == [
        "private, no-cache",
        "no-store",
        "private, no-cache",
    ]


async def test_what_one_visitor_is_told_is_told_to_nobody_else(site: Site, staff: StaffMember) -> None:
    told = await site.candidate()
    await told.post("/candidate/logout")
    assert "vivier_flash" in told.client.cookies
    in_production(site, 60)
    pages = [await visitor.get("/offers") for visitor in (told, told, await site.visitor())]
    assert ["flashes" in page.text for page in pages] == [True, False, False]


async def test_a_held_page_goes_with_what_it_says(site: Site, staff: StaffMember) -> None:
    in_production(site, 0)
    visitor = await site.visitor()
    assert await shown(visitor) == await shown(visitor) == ["REF-1", "REF-2"]
    await cancel_offer(staff, "REF-1", terms=site.house.terms, now=site.now)
    assert await shown(visitor) == ["REF-2"]  # the index does not know yet
    unit = await site.house.unit("LAB2")
    author = await site.house.recruiter(unit, name="Basil")
    await site.house.offer(author, unit, "REF-3", title_en="Chemist by day")
    await site.index()
    assert await shown(visitor) == ["REF-2", "REF-3"]
    site.pass_time(days=27)
    assert "3 days left" in text_of(await visitor.get("/offers?keywords=chemist"))
    site.pass_time(days=1)
    assert "2 days left" in text_of(await visitor.get("/offers?keywords=chemist"))
    french = await (await site.visitor("fr")).get("/offers?keywords=chemist")
    assert "encore 2 jours" in text_of(french)


async def test_a_held_page_goes_with_what_its_words_mean(site: Site, staff: StaffMember) -> None:
    in_production(site, 0)
    visitor = await site.visitor()
    before = (await visitor.get("/offers?keywords=chemist+OR+owlish")).text
    use_own(["owlish => night"])
    try:
        after = (await visitor.get("/offers?keywords=chemist+OR+owlish")).text
    finally:
        use_own([])
    assert ("<mark>Night</mark>" in before, "<mark>Night</mark>" in after) == (False, True)


async def test_for_a_second_nobody_looks_again(site: Site, staff: StaffMember) -> None:
    held = in_production(site, 60)
    visitor = await site.visitor()
    await shown(visitor)
    await cancel_offer(staff, "REF-1", terms=site.house.terms, now=site.now)
    assert await shown(visitor) == ["REF-1", "REF-2"]
    held._seconds = 0
    assert await shown(visitor) == ["REF-2"]


async def test_elsewhere_nothing_is_held(site: Site, staff: StaffMember) -> None:
    visitor, held = await site.visitor(), in_production(site, 60)
    for path in ("/offers?keywords=plumber", "/offers?keywords=chemist&without=" + "x" * 2000):
        await visitor.get(path)
    site.app.state.portal = replace(site.app.state.portal, settings=site.settings)
    await visitor.get("/offers")
    assert not held._pages
