"""Searching and reading offers, and the lists that their codes come from."""

import re
from dataclasses import replace

import httpx

from search.whoosh_index import WhooshReader
from tests.web.api.program import fields, problem, program
from tests.web.site import Site
from workflow.applications.commands import cancel_offer

CHEMIST = {
    "reference": "REF-1",
    "title": "Chemist",
    "titles": {"fr": "Chimiste (H/F)", "en": "Chemist"},
    "unit": {"code": "LAB1", "name": "Laboratory LAB1"},
    "city": "Brest",
    "region": {"code": "53", "label": "Brittany"},
    "country": "FR",
    "job_type": {"code": "scientific", "label": "Scientific fixed term"},
    "level": None,
    "industry": None,
    "job": None,
    "contract": None,
    "duration_months": None,
    "work_time": None,
    "salary": None,
    "experience": None,
    "starts_on": None,
    "closes_on": "2026-04-01",
    "published_at": "2026-03-02T09:30:00Z",
    "url": "http://localhost:8000/offers/REF-1",
}
DETAILS = {
    "description": "A mission.",
    "descriptions": {"fr": "Une mission.", "en": "A mission."},
    "positions": 1,
    "is_open": True,
}


async def test_open_offers_are_found_by_title_and_filters(site: Site, offer: str) -> None:
    someone = await program(site)
    everything = (await someone.get("/offers")).json()
    assert everything == {
        "items": [CHEMIST],
        "total": 1,
        "page": 1,
        "page_size": 20,
        "facets": {
            "region": {"53": 1},
            "job_type": {"scientific": 1},
            "level": {},
            "industry": {},
            "job": {},
        },
        "did_you_mean": None,
        "corrected": False,
    }
    wanted = {"keywords": "chimiste", "region": ["11", "53"], "job_type": "", "order": "date"}
    assert (await someone.get("/offers", params=wanted)).json() == everything
    beyond = (await someone.get("/offers", params={"page": 7, "page_size": 5})).json()
    assert beyond == everything | {"items": [], "page": 7, "page_size": 5}
    misspelt = (await someone.get("/offers", params={"keywords": "chimist"})).json()
    assert misspelt["total"] == 1
    assert (await someone.get("/offers", params={"keywords": "x\0y 'OR 1=1 \U0001f600"})).json()["total"] == 0
    assert (await someone.get("/offers", params={"keywords": "chi\0miste"})).json() == everything


async def test_misspelt_keywords_are_corrected_unless_they_are_meant(site: Site, offer: str) -> None:
    someone = await program(site)
    everything = (await someone.get("/offers")).json()
    corrected = (await someone.get("/offers", params={"keywords": "chemizt"})).json()
    assert corrected == everything | {"did_you_mean": "chemist", "corrected": True}
    exact = (await someone.get("/offers", params={"keywords": "chemizt", "exact": "1"})).json()
    assert (exact["items"], exact["did_you_mean"], exact["corrected"]) == ([], "chemist", False)


async def test_keywords_are_completed_by_the_titles_of_open_offers(site: Site, offer: str) -> None:
    someone = await program(site)
    answer = await someone.get("/offers/suggestions", params={"keywords": "chi"})
    assert answer.json() == {"suggestions": ["chimiste"]}
    assert answer.headers["cache-control"] == "max-age=60, public"
    assert (await someone.get("/offers/suggestions")).json() == {"suggestions": []}
    long = await someone.get("/offers/suggestions", params={"keywords": "x" * 501})
    assert fields(long) == {"keywords": "Use 500 characters at most."}
    site.pass_time(days=31)
    assert (await someone.get("/offers/suggestions?keywords=chi")).json() == {"suggestions": []}
    (site.settings.var / "index").rename(site.settings.var / "gone")
    site.app.state.portal = replace(site.app.state.portal, index=WhooshReader(site.settings.var / "index"))
    gone = await someone.get("/offers/suggestions?keywords=chi")
    assert (problem(gone), gone.headers.get("cache-control")) == ((503, "search-unavailable"), None)


async def test_the_api_finds_what_the_pages_find(site: Site, offer: str) -> None:
    """One that was cancelled a moment ago, and which the index still holds, is on neither."""
    unit = await site.house.unit("LAB2")
    author = await site.house.recruiter(unit, name="Basil")
    for number in (2, 3):
        await site.house.offer(
            author, unit, f"REF-{number}", title_fr="Chimiste de nuit", title_en="Night chemist"
        )
    await site.index()
    await cancel_offer(author, "REF-3", terms=site.house.terms, now=site.now)
    someone, visitor = await program(site), await site.visitor()
    found = {}
    for query in (
        "",
        "keywords=night",
        "keywords=chemizt",
        "keywords=chemizt&exact=1",
        "region=53&order=date",
    ):
        items = (await someone.get(f"/offers?{query}")).json()["items"]
        found[query] = sorted(each["reference"] for each in items)
        page = (await visitor.get(f"/offers?{query}")).text
        assert re.findall(r'<h3><a href="/offers/([^"]+)"', page) == [each["reference"] for each in items]
    assert found == {
        "": ["REF-1", "REF-2"],
        "keywords=night": ["REF-2"],
        "keywords=chemizt": ["REF-1", "REF-2"],
        "keywords=chemizt&exact=1": [],
        "region=53&order=date": ["REF-1", "REF-2"],
    }


async def test_an_offer_is_read_in_the_readers_language_and_after_it_closed(site: Site, offer: str) -> None:
    someone, french = await program(site), await program(site, "fr-FR,fr;q=0.9")
    assert (await someone.get("/offers/REF-1")).json() == CHEMIST | DETAILS
    shown = (await french.get("/offers/REF-1")).json()
    assert (shown["title"], shown["region"]["label"], shown["description"]) == (
        "Chimiste (H/F)",
        "Bretagne",
        "Une mission.",
    )
    site.pass_time(days=31)
    assert (await someone.get("/offers/REF-1")).json() == CHEMIST | DETAILS | {"is_open": False}
    assert (await someone.get("/offers")).json()["total"] == 0


async def test_a_parameter_that_does_not_fit_is_named(site: Site) -> None:
    someone = await program(site)
    odd = [
        ("region", "999", "“999” is not in the list. Choose one of it."),
        ("job_type", "none", "“none” is not in the list. Choose one of it."),
        ("level", "\0", "“\0” is not in the list. Choose one of it."),
        ("industry", "Z", "“Z” is not in the list. Choose one of it."),
        ("job", "x" * 300, f"“{'x' * 60}” is not in the list. Choose one of it."),
        ("job", ["x"] * 201, "Choose 200 values at most."),
        ("order", "random", "Choose one of the list."),
        ("page", "0", "Write a whole number of 1 or more."),
        ("page", "-1", "Write a whole number of 1 or more."),
        ("page", "one", "Write a whole number."),
        ("page", "9" * 400, "Write a whole number of 100000 at most."),
        ("page_size", "101", "Write a whole number of 100 at most."),
        ("page_size", "0", "Write a whole number of 1 or more."),
        ("keywords", "x" * 501, "Use 500 characters at most."),
    ]
    for parameter, value, said in odd:
        answer = await someone.get("/offers", params={parameter: value})
        assert (problem(answer), fields(answer)) == ((422, "invalid-input"), {parameter: said})


async def test_all_parameters_that_do_not_fit_are_named_in_the_readers_language(site: Site) -> None:
    french = await program(site, "fr")
    answer = await french.get("/offers", params={"page": 0, "page_size": "x", "order": "zz"})
    assert fields(answer) == {
        "page": "Indiquez un nombre entier supérieur ou égal à 1.",
        "page_size": "Indiquez un nombre entier.",
        "order": "Choisissez dans la liste.",
    }


async def test_without_an_index_the_search_says_when_to_come_back(site: Site) -> None:
    (site.settings.var / "index").rename(site.settings.var / "gone")
    answer = await (await program(site)).get("/offers")
    assert (problem(answer), answer.headers["retry-after"]) == ((503, "search-unavailable"), "5")


async def test_lists_have_both_languages(site: Site) -> None:
    someone = await program(site, "fr")
    regions = (await someone.get("/reference/regions")).json()["items"]
    brittany = next(each for each in regions if each["code"] == "53")
    assert brittany == {
        "code": "53",
        "label": "Bretagne",
        "labels": {"fr": "Bretagne", "en": "Brittany"},
    }
    sizes = {
        name: len((await someone.get(f"/reference/{name}")).json()["items"])
        for name in ("job-types", "industries", "levels")
    }
    assert sizes == {"job-types": 2, "industries": 8, "levels": 10}


async def test_what_forms_offer_can_be_read(site: Site) -> None:
    """Code and label of every choice that a candidate's forms have."""
    visitor, someone = await site.candidate(), await program(site)
    question, profile, settings = [
        choices(await visitor.get(path))
        for path in (
            "/candidate/account/secret-question",
            "/candidate/profile",
            "/candidate/account/language",
        )
    ]
    for name, offered in {
        "secret-questions": question["secret_question"],
        "titles": profile["title"],
        "countries": profile["country"],
        "levels": profile["level"],
        "situations": profile["situation"],
        "languages": settings["language"],
    }.items():
        listed = (await someone.get(f"/reference/{name}")).json()["items"]
        codes = {each["code"] for each in listed}
        assert (codes, len(listed)) == (offered, len(offered)), name


def choices(page: httpx.Response) -> dict[str, set[str]]:
    """Field → the values that it offers."""
    lists = re.findall(r'<select[^>]* name="(\w+)"(.*?)</select>', page.text, re.DOTALL)
    found = {name: set(re.findall(r'<option value="([^"]+)"', options)) for name, options in lists}
    for name, value in re.findall(r'<input type="radio" name="(\w+)" value="([^"]+)"', page.text):
        found.setdefault(name, set()).add(value)
    return found


async def test_jobs_follow_job_type_and_industry(site: Site) -> None:
    someone = await program(site)
    scientific = (await someone.get("/reference/jobs", params={"job_type": "scientific"})).json()["items"]
    assert [(job["code"], job["industry"]) for job in scientific] == [
        ("phd_student", None),
        ("postdoctoral_researcher", None),
        ("researcher", None),
    ]
    of_branch = (await someone.get("/reference/jobs", params={"industry": "B"})).json()["items"]
    assert {(job["job_type"], job["industry"]) for job in of_branch} == {("technical_admin", "B")}
    assert list(fields(await someone.get("/reference/jobs", params={"industry": "Z"}))) == ["industry"]
