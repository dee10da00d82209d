"""A forgotten password, as the guide tells it: A5."""

import pytest

from tests.support.house import PASSWORD
from tests.web.site import ON_SQLITE, Site, problems, text_of
from tests.workflow.candidates.recovering import EMAIL, chloe
from web.kit.visitors import SESSION_COOKIE

START = "/candidate/forgotten-password"
OWN = {"password": "nine loud bitterns", "password_again": "nine loud bitterns"}


async def test_the_guides_way_leads_to_a_password_of_ones_own(site: Site) -> None:
    await chloe(site.house)
    elsewhere = await site.visitor()
    await elsewhere.log_in(EMAIL)
    visitor = await site.visitor()
    assert f'href="{START}"' in (await visitor.get("/candidate/login")).text
    assert f'href="{START}/email"' in (await visitor.get(START)).text
    assert f'action="{START}/question"' in (await visitor.get(f"{START}/email")).text
    page = await visitor.post(f"{START}/question", {"email": EMAIL})
    assert "Which river?" in text_of(page)
    sent = await visitor.follow(
        await visitor.post(f"{START}/sent", {"email": EMAIL, "secret_answer": "ODET"})
    )
    assert "An e-mail has been sent" in text_of(sent)
    assert await site.mails() == [("new_password", EMAIL)]

    password = await site.secret("new_password")
    answer = await visitor.post(
        "/candidate/login", {"email": EMAIL, "password": password, "next": "/candidate/profile"}
    )
    assert answer.headers["location"] == "/candidate/new-password?next=/candidate/profile"
    assert "Max-Age=3600" in answer.headers["set-cookie"]
    assert "Choose a password of your own" in text_of(await visitor.follow(answer))
    for path in (
        "/candidate",
        "/candidate/account",
        "/candidate/applications",
        "/offers",
        "/candidate/login",
    ):
        assert (await visitor.get(path)).headers["location"] == "/candidate/new-password"
    for path in ("/candidate/profile", "/candidate/account/password", "/candidate/account/sessions/end"):
        assert (await visitor.post(path, OWN)).headers["location"] == "/candidate/new-password"
    assert "nine loud" not in (await visitor.get("/privacy")).text

    refused = await visitor.post("/candidate/new-password", {"password": "short", "password_again": "x"})
    assert (refused.status_code, set(problems(refused))) == (422, {"password", "password_again"})
    restricted = visitor.client.cookies[SESSION_COOKIE]
    done = await visitor.post("/candidate/new-password", OWN | {"next": "/candidate/profile"})
    assert done.headers["location"] == "/candidate/profile"
    assert "Your password is changed." in text_of(await visitor.follow(done))
    assert visitor.client.cookies[SESSION_COOKIE] != restricted
    assert (await elsewhere.get("/candidate/account")).status_code == 303
    thief = await site.visitor()
    thief.client.cookies[SESSION_COOKIE] = restricted
    assert (await thief.post("/candidate/new-password", OWN)).headers["location"] == "/candidate/login"
    for wrong in (PASSWORD, password):
        form = {"email": EMAIL, "password": wrong}
        assert (await (await site.visitor()).post("/candidate/login", form)).status_code == 422


@ON_SQLITE
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_an_unknown_address_and_a_wrong_answer_see_the_same(site: Site, language: str) -> None:
    await chloe(site.house, secret_question="first_school")
    visitor = await site.visitor(language)
    seen = []
    for email, answer in ((EMAIL, "Odet"), (EMAIL, "Loire"), ("nobody@example.org", "Odet")):
        question = await visitor.post(f"{START}/question", {"email": email})
        again = await visitor.post(f"{START}/sent", {"email": email, "secret_answer": " "})
        sent = await visitor.post(f"{START}/sent", {"email": email, "secret_answer": answer})
        page = await visitor.follow(sent)
        seen.append(
            (question.status_code, again.status_code, list(problems(again)), sent.status_code, text_of(page))
        )
    assert seen[0] == seen[1] == seen[2]
    assert await site.mails() == [("new_password", EMAIL)]


@ON_SQLITE
async def test_steps_may_be_reloaded_and_odd_addresses_are_named(site: Site) -> None:
    visitor = await site.visitor()
    assert (await visitor.get(f"{START}/question")).headers["location"] == f"{START}/email"
    assert (await visitor.get(f"{START}/sent")).status_code == 200
    for email in ("", "nobody", "a@b", "x" * 500 + "@example.org"):
        odd = await visitor.post(f"{START}/question", {"email": email})
        assert (odd.status_code, set(problems(odd))) == (422, {"email"})
    assert (await visitor.get("/candidate/new-password")).headers["location"] == "/candidate/account"
    assert (await visitor.post("/candidate/new-password", OWN)).headers["location"] == "/candidate/login"


@ON_SQLITE
async def test_a_restricted_visitor_may_log_out_instead(site: Site) -> None:
    await chloe(site.house)
    visitor = await site.visitor()
    await visitor.post(f"{START}/sent", {"email": EMAIL, "secret_answer": "Odet"})
    form = {"email": EMAIL, "password": await site.secret("new_password"), "next": "//evil.example"}
    answer = await visitor.post("/candidate/login", form)
    assert answer.headers["location"] == "/candidate/new-password?next=/candidate"
    assert (await visitor.post("/candidate/logout")).headers["location"] == "/"
    assert (await visitor.get("/offers")).status_code == 200
    assert (await visitor.log_in(EMAIL)).headers["location"] == "/candidate"
