"""The homepage, the language, and the pages that every public site must have."""

import re
from pathlib import Path

import pytest

from tests.web.site import ON_SQLITE, Site, text_of
from web.candidate.registration import REGISTRATION_COOKIE
from web.kit.browsers import KNOWN_COOKIE
from web.kit.language import COOKIE as LANGUAGE_COOKIE
from web.kit.pages import FLASH_COOKIE
from web.kit.security import CSRF_COOKIE
from web.kit.visitors import SESSION_COOKIE
from workflow.known_browsers import KEPT_FOR

pytestmark = ON_SQLITE

PRIVACY = Path(__file__).parents[3] / "docs" / "privacy.md"


async def test_the_homepage_shows_search_box_candidate_area_and_newest_offers(site: Site, offer: str) -> None:
    page = await (await site.visitor()).get("/")
    for part in (
        'action="/offers"',
        'name="keywords"',
        'name="region"',
        'name="job_type"',
        'id="candidate-area"',
    ):
        assert part in page.text
    assert 'href="/offers/REF-1"' in page.text
    assert "See the one open offer" in text_of(page)


@pytest.mark.parametrize(
    ("language", "shelves"),
    [
        (
            "en",
            {
                "Region": [("Brittany", "/offers?region=53", "2"), ("Abroad", "/offers?region=abroad", "1")],
                "Job type": [
                    ("Technical/Administrative", "/offers?job_type=technical_admin", "1"),
                    ("Scientific fixed term", "/offers?job_type=scientific", "2"),
                ],
                "Industry": [("Chemistry and materials science", "/offers?industry=B", "1")],
            },
        ),
        (
            "fr",
            {
                "Région": [
                    ("Bretagne", "/offers?region=53", "2"),
                    ("Étranger", "/offers?region=abroad", "1"),
                ],
                "Type d’emploi": [
                    ("Technique/Administratif", "/offers?job_type=technical_admin", "1"),
                    ("CDD scientifique", "/offers?job_type=scientific", "2"),
                ],
                "Branche d’activité": [
                    ("Sciences chimiques et sciences des matériaux", "/offers?industry=B", "1")
                ],
            },
        ),
    ],
)
async def test_the_homepage_leads_to_offers_by_region_job_type_and_industry(
    site: Site, language: str, shelves: dict[str, list[tuple[str, str, str]]]
) -> None:
    unit = await site.house.unit()
    staff = await site.house.recruiter(unit)
    await site.house.offer(staff, unit)
    await site.house.offer(staff, unit, "REF-2", job_type="technical_admin", industry="B")
    await site.house.offer(staff, unit, "REF-3", region="abroad", country="JP")
    await site.house.offer(staff, unit, "DRAFT", publish=False, region="76")
    await site.index()
    visitor = await site.visitor(language)
    home = await visitor.get("/")
    found = {}
    for name, rest in re.findall(r'<div class="shelf">\s*<h3>(.*?)</h3>(.*?)</ul>', home.text, re.DOTALL):
        links = re.findall(r'<a href="([^"]*)">(.*?)</a>.*?<span aria-hidden="true">(\d+)</span>', rest)
        found[name] = [(label, href, count) for href, label, count in links]
    assert found == shelves
    for links in found.values():
        for _, href, count in links:
            assert (await visitor.get(href)).text.count('<article class="offer">') == int(count)


async def test_the_homepage_of_an_empty_portal_has_nothing_to_browse(site: Site) -> None:
    assert "browse-title" not in (await (await site.visitor()).get("/")).text


async def test_pages_outside_of_the_candidate_area_say_who_is_logged_in(site: Site) -> None:
    candidate = await site.candidate()
    known = '<a class="visitor" href="/candidate">Chloé Martin</a>'
    for path in ("/", "/offers", "/contact"):
        page = await candidate.get(path)
        assert (known in page.text, 'action="/candidate/logout"' in page.text) == (True, True)
    assert known not in (await candidate.get("/candidate")).text
    assert "/candidate/logout" not in (await (await site.visitor()).get("/")).text


async def test_the_homepage_stands_without_an_index(site: Site) -> None:
    for file in (site.settings.var / "index").rglob("*"):
        if file.is_file():
            file.unlink()
    page = await (await site.visitor()).get("/")
    assert page.status_code == 200
    assert "The search is being rebuilt." in text_of(page)


@pytest.mark.parametrize("reference", ["none", "%00", "<script>"])
async def test_an_unknown_offer_to_apply_to_changes_nothing(site: Site, reference: str) -> None:
    page = await (await site.visitor()).get(f"/?offer={reference}")
    assert page.status_code == 200
    assert "To apply, register or log in" not in page.text


async def test_the_language_is_the_browsers_until_one_is_chosen(site: Site) -> None:
    visitor = await site.visitor("fr-CA,fr;q=0.9,en;q=0.5")
    assert '<html lang="fr">' in (await visitor.get("/offers")).text
    chosen = await visitor.post("/language", {"language": "en", "next": "/offers?keywords=a&page=2"})
    assert chosen.headers["location"] == "/offers?keywords=a&page=2"
    assert '<html lang="en">' in (await visitor.get("/offers")).text


@pytest.mark.parametrize(
    ("language", "wanted"), [("xx", "//evil.example"), ("", ""), ("fr", "https://evil.example")]
)
async def test_switching_the_language_never_leads_elsewhere(site: Site, language: str, wanted: str) -> None:
    answer = await (await site.visitor()).post("/language", {"language": language, "next": wanted})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/privacy", {"en": "23 November 2026", "fr": "23 novembre 2026"}),
        ("/accessibility", {"en": "2.2", "fr": "2.2"}),
        ("/contact", {"en": "careers@example.org", "fr": "careers@example.org"}),
        ("/candidate/forgotten-password", {"en": "in three steps", "fr": "en trois étapes"}),
        ("/candidate", {"en": "/candidate/register", "fr": "/candidate/register"}),
        ("/offers/advanced", {"en": 'name="level"', "fr": 'name="level"'}),
    ],
)
async def test_every_public_page_is_there_in_both_languages(
    site: Site, path: str, sentence: dict[str, str], language: str
) -> None:
    page = await (await site.visitor(language)).get(path)
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert sentence[language] in page.text


async def test_every_cookie_is_named_where_it_is_told_what_is_kept(site: Site) -> None:
    page = (await (await site.visitor()).get("/privacy")).text
    told = PRIVACY.read_text(encoding="utf-8")
    cookies = {CSRF_COOKIE, FLASH_COOKIE, KNOWN_COOKIE, LANGUAGE_COOKIE, REGISTRATION_COOKIE, SESSION_COOKIE}
    assert {name for name in cookies if f"<code>{name}</code>" in page} == cookies
    assert {name for name in cookies if f"- `{name}` " in told} == cookies
    assert f"for {KEPT_FOR.days} days" in page
    assert f"{KEPT_FOR.days} days after the last login" in told


async def test_the_old_address_of_an_icon_leads_to_ours(site: Site) -> None:
    answer = await (await site.visitor()).get("/favicon.ico")
    assert answer.status_code == 301
    assert answer.headers["location"].startswith("/static/img/favicon.svg?v=")
