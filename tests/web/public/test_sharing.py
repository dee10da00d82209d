"""What the heads of pages tell other sites: lasting addresses, titles, descriptions (S5, S6)."""

import re
from html import unescape

import httpx
import pytest

from tests.web.site import ON_SQLITE, Site
from workflow.offers.commands import move_offer
from workflow.recruiters.queries import StaffMember

pytestmark = ON_SQLITE

_META = re.compile(r'<meta (?:name|property)="([\w:]+)" content="([^"]*)"')


def told(page: httpx.Response) -> dict[str, str]:
    """Every property of a page's head, and `canonical`."""
    head = page.text.partition("</head>")[0]
    found = {name: unescape(value) for name, value in _META.findall(head)}
    (canonical,) = re.findall(r'<link rel="canonical" href="([^"]*)">', head)
    return found | {"canonical": unescape(canonical)}


@pytest.fixture
async def staff(site: Site) -> StaffMember:
    """A recruiter with 21 open offers of Brittany, a page and one, and one of Occitanie."""
    unit = await site.house.unit()
    staff = await site.house.recruiter(unit)
    for number in range(1, 22):
        await site.house.offer(staff, unit, f"REF-{number}")
    await site.house.offer(
        staff, unit, "Réf é", region="76", title_fr="Scribe", title_en="", contract="fixed_term"
    )
    await site.index()
    return staff


async def test_an_offer_presents_itself(site: Site, staff: StaffMember) -> None:
    page = await (await site.visitor("fr")).get("/offers/R%C3%A9f%20%C3%A9")
    address = "http://localhost:8000/offers/R%C3%A9f%20%C3%A9"
    description = "Laboratory LAB1, Brest, Occitanie. CDD. Clôture le 1er avril 2026. Une mission"
    found = told(page)
    image = found.pop("og:image")
    assert re.fullmatch(r"http://localhost:8000/static/img/card\.png\?v=\d+", image)
    of_every_page = {"viewport", "color-scheme", "theme-color"}
    assert {name: value for name, value in found.items() if name not in of_every_page} == {
        "canonical": address,
        "description": description,
        "og:type": "article",
        "og:site_name": "Vivier Research",
        "og:title": "Scribe",
        "og:description": description,
        "og:url": address,
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "Vivier",
        "og:locale": "fr_FR",
        "og:locale:alternate": "en_GB",
        "twitter:card": "summary_large_image",
    }
    picture = await (await site.visitor()).get(image.removeprefix("http://localhost:8000"))
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")


async def test_a_description_is_a_sentence_or_two(site: Site, staff: StaffMember) -> None:
    unit = await site.house.unit("LAB2")
    author = await site.house.recruiter(unit, name="Basil")
    await site.house.offer(author, unit, "LONG", description_en="A word. " * 400)
    description = told(await (await site.visitor("en")).get("/offers/LONG"))["description"]
    assert description.startswith("Laboratory LAB2, Brest, Brittany. Closes on 1 April 2026. A word. A word.")
    assert (len(description) <= 200, description[-1]) == (True, "…")


@pytest.mark.parametrize(
    ("query", "canonical", "is_indexed"),
    [
        ("", "/offers", True),
        ("?page=1&order=relevance&keywords=", "/offers", True),
        ("?order=date", "/offers", True),
        ("?region=76&region=53&region=76", "/offers?region=53&region=76", True),
        ("?job_type=scientific&region=53&utm_source=x", "/offers?region=53&job_type=scientific", True),
        ("?region=53&region=nowhere", "/offers?region=53", True),
        ("?region=11", "/offers?region=11", False),
        ("?page=2", "/offers?page=2", False),
        ("?page=99", "/offers?page=99", False),
        ("?keywords=++chimiste++", "/offers?keywords=chimiste", False),
        ("?keywords=Scrube", "/offers?keywords=scribe", False),
        ("?keywords=buy+at+evil.example", "/offers?keywords=buy+at+evil.example", False),
    ],
)
async def test_a_search_has_one_address(
    site: Site, staff: StaffMember, query: str, canonical: str, is_indexed: bool
) -> None:
    page = await (await site.visitor()).get(f"/offers{query}")
    found = told(page)
    assert found["canonical"] == found["og:url"] == f"http://localhost:8000{canonical}"
    assert page.headers.get("x-robots-tag") == (None if is_indexed else "noindex")


async def test_a_search_says_what_it_finds(site: Site, staff: StaffMember) -> None:
    visitor = await site.visitor("en")
    found = told(await visitor.get("/offers?region=76&keywords=scribe"))
    assert (found["og:title"], found["description"]) == (
        "Job offers – scribe, Occitanie",
        "1 open offer – scribe, Occitanie",
    )
    assert told(await visitor.get("/offers"))["description"] == "22 open offers – Job offers"


@pytest.mark.parametrize("path", ["/", "/?offer=REF-1", "/?utm_source=x"])
async def test_the_homepage_has_one_address(site: Site, staff: StaffMember, path: str) -> None:
    found = told(await (await site.visitor("en")).get(path))
    assert (found["canonical"], found["og:title"]) == ("http://localhost:8000/", "Jobs in research")
    assert found["description"].startswith("Laboratories are looking for scientists")


async def test_an_ended_offer_keeps_its_address_and_is_not_indexed(site: Site, staff: StaffMember) -> None:
    await move_offer(staff, "REF-1", "close", terms=site.house.terms, now=site.now)
    page = await (await site.visitor()).get("/offers/REF-1")
    assert told(page)["canonical"] == "http://localhost:8000/offers/REF-1"
    assert page.headers["x-robots-tag"] == "noindex"
