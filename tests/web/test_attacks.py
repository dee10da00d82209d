"""What attackers try on every portal, tried on this one: each attack on every route or form that it could fit."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from tests.support.house import PASSWORD
from tests.web.candidate.test_journey import REGISTRATION
from tests.web.candidate.test_own_data import link as deletion_link
from tests.web.candidate.test_profile import NAMES
from tests.web.site import ON_SQLITE, Site, Visitor, text_of
from tests.web.test_authorisation import routes
from tests.workflow.candidates.recovering import EMAIL, chloe
from tests.workflow.documents.making import pdf
from web.kit.security import CSRF_COOKIE
from web.kit.visitors import SESSION_COOKIE
from workflow.recruiters.tables import SESSION_COOKIE as STAFF_COOKIE
from workflow.reference.queries import secret_questions

pytestmark = ON_SQLITE

ACCOUNT = "/candidate/account"
ELSEWHERE = (
    "https://evil.example",
    "https:evil.example",
    "//evil.example/a",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "@evil.example",
    "/\r\nLocation: //evil.example",
    "/a\r\nSet-Cookie: vivier_session=planted",
)
NOBODY = "00000000-0000-4000-8000-000000000000"
NUMBERS = ("session_id", "recruiter_id", "unit_id", "paragraph_id", "delivery_id", "attempt_id")
MADE_UP = {"reference": "REF-1"} | dict.fromkeys(NUMBERS, "1")
OWN = {"password": "nine loud bitterns", "password_again": "nine loud bitterns"}


WITHOUT_TOKEN = ("/api/", "/admin", "/alerts/unsubscribe/")
"""Piccolo Admin and the API have no cookie of ours; programs that read mail unsubscribe without any (RFC 8058)."""


def form_routes(site: Site) -> Iterator[str]:
    """The path of every form of ours, its parameters made up."""
    for method, pattern in routes(site.app):
        if method == "POST" and not pattern.startswith(WITHOUT_TOKEN):
            yield re.sub(r"\{(\w+):?\w*\}", lambda found: MADE_UP.get(found[1], NOBODY), pattern)


async def test_no_form_is_taken_without_its_own_token(site: Site, offer: str) -> None:
    candidate, other = await site.candidate(), await site.candidate("Zoe")
    foreign = other.client.cookies[CSRF_COOKIE]
    paths = list(form_routes(site))
    assert len(paths) > 25
    for path in paths:
        for forged in ({}, {"_csrf_token": ""}, {"_csrf_token": foreign}, {"_csrf_token": "x" * 128}):
            answer = await candidate.client.post(path, data=forged)
            assert answer.status_code == 403, (path, forged)
    assert (await candidate.get(ACCOUNT)).status_code == 200


def leads_elsewhere(answer: httpx.Response) -> bool:
    """Where a browser would go, by a header or by a field that is sent on with the form."""
    following = [answer.headers.get("location", "/")]
    following += re.findall(r'<input type="hidden" name="next" value="([^"]*)"', answer.text)
    return any(
        "\\" in each or urlsplit(urljoin("http://site.example/a", each)).netloc != "site.example"
        for each in following
    )


async def with_temporary_password(site: Site, wanted: str = "") -> Visitor:
    """Somebody who came in with the password that was mailed."""
    visitor = await site.visitor()
    await visitor.post("/candidate/forgotten-password/sent", {"email": EMAIL, "secret_answer": "Odet"})
    form = {"email": EMAIL, "password": await site.secret("new_password"), "next": wanted}
    entered = await visitor.post("/candidate/login", form)
    assert entered.headers["location"].startswith("/candidate/new-password?next="), wanted
    return visitor


async def test_no_address_leads_elsewhere(site: Site, offer: str) -> None:
    await site.house.recruiter(await site.house.unit("LAB2"), name="Luc")
    candidate, staff = await site.candidate("Zoe"), await site.visitor()
    luc = {"email": "luc@example.org", "password": PASSWORD}
    for wanted in ELSEWHERE:
        stranger, there = await site.visitor(), {"next": wanted}
        answers = [
            await candidate.get("/candidate/login", params=there | {"offer": wanted}),
            await candidate.get("/candidate/register", params={"offer": wanted}),
            await candidate.get("/candidate/profile", params=there),
            await candidate.post("/candidate/profile", NAMES | there),
            await candidate.post("/language", {"language": "fr"} | there),
            await candidate.post("/language", {"language": "xx"} | there),
            await staff.post("/console/login", luc | there),
            await staff.get("/console/login", params=there),
            await stranger.get("/candidate/login", params=there),
            await stranger.log_in("zoe@example.org", offer=wanted, **there),
        ]
        for answer in answers:
            assert answer.status_code in {200, 303}, wanted
            assert not leads_elsewhere(answer), (wanted, str(answer.url))
            assert "planted" not in answer.headers.get("set-cookie", ""), wanted


async def test_a_new_password_leads_nowhere_else(site: Site) -> None:
    await chloe(site.house)
    visitor = await with_temporary_password(site, "//evil.example")
    for wanted in ELSEWHERE:
        shown = await visitor.get("/candidate/new-password", params={"next": wanted})
        refused = await visitor.post("/candidate/new-password", {"password": "short", "next": wanted})
        assert not leads_elsewhere(shown), wanted
        assert not leads_elsewhere(refused), wanted
    done = await visitor.post("/candidate/new-password", OWN | {"next": "//evil.example"})
    assert (done.status_code, done.headers["location"]) == (303, "/candidate")


async def test_no_words_become_headers(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    odd = 'a"; filename="b.html\r\nX-Evil: 1\r\n\r\n<script>.pdf'
    await candidate.post("/candidate/profile", NAMES, {"cv": (odd, pdf())})
    evil = "x%0d%0aX-Evil:%201"
    answers = [
        await candidate.get("/candidate/profile/cv"),
        await candidate.get(f"/offers/{evil}/apply"),
        await candidate.get(f"/?offer={evil}"),
        await candidate.get(f"/offers?page=999&keywords={evil}"),
        await candidate.get(f"/candidate/login?offer={evil}&next=/{evil}"),
        await (await site.visitor()).get(f"/candidate/applications?{evil}"),
        await (await site.visitor()).get(f"/api/v1/offers/{evil}", headers={"Accept-Language": "x%0d%0a"}),
    ]
    for answer in answers:
        assert answer.status_code < 500
        assert "x-evil" not in answer.headers, str(answer.url)
        assert not any(set(value) & set("\r\n") for value in answer.headers.values()), str(answer.url)
    assert answers[0].headers["content-disposition"].startswith('attachment; filename="')
    assert answers[0].headers["content-disposition"].count('"') == 2


def door(path: str, **form: str) -> tuple[str, dict[str, str]]:
    return path, form


DOORS = (
    door("/candidate/login", password="wrong words here"),
    door("/candidate/register", **{k: v for k, v in REGISTRATION.items() if not k.startswith("email")}),
    door("/candidate/confirm"),
    door("/candidate/forgotten-password/question"),
    door("/candidate/forgotten-password/sent", secret_answer="Loire"),
    door("/console/login", password="wrong words here"),
    door("/api/v1/session", password="wrong words here"),
    door("/api/v1/console/session", password="wrong words here"),
    door("/api/v1/candidates/confirmation-link"),
    door("/api/v1/candidates/secret-question"),
    door("/api/v1/candidates/new-password", secret_answer="Loire"),
)


QUESTION = re.compile("|".join(re.escape(each.label("en")) for each in secret_questions()))
"""An address without an account has one of the list, too."""


@pytest.mark.parametrize(("path", "form"), DOORS, ids=[path for path, _ in DOORS])
async def test_no_door_tells_whose_address_is_known(site: Site, path: str, form: dict[str, str]) -> None:
    """The same status, headers and words: for an account, for a registration, for none."""
    await site.house.candidate(email="known@example.org")
    await site.house.registration("fresh@example.org")
    await site.house.recruiter(await site.house.unit(), name="staff")
    seen = set()
    for email in ("known@example.org", "fresh@example.org", "staff@example.org", "nobody@example.org"):
        visitor = await site.visitor()
        if path.startswith("/api/"):
            answer = await visitor.client.post(path, json=form | {"email": email})
        else:
            answer = await visitor.post(path, form | {"email": email})
        token = visitor.client.cookies.get(CSRF_COOKIE) or email
        said = QUESTION.sub("…", answer.text).replace(email, "…").replace(token, "…")
        headers = tuple(sorted({*answer.headers} - {"content-length"}))
        seen.add((answer.status_code, headers, answer.headers.get("location"), said))
    assert len(seen) == 1


@pytest.mark.parametrize("path", ["/candidate/login", "/api/v1/session"])
async def test_no_login_tells_what_became_of_a_registration(site: Site, path: str) -> None:
    """Whoever registers an address, and logs in with the very password, learns nothing about the address."""
    await site.house.candidate(email="known@example.org")
    words = {"password": "three brown otters", "password_again": "three brown otters"}
    seen = set()
    for email in ("known@example.org", "nobody@example.org"):
        visitor = await site.visitor()
        registration = REGISTRATION | words | {"email": email, "email_again": email}
        assert (await visitor.post("/candidate/register", registration)).status_code == 200
        form = {"email": email, "password": words["password"]}
        if path.startswith("/api/"):
            answer = await visitor.client.post(path, json=form)
        else:
            answer = await visitor.post(path, form)
        said = answer.text.replace(email, "…").replace(visitor.client.cookies[CSRF_COOKIE], "…")
        seen.add((answer.status_code, said))
    assert len(seen) == 1


async def test_a_link_to_somebody_elses_account_logs_nobody_in(site: Site) -> None:
    """Login CSRF: whoever opens the link of an attacker stays who they are, or stays out."""
    attacker = await site.visitor()
    await attacker.post("/candidate/register", REGISTRATION)
    link = await site.link()
    for victim in (await site.candidate(), await site.visitor()):
        shown = await victim.get(link)
        assert "data-press" not in shown.text
        assert REGISTRATION["email"] in text_of(shown)
        before = victim.client.cookies.get(SESSION_COOKIE)
        assert (await victim.post(link)).status_code == 422
        assert victim.client.cookies.get(SESSION_COOKIE) == before
    assert "data-press" in (await attacker.get(link)).text


async def test_a_session_is_begun_anew_however_one_comes_in(site: Site) -> None:
    await chloe(site.house)
    await site.house.recruiter(await site.house.unit("LAB2"), name="Luc")
    planted = "planted-by-somebody-else"
    first = await site.visitor()
    await first.post("/candidate/register", REGISTRATION)
    confirmation = await site.link()
    await first.post("/candidate/forgotten-password/sent", {"email": EMAIL, "secret_answer": "Odet"})
    temporary = {"email": EMAIL, "password": await site.secret("new_password")}
    ways = [
        (SESSION_COOKIE, ACCOUNT, confirmation, {"password": REGISTRATION["password"]}),
        (SESSION_COOKIE, ACCOUNT, "/candidate/login", {"email": EMAIL, "password": PASSWORD}),
        (SESSION_COOKIE, "/candidate/new-password", "/candidate/login", temporary),
        (STAFF_COOKIE, "/console", "/console/login", {"email": "luc@example.org", "password": PASSWORD}),
    ]
    for cookie, own_page, path, form in ways:
        visitor, thief = await site.visitor(), await site.visitor()
        for each in (visitor, thief):
            each.client.cookies.set(cookie, planted, domain="site.example")
        answer = await visitor.post(path, form)
        assert answer.status_code == 303, path
        assert planted not in answer.headers["set-cookie"], path
        assert f"{cookie}=" in answer.headers["set-cookie"], path
        assert (await thief.get(own_page)).status_code == 303, path


async def test_a_session_that_a_login_replaced_is_over(site: Site) -> None:
    await chloe(site.house)
    visitor = await with_temporary_password(site)
    before = visitor.client.cookies[SESSION_COOKIE]
    assert (await visitor.post("/candidate/new-password", OWN)).status_code == 303
    thief = await site.visitor()
    thief.client.cookies[SESSION_COOKIE] = before
    assert (await thief.get(ACCOUNT)).headers["location"].startswith("/candidate/login")
    assert (await thief.post("/candidate/new-password", OWN)).headers["location"] == "/candidate/login"


async def test_what_was_mailed_works_once_and_at_its_own_door(site: Site) -> None:
    candidate, visitor = await site.candidate(), await site.visitor()
    await visitor.post("/candidate/register", REGISTRATION)
    new = "new@example.org"
    await candidate.post(f"{ACCOUNT}/email", {"email": new, "email_again": new, "current_password": PASSWORD})
    await candidate.post(f"{ACCOUNT}/deletion", {"current_password": PASSWORD})
    links = {
        "confirm": await site.link(),
        "new-address": await site.link("new_email_confirmation"),
        "delete-account": await deletion_link(site),
    }
    tokens = {name: path.rpartition("/")[2] for name, path in links.items()}
    for name in links:
        others = [token for owner, token in tokens.items() if owner != name]
        answers = [await visitor.post(f"/candidate/{name}/{token}") for token in others]
        assert [answer.status_code for answer in answers] == [409, 409], name
    # the deletion first: a new address ends what was mailed to the old one
    for name in ("delete-account", "new-address", "confirm"):
        thief = await site.visitor()
        answers = [await who.post(links[name], {"password": PASSWORD}) for who in (visitor, thief, thief)]
        assert [answer.status_code for answer in answers[1:]] == [409, 409], name
        assert answers[0].status_code in {200, 303}, (name, text_of(answers[0]))


async def test_a_password_that_was_mailed_opens_once(site: Site) -> None:
    await chloe(site.house)
    await with_temporary_password(site)
    form = {"email": EMAIL, "password": await site.secret("new_password")}
    assert (await (await site.visitor()).post("/candidate/login", form)).status_code == 422
