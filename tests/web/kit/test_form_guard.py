"""Tokens against forged forms are renewed at every login; forms of other tabs come back, and harm nobody."""

import html
import re

import httpx
import pytest

from tests.support.house import PASSWORD
from tests.web.candidate.test_profile import NAMES
from tests.web.site import ON_SQLITE, Site, Visitor, text_of
from web.kit.security import CSRF_COOKIE
from workflow.candidates.tables import Candidate

pytestmark = ON_SQLITE

OWN = {"Origin": "http://site.example"}
PROFILE = "/candidate/profile"
OWN_PASSWORD = {
    "current_password": PASSWORD,
    "password": "nine loud bitterns",
    "password_again": "nine loud bitterns",
}


def token(visitor: Visitor) -> str:
    return str(visitor.client.cookies[CSRF_COOKIE])


def resent(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of the form that came back."""
    form = page.text.partition('<form class="form"')[2].partition("</form>")[0]
    pairs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in pairs}


async def outdated(visitor: Visitor, path: str, data: dict[str, str], **headers: str) -> httpx.Response:
    """Log out and in again, then send the form that another tab had open since before."""
    before = token(visitor)
    await visitor.post("/candidate/logout")
    await visitor.log_in("chlo@example.org")
    return await visitor.client.post(path, data={"_csrf_token": before} | data, headers=OWN | headers)


async def test_a_token_lasts_until_somebody_logs_in_or_out(site: Site) -> None:
    await site.house.recruiter(await site.house.unit(), name="Luc")
    await site.house.candidate(email="chlo@example.org")
    visitor = await site.visitor()
    await visitor.get("/candidate/login")
    login = {"email": "chlo@example.org", "password": PASSWORD}
    luc = {"email": "luc@example.org", "password": PASSWORD}
    seen = [token(visitor)]
    for path, form in (
        ("/candidate/login", login),
        ("/candidate/account/password", OWN_PASSWORD),
        ("/candidate/logout", {}),
        ("/candidate/login", login | {"password": OWN_PASSWORD["password"]}),
        ("/candidate/account/sessions/end", {}),
        ("/console/login", luc),
        ("/console/logout", {}),
    ):
        assert (await visitor.post(path, form)).status_code == 303, path
        seen.append(token(visitor))
        await visitor.get("/candidate/login")
        await visitor.post("/language", {"language": "en"})
        await visitor.post("/candidate/login", login | {"password": "wrong"})
        assert token(visitor) == seen[-1], path
    assert len(set(seen)) == len(seen)


async def test_an_outdated_form_comes_back_and_can_be_sent(site: Site) -> None:
    candidate = await site.candidate()
    typed = NAMES | {"city": "Saint-Brieuc", "address": "1, rue des Hérons\nau fond", "level": "DOC"}
    answer = await outdated(candidate, PROFILE, typed, Referer=f"http://site.example{PROFILE}")
    words = text_of(answer)
    assert answer.status_code == 403
    assert "You logged in or out after this form was opened" in words
    assert "You are logged in as Chloé Martin (chlo@example.org)." in words
    shown = ("First name Chloé", "Last name Martin", "City Saint-Brieuc", "Address 1, rue des Hérons au fond")
    assert " ".join(shown) in words
    assert await Candidate.select(Candidate.city) == [{"city": ""}]
    form = resent(answer)
    assert form == typed | {"_csrf_token": token(candidate)}
    assert (await candidate.client.post(PROFILE, data=form)).status_code == 303
    assert await Candidate.select(Candidate.city) == [{"city": "Saint-Brieuc"}]


async def test_passwords_and_files_do_not_come_back(site: Site) -> None:
    candidate = await site.candidate()
    form = {"email": "new@example.org", "email_again": "new@example.org", "current_password": PASSWORD}
    answer = await outdated(candidate, "/candidate/account/email", form)
    assert PASSWORD not in answer.text
    assert "Passwords and files are not: you are asked for them again." in text_of(answer)
    again = await candidate.client.post("/candidate/account/email", data=resent(answer))
    assert (again.status_code, 'value="new@example.org"' in again.text) == (422, True)
    assert await site.mails() == []


async def test_who_has_logged_out_is_told_so(site: Site) -> None:
    candidate = await site.candidate()
    before = token(candidate)
    await candidate.post("/candidate/logout")
    data = NAMES | {"_csrf_token": before, "city": "Brest"}
    answer = await candidate.client.post(PROFILE, data=data, headers=OWN)
    assert (answer.status_code, "You are not logged in. Log in in another tab" in text_of(answer)) == (
        403,
        True,
    )
    await candidate.log_in("chlo@example.org")
    assert (
        await candidate.post(PROFILE, resent(answer) | {"_csrf_token": token(candidate)})
    ).status_code == 303


async def test_a_button_without_words_is_not_offered_again(site: Site) -> None:
    candidate = await site.candidate()
    page = "http://site.example/candidate/account?x=1"
    answer = await outdated(candidate, "/candidate/account/sessions/end", {}, Referer=page)
    assert (answer.status_code, "Nothing has happened." in text_of(answer)) == (403, True)
    assert 'action="/candidate/account/sessions/end"' not in answer.text
    assert 'href="/candidate/account">Back to the page' in answer.text
    assert (await candidate.get("/candidate/account")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://site.example.evil.example"},
        OWN | {"Sec-Fetch-Site": "cross-site"},
        OWN | {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_what_others_forge_is_not_offered_at_all(site: Site, headers: dict[str, str]) -> None:
    candidate = await site.candidate()
    answer = await candidate.client.post(PROFILE, data=NAMES | {"city": "Forged"}, headers=headers)
    assert (answer.status_code, "Forged" in answer.text) == (403, False)
    assert CSRF_COOKIE not in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize("kept", ["", "x" * 128])
async def test_a_browser_that_lost_its_token_gets_another(site: Site, kept: str) -> None:
    candidate = await site.candidate()
    candidate.client.cookies.delete(CSRF_COOKIE)
    cookies = {CSRF_COOKIE: kept} if kept else {}
    candidate.client.cookies.update(cookies)
    data = NAMES | {"_csrf_token": kept, "city": "Brest"}
    answer = await candidate.client.post(PROFILE, data=data, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 403
    renewed = re.search(rf"{CSRF_COOKIE}=(\w+)", answer.headers["set-cookie"])
    assert renewed
    assert resent(answer)["_csrf_token"] == renewed[1]


async def test_markup_comes_back_as_words(site: Site) -> None:
    candidate = await site.candidate()
    attack = '"><script>alert(1)</script> {{ 7*7 }}'
    answer = await outdated(candidate, PROFILE, NAMES | {"city": attack, attack: attack})
    assert answer.text.count("<script") == 1
    assert resent(answer)["city"] == attack


async def test_a_script_that_saves_is_told_in_words(site: Site) -> None:
    candidate = await site.candidate()
    answer = await outdated(candidate, PROFILE, NAMES, Accept="application/json")
    assert (answer.status_code, answer.json()) == (
        403,
        {"said": "Not saved: you logged in or out in another tab since. Send the form once more."},
    )
