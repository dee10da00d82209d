"""Logging in and out: A1, A4."""

import pytest

from tests.support.house import PASSWORD
from tests.web.site import ON_SQLITE, Site, problems, text_of
from web.kit.visitors import SESSION_COOKIE

pytestmark = ON_SQLITE


@pytest.mark.parametrize(
    "path",
    [
        "/candidate/applications",
        "/candidate/profile",
        "/candidate/account",
        "/candidate/applications?a=1&b=2",
    ],
)
async def test_every_link_leads_to_the_login_and_on(site: Site, path: str) -> None:
    await site.house.candidate(email="chloe@example.org")
    visitor = await site.visitor()
    form = await visitor.follow(await visitor.get(path))
    assert 'name="next"' in form.text
    wanted = form.url.params["next"]
    answer = await visitor.log_in("chloe@example.org", next=wanted)
    assert answer.headers["location"] == path
    assert "Login successful" in text_of(await visitor.follow(answer))
    assert "Login successful" not in text_of(await visitor.get(path))


@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example/a", "/\\evil.example", "javascript:alert(1)"]
)
async def test_the_login_never_leads_elsewhere(site: Site, wanted: str) -> None:
    candidate = await site.candidate()
    assert (await candidate.get("/candidate/login", params={"next": wanted})).headers[
        "location"
    ] == "/candidate"
    visitor = await site.visitor()
    assert (
        "evil"
        not in (await visitor.get("/candidate/login", params={"next": wanted})).text.partition("<main")[2]
    )
    await site.house.candidate(email="basil@example.org")
    assert (await visitor.log_in("basil@example.org", next=wanted)).headers["location"] == "/candidate"


async def test_a_login_for_an_offer_comes_back_to_it(site: Site, offer: str) -> None:
    await site.house.candidate(email="chloe@example.org")
    visitor = await site.visitor()
    assert "you come back to “Chemist”" in text_of(await visitor.get(f"/candidate/login?offer={offer}"))
    assert (await visitor.log_in("chloe@example.org", offer=offer)).headers[
        "location"
    ] == f"/offers/{offer}/apply"


async def test_wrong_credentials_are_refused_alike(site: Site) -> None:
    """Of a registration even the right ones."""
    await site.house.candidate(email="chloe@example.org")
    await site.house.registration("cleo@example.org")
    visitor = await site.visitor()
    tried = {"chloe@example.org": "wrong", "nobody@example.org": "wrong", "cleo@example.org": PASSWORD}
    pages = [
        await visitor.post("/candidate/login", {"email": email, "password": password})
        for email, password in tried.items()
    ]
    assert [page.status_code for page in pages] == [422, 422, 422]
    assert "The e-mail address or the password is wrong." in text_of(pages[0])
    assert len({text_of(page) for page in pages}) == 1
    assert 'value="chloe@example.org"' in pages[0].text


async def test_empty_fields_are_named(site: Site) -> None:
    answer = await (await site.visitor()).post("/candidate/login", {"email": " ", "password": ""})
    assert (answer.status_code, problems(answer)) == (
        422,
        {"email": "Fill in this field.", "password": "Fill in this field."},
    )


async def test_logging_out_ends_the_session_itself(site: Site) -> None:
    candidate = await site.candidate()
    token = candidate.client.cookies[SESSION_COOKIE]
    page = await candidate.follow(await candidate.post("/candidate/logout"))
    assert "You are logged out." in text_of(page)
    assert SESSION_COOKIE not in candidate.client.cookies
    thief = await site.visitor()
    thief.client.cookies[SESSION_COOKIE] = token
    assert (await thief.get("/candidate/applications")).status_code == 303


async def test_a_session_ends_after_a_day_without_use(site: Site) -> None:
    candidate = await site.candidate()
    site.pass_time(hours=23)
    assert (await candidate.get("/candidate/account")).status_code == 200
    site.pass_time(hours=25)
    assert (await candidate.get("/candidate/account")).status_code == 303


async def test_pages_of_candidates_are_kept_by_no_cache(site: Site) -> None:
    candidate = await site.candidate()
    assert (await candidate.get("/candidate/account")).headers["cache-control"] == "no-store"
