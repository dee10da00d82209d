"""Searching and reading offers: S1–S4, S7."""

import re
from datetime import date
from html import unescape
from typing import Any

import httpx
import pytest

from tests.web.site import ON_SQLITE, Site, text_of
from workflow.applications.commands import cancel_offer
from workflow.offers.commands import move_offer
from workflow.recruiters.queries import StaffMember

pytestmark = ON_SQLITE


@pytest.fixture
async def staff(site: Site) -> StaffMember:
    """A recruiter with three open offers: a chemist in Brittany, an engineer and a scribe in Occitanie."""
    unit = await site.house.unit()
    staff = await site.house.recruiter(unit)
    await site.house.offer(staff, unit)
    await site.house.offer(
        staff,
        unit,
        "REF-2",
        title_fr="Ingénieur·e",
        title_en="Engineer",
        region="76",
        level="BAC5",
        job_type="technical_admin",
    )
    await site.house.offer(staff, unit, "Réf 3?#é", title_fr="Scribe", title_en="", region="76")
    await site.index()
    return staff


async def titles(site: Site, query: str = "") -> list[str]:
    page = await (await site.visitor()).get(f"/offers?{query}")
    assert page.status_code == 200, page.text
    return [title for title in ("Chemist", "Engineer", "Scribe") if f": {title}</span>" in page.text]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Chemist", "Engineer", "Scribe"]),
        ("keywords=ingenieure", ["Engineer"]),
        ("region=76", ["Engineer", "Scribe"]),
        ("region=76&region=53", ["Chemist", "Engineer", "Scribe"]),
        ("region=76&job_type=technical_admin", ["Engineer"]),
        ("level=BAC5", ["Engineer"]),
        ("keywords=&region=&job_type=&level=", ["Chemist", "Engineer", "Scribe"]),
        ("keywords=plumber", []),
        ("keywords=%00%22%5C(", ["Chemist", "Engineer", "Scribe"]),
        ("order=date", ["Chemist", "Engineer", "Scribe"]),
        ("order=nonsense&page=-1", ["Chemist", "Engineer", "Scribe"]),
        ("page=" + "9" * 5000, ["Chemist", "Engineer", "Scribe"]),
        ("keywords=" + "a" * 5000, []),
        ("unknown=parameter", ["Chemist", "Engineer", "Scribe"]),
    ],
)
async def test_a_search_finds(site: Site, staff: StaffMember, query: str, found: list[str]) -> None:
    assert await titles(site, query) == found


async def test_misspelt_keywords_are_answered_by_the_better_ones(site: Site, staff: StaffMember) -> None:
    page = await (await site.visitor()).get("/offers?keywords=scrube&region=76")
    assert "Results for “scribe”. Search instead for “scrube”" in text_of(page)
    assert "<title>1 offer – scribe – Vivier</title>" in page.text
    assert '<a href="/offers/R%C3%A9f%203%3F%23%C3%A9"><mark>Scribe</mark></a>' in page.text
    assert 'href="/offers?keywords=scrube&amp;region=76&amp;exact=1"' in page.text
    assert 'rel="canonical" href="http://localhost:8000/offers?keywords=scribe&amp;region=76"' in page.text


async def test_keywords_may_be_searched_for_as_they_are_typed(site: Site, staff: StaffMember) -> None:
    page = await (await site.visitor()).get("/offers?keywords=scrube&region=76&exact=1")
    assert "No open offer matches" in text_of(page)
    assert '<a href="/offers?keywords=scribe&amp;region=76"><b>scribe</b></a>' in page.text
    assert "Results for" not in text_of(page)


def ways_out(page: httpx.Response) -> list[tuple[str, str, str]]:
    listed = page.text.partition('<ul class="ways"')[2].partition("</ul>")[0]
    return re.findall(r'<a href="([^"]+)">([^<]+)</a> <span class="soft">([^<]+)</span>', unescape(listed))


@pytest.mark.parametrize(
    ("query", "ways"),
    [
        ("keywords=plumber", []),
        ("keywords=engineer&region=76", []),
        (
            "keywords=engineer&region=53&order=date&page=3",
            [
                ("/offers?keywords=engineer&order=date", "Without “Brittany”", "1 offer"),
                ("/offers?region=53&order=date", "Without “engineer”", "1 offer"),
            ],
        ),
        (
            "keywords=scribe&region=53&region=11&job_type=technical_admin",
            [("/offers?keywords=scribe", "Without any filter", "1 offer")],
        ),
        (
            "region=53&job_type=technical_admin",
            [
                ("/offers?job_type=technical_admin", "Without “Brittany”", "1 offer"),
                ("/offers?region=53", "Without “Technical/Administrative”", "1 offer"),
                ("/offers", "Without any filter", "3 offers"),
            ],
        ),
    ],
)
async def test_a_search_that_finds_nothing_says_what_a_wider_one_finds(
    site: Site, staff: StaffMember, query: str, ways: list[tuple[str, str, str]]
) -> None:
    visitor = await site.visitor()
    assert ways_out(await visitor.get(f"/offers?{query}")) == ways
    for href, _, said in ways:
        assert f'id="count" tabindex="-1">{said}</h2>' in (await visitor.get(href)).text


async def test_a_long_list_shows_the_choices_with_most_offers_first(site: Site, staff: StaffMember) -> None:
    unit = await site.house.unit("LAB2")
    author = await site.house.recruiter(unit, name="Basil")
    codes = ("11", "24", "27", "28", "32", "44", "52", "75", "93")
    for number, code in enumerate([*codes, "93", "52"]):
        await site.house.offer(author, unit, f"MORE-{number}", region=code)
    await site.index()
    visitor = await site.visitor()

    async def listed(query: str) -> tuple[list[str], list[str], bool]:
        page = (await visitor.get(f"/offers{query}")).text
        first, _, rest = page.partition('name="job_type"')[0].partition("<details")
        values = re.compile(r'name="region" value="(\w+)"')
        return values.findall(first), values.findall(rest), 'id="more-region" open' in page

    first, rest, is_open = await listed("")
    assert {"76", "93", "52"} < set(first)
    assert (len(first), sorted(first + rest), is_open) == (6, sorted({*codes, "53", "76"}), False)
    assert await listed(f"?region={rest[0]}") == (first, rest, True)


async def test_a_page_may_hold_more_results(site: Site, staff: StaffMember) -> None:
    unit = await site.house.unit("LAB2")
    author = await site.house.recruiter(unit, name="Basil")
    for number in range(20):
        await site.house.offer(author, unit, f"MORE-{number:02}", title_en="Chemist")
    await site.index()
    visitor = await site.visitor()
    small = (await visitor.get("/offers?keywords=chemist")).text
    large = (await visitor.get("/offers?keywords=chemist&page_size=50")).text
    odd = (await visitor.get("/offers?keywords=chemist&page_size=7")).text
    assert [text.count('<article class="offer">') for text in (small, large, odd)] == [20, 21, 20]
    assert 'href="/offers?keywords=chemist&amp;page_size=50"' in small
    assert 'name="page_size" value="50" form="search"' in large
    assert 'rel="canonical" href="http://localhost:8000/offers?keywords=chemist"' in large


async def test_the_advanced_search_takes_a_search_to_begin_with(site: Site, staff: StaffMember) -> None:
    visitor = await site.visitor()
    results = await visitor.get("/offers?keywords=scribe&region=76&level=BAC5")
    assert 'href="/offers/advanced?keywords=scribe&amp;region=76&amp;level=BAC5"' in results.text
    page = (await visitor.get("/offers/advanced?keywords=scribe&region=76&level=BAC5&job=J2C46")).text
    assert 'name="keywords" type="search" value="scribe"' in page
    assert sorted(re.findall(r'name="(\w+)" value="(\w+)" checked', page)) == [
        ("job", "J2C46"),
        ("level", "BAC5"),
        ("region", "76"),
    ]


async def test_matches_are_marked_in_the_title_that_has_them(site: Site, staff: StaffMember) -> None:
    visitor = await site.visitor("en")
    assert "<mark>" not in (await visitor.get("/offers")).text
    assert "<mark>Engineer</mark>" in (await visitor.get("/offers?keywords=engin")).text
    found_by_synonym = await visitor.get("/offers?keywords=chimiste")
    assert '<a href="/offers/REF-1"><mark>Chemist</mark></a>' in found_by_synonym.text
    unit = await site.house.unit("LAB2")
    author = await site.house.recruiter(unit, name="Basil")
    await site.house.offer(author, unit, "REF-4", title_fr="Vigneron (H/F)", title_en="Winegrower")
    await site.index()
    found_by_french = await visitor.get("/offers?keywords=vigneron")
    assert '<a href="/offers/REF-4"><mark>Vigneron</mark> (H/F)</a>' in found_by_french.text


async def test_an_unknown_filter_is_left_out_and_named(site: Site, staff: StaffMember) -> None:
    page = await (await site.visitor()).get("/offers?region=999&region=53&level=%3Cb%3E")
    assert "have left it out: 999, <b>" in text_of(page)
    assert "left it out: page=abc" in text_of(await (await site.visitor()).get("/offers?page=abc"))
    assert "<b>" not in page.text.partition("left it out")[2][:30]
    assert "1 offer" in text_of(page)


async def test_keywords_that_are_too_long_are_said_to_be_cut(site: Site, staff: StaffMember) -> None:
    visitor = await site.visitor()
    said = "only the first 500 characters were searched for"
    assert said in text_of(await visitor.get("/offers?keywords=" + "chemist+" * 1000))
    assert said not in text_of(await visitor.get("/offers?keywords=" + "chemist+" * 50))


async def test_a_page_beyond_the_end_leads_back(site: Site, staff: StaffMember) -> None:
    page = await (await site.visitor()).get("/offers?region=76&page=99")
    assert page.status_code == 200
    assert "There is no page 99 The results end on page 1." in text_of(page)
    assert 'href="/offers?region=76&amp;page=1"' in page.text


async def test_a_chosen_filter_can_be_taken_away(site: Site, staff: StaffMember) -> None:
    page = await (await site.visitor()).get("/offers?keywords=scribe&region=76&job_type=scientific")
    assert 'class="tag" href="/offers?keywords=scribe&amp;job_type=scientific"' in page.text
    assert 'class="tag" href="/offers?keywords=scribe&amp;region=76"' in page.text


async def test_the_search_says_when_it_has_no_index(site: Site) -> None:
    for file in (site.settings.var / "index").rglob("*"):
        if file.is_file():
            file.unlink()
    answer = await (await site.visitor()).get("/offers")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "<h1>The search is back in a moment</h1>" in answer.text
    assert "The search is being rebuilt." in text_of(answer)


async def test_an_offer_is_read_in_the_readers_language(site: Site, staff: StaffMember) -> None:
    english = text_of(await (await site.visitor("en")).get("/offers/REF-2"))
    french = text_of(await (await site.visitor("fr")).get("/offers/REF-2"))
    for said in ("Engineer", "A mission.", "Technical/Administrative", "Master’s degree", "Laboratory LAB1"):
        assert said in english
    for said in ("Ingénieur·e", "Une mission.", "Technique/Administratif", "Bac+5"):
        assert said in french


async def test_a_reference_may_hold_any_letter(site: Site, staff: StaffMember) -> None:
    visitor = await site.visitor()
    results = await visitor.get("/offers?keywords=scribe")
    address = "/offers/R%C3%A9f%203%3F%23%C3%A9"
    assert f'href="{address}"' in results.text
    page = await visitor.get(address)
    assert '<h1 class="offer-title" lang="fr">Scribe</h1>' in page.text
    home = await visitor.follow(await visitor.get(f"{address}/apply"))
    assert 'href="/candidate/register?offer=R%C3%A9f%203%3F%23%C3%A9"' in home.text


async def closed(site: Site, staff: StaffMember) -> None:
    await move_offer(staff, "REF-1", "close", terms=site.house.terms, now=site.now)


async def archived(site: Site, staff: StaffMember) -> None:
    await closed(site, staff)
    await move_offer(staff, "REF-1", "archive", terms=site.house.terms, now=site.now)


async def cancelled(site: Site, staff: StaffMember) -> None:
    await cancel_offer(staff, "REF-1", terms=site.house.terms, now=site.now)


async def over(site: Site, staff: StaffMember) -> None:
    site.pass_time(days=31)


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (closed, "This offer is closed It takes no more applications."),
        (archived, "This offer is closed It takes no more applications."),
        (cancelled, "This offer was cancelled It takes no more applications."),
        (over, "This offer is closed It closed on 1 April 2026 and takes no more applications."),
    ],
)
async def test_an_ended_offer_says_so_at_its_old_address_and_is_not_found(
    site: Site, staff: StaffMember, end: Any, said: str
) -> None:
    visitor = await site.visitor()
    assert "x-robots-tag" not in (await visitor.get("/offers/REF-1")).headers
    await end(site, staff)
    page = await visitor.get("/offers/REF-1")
    assert (page.status_code, page.headers["x-robots-tag"]) == (200, "noindex")
    assert said in text_of(page)
    assert "/offers/REF-1/apply" not in page.text
    # the index does not know yet, the page does
    assert 'href="/offers/REF-1"' not in (await visitor.get("/offers")).text
    answer = await visitor.get("/offers/REF-1/apply")
    assert text_of(await visitor.follow(answer)) == text_of(page)


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_what_was_never_published_is_not_there(
    site: Site, staff: StaffMember, is_cancelled: bool
) -> None:
    unit = await site.house.unit("LAB2")
    author = await site.house.recruiter(unit, name="Basil")
    await site.house.offer(author, unit, "DRAFT", publish=False)
    if is_cancelled:
        await cancel_offer(author, "DRAFT", terms=site.house.terms, now=site.now)
    visitor = await site.visitor()
    assert (await visitor.get("/offers/DRAFT")).status_code == 404
    assert (await visitor.get("/offers/DRAFT/apply")).status_code == 404
    assert 'name="offer"' not in (await visitor.get("/candidate/login?offer=DRAFT")).text


async def test_closing_dates_say_how_many_days_are_left(site: Site, staff: StaffMember) -> None:
    english, french = await site.visitor("en"), await site.visitor("fr")
    assert "Closes on 1 April 2026" in text_of(await english.get("/offers/REF-1"))
    assert "left" not in text_of(await english.get("/offers/REF-1"))
    site.now = site.now.replace(month=3, day=28, hour=22, minute=59)
    assert "Closes on 1 April 2026, 4 days left" in text_of(await english.get("/offers/REF-1"))
    site.pass_time(minutes=1)  # midnight in Paris; the clocks change that night
    assert "Closes on 1 April 2026, 3 days left" in text_of(await english.get("/offers/REF-1"))
    assert "Clôture le 1er avril 2026, encore 3 jours" in text_of(await french.get("/offers"))


async def test_the_last_day_counts_to_midnight_in_paris(site: Site) -> None:
    unit = await site.house.unit()
    await site.house.offer(await site.house.recruiter(unit), unit, closes_on=date(2026, 3, 2))
    site.now = site.now.replace(hour=22, minute=59)
    visitor = await site.visitor()
    assert "Closes on 2 March 2026, today" in text_of(await visitor.get("/offers/REF-1"))
    site.pass_time(minutes=1)
    assert "This offer is closed" in text_of(await visitor.get("/offers/REF-1"))
