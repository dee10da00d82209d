"""Every door has its limits, pages and API together; who is locked out heals by waiting."""

from typing import Any

import httpx
import pytest

from tests.support.house import PASSWORD
from tests.web.candidate.test_journey import REGISTRATION
from tests.web.site import ON_SQLITE, Site, Visitor, text_of
from web.kit.browsers import KNOWN_COOKIE
from workflow.limits import (
    CONFIRMATION_FROM_ORIGIN,
    LOGIN_FROM_BROWSER,
    LOGIN_FROM_ORIGIN,
    LOGIN_OF_ACCOUNT,
    LOGIN_OF_ACCOUNT_FROM_ORIGIN,
    MAILS_TO_ADDRESS,
    MAILS_TO_ADDRESS_FROM_ORIGIN,
    PASSWORD_OF_ACCOUNT,
    RECOVERY_FROM_BROWSER,
    RECOVERY_OF_ACCOUNT,
    RECOVERY_OF_ACCOUNT_FROM_ORIGIN,
    REGISTRATION_FROM_ORIGIN,
)

pytestmark = ON_SQLITE

API = "/api/v1"
DOORS = (f"{API}/session", f"{API}/console/session")
EMAIL = "chloe@example.org"
WRONG = {"email": EMAIL, "password": "wrong words here"}
RIGHT = {"email": EMAIL, "password": PASSWORD}
SENT = "/candidate/forgotten-password/sent"
OWN = {"password": "nine loud bitterns", "password_again": "nine loud bitterns"}
BOTH = pytest.mark.parametrize("email", [EMAIL, "nobody@example.org"])


@pytest.fixture(autouse=True)
def _no_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted here is how often, not how slowly."""

    async def fits(password: str, stored: str | None) -> bool:
        return stored is not None and password == PASSWORD

    async def hashed(_secret: str) -> str:
        return "a hash"

    for module in ("candidates.commands", "candidates.recovery", "candidates.account", "recruiters.login"):
        monkeypatch.setattr(f"workflow.{module}.password_fits", fits)
    monkeypatch.setattr("workflow.candidates.commands.hashed", hashed)
    monkeypatch.setattr("workflow.candidates.commands.needs_new_hash", lambda _stored: False)


async def ask(visitor: Visitor, path: str, **body: Any) -> httpx.Response:
    return await visitor.client.post(path, json=body)


async def strangers(site: Site, count: int) -> list[Visitor]:
    """Each from a network of its own."""
    return [await site.visitor(origin=f"198.51.100.{number}") for number in range(count)]


async def hammer(visitor: Visitor, times: int, path: str, expected: int, **body: Any) -> None:
    """Through the API, which asks for no token; each time with the same answer."""
    assert [(await ask(visitor, path, **body)).status_code for _ in range(times)] == [expected] * times


async def test_too_many_failures_from_an_origin_close_every_door(site: Site) -> None:
    visitor = await site.visitor()
    for number in range(LOGIN_FROM_ORIGIN.most):
        wrong = {"email": f"{number}@example.org", "password": "wrong words here"}
        assert (await ask(visitor, DOORS[number % 2], **wrong)).status_code == 401
    for door in DOORS:
        answer = await ask(visitor, door, email="new@example.org", password="wrong")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "300")
        assert answer.json()["type"] == "urn:vivier:problem:too-many-attempts"
    page = await visitor.post("/candidate/login", {"email": "new@example.org", "password": "wrong"})
    assert (page.status_code, page.headers["retry-after"]) == (429, "300")
    assert "You can try again in 5 minutes." in text_of(page)
    site.pass_time(seconds=LOGIN_FROM_ORIGIN.window.total_seconds())
    assert (await ask(visitor, DOORS[0], email="new@example.org", password="wrong")).status_code == 401


@BOTH
async def test_an_account_is_closed_to_guesses_whether_or_not_it_exists(site: Site, email: str) -> None:
    await site.house.candidate(email=EMAIL)
    visitor = await site.visitor()
    spelt = (email, f" {email.upper()}", email.replace("@", "\x01@"))
    for number in range(LOGIN_OF_ACCOUNT_FROM_ORIGIN.most):
        assert (await ask(visitor, DOORS[0], email=spelt[number % 3], password="wrong")).status_code == 401
    assert (await ask(visitor, DOORS[0], email=email, password=PASSWORD)).status_code == 429
    site.pass_time(seconds=LOGIN_OF_ACCOUNT_FROM_ORIGIN.window.total_seconds())
    expected = 201 if email == EMAIL else 401
    assert (await ask(visitor, DOORS[0], email=email, password=PASSWORD)).status_code == expected


async def test_a_stranger_elsewhere_does_not_close_an_account_to_its_owner(site: Site) -> None:
    await site.house.candidate(email=EMAIL)
    (stranger,) = await strangers(site, 1)
    await hammer(stranger, LOGIN_OF_ACCOUNT_FROM_ORIGIN.most, DOORS[0], 401, **WRONG)
    await hammer(stranger, 2, DOORS[0], 429, **RIGHT)
    owner = await site.visitor()
    assert (await owner.log_in(EMAIL)).status_code == 303
    assert (await ask(owner, DOORS[0], **RIGHT)).status_code == 201


@BOTH
async def test_many_strangers_close_an_account_to_all_but_the_browsers_that_it_knows(
    site: Site, email: str
) -> None:
    owner = await site.candidate("Chloe")
    await owner.post("/candidate/logout")
    near = await site.visitor()
    many = await strangers(site, 12)
    for stranger in many[:10]:
        await hammer(stranger, 10, DOORS[0], 401, email=email, password="wrong")
    assert LOGIN_OF_ACCOUNT.most == 100
    for stranger in (*many, near):
        await hammer(stranger, 1, DOORS[0], 429, email=email, password=PASSWORD)
    for number in range(LOGIN_FROM_ORIGIN.most):
        await hammer(near, 1, DOORS[0], 401, email=f"{number}@example.org", password="wrong")
    assert (await near.log_in("zoe@example.org")).status_code == 429
    assert (await owner.log_in(EMAIL)).status_code == 303
    site.pass_time(seconds=LOGIN_OF_ACCOUNT.window.total_seconds())
    expected = 201 if email == EMAIL else 401
    await hammer(many[11], 1, DOORS[0], expected, email=email, password=PASSWORD)


async def test_a_browser_that_an_account_knows_has_a_limit_of_its_own(site: Site) -> None:
    owner = await site.candidate("Chloe")
    await owner.post("/candidate/logout")
    for _ in range(LOGIN_FROM_BROWSER.most):
        assert (await owner.post("/candidate/login", WRONG)).status_code == 422
    assert (await owner.log_in(EMAIL)).status_code == 429
    assert (await owner.post("/candidate/login", WRONG | {"email": "zoe@example.org"})).status_code == 422
    stranger = await site.visitor()
    stranger.client.cookies[KNOWN_COOKIE] = "0" * 32 + "-" + "0" * 64
    assert (await stranger.log_in(EMAIL)).status_code == 303
    site.pass_time(seconds=LOGIN_FROM_BROWSER.window.total_seconds())
    assert (await owner.log_in(EMAIL)).status_code == 303


async def closed(site: Site) -> None:
    """The account is closed to unknown browsers."""
    for stranger in await strangers(site, 10):
        await hammer(stranger, 10, DOORS[0], 401, **WRONG)
    assert (await (await site.visitor()).log_in(EMAIL)).status_code == 429


async def test_an_account_knows_no_browser_any_more_whose_password_was_another(site: Site) -> None:
    owner, elsewhere = await site.candidate("Chloe"), await site.visitor()
    await elsewhere.log_in(EMAIL)
    await owner.post("/candidate/account/password", OWN | {"current_password": PASSWORD})
    await closed(site)
    assert (await elsewhere.log_in(EMAIL)).status_code == 429
    assert (await owner.log_in(EMAIL)).status_code == 303


async def test_a_browser_is_known_to_each_of_the_accounts_that_share_it(site: Site) -> None:
    shared = await site.candidate("Chloe")
    await site.house.candidate("Zoe", email="zoe@example.org")
    await shared.post("/candidate/logout")
    assert (await shared.log_in("zoe@example.org")).status_code == 303
    await closed(site)
    assert [(await shared.log_in(email)).status_code for email in (EMAIL, "zoe@example.org")] == [303] * 2


async def test_the_mark_names_nobody_and_no_script_reads_it(site: Site) -> None:
    await site.house.candidate(email=EMAIL)
    visitor = await site.visitor()
    assert KNOWN_COOKIE not in (await visitor.post("/candidate/login", WRONG)).headers.get("set-cookie", "")
    answer = await visitor.log_in(EMAIL)
    (mark,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith(KNOWN_COOKIE)]
    value, *attributes = mark.split("; ")
    assert sorted(attributes) == ["HttpOnly", f"Max-Age={180 * 86400}", "Path=/", "SameSite=lax"]
    assert str(await site.candidate_id()) not in value
    await visitor.post("/candidate/logout")
    assert visitor.client.cookies[KNOWN_COOKIE] == value.partition("=")[2]


async def test_logins_that_succeed_are_not_counted(site: Site) -> None:
    await site.house.candidate(email=EMAIL)
    visitor = await site.visitor()
    await hammer(visitor, LOGIN_FROM_ORIGIN.most + 1, DOORS[0], 201, **RIGHT)


@BOTH
async def test_answers_are_limited_whether_or_not_they_are_right(site: Site, email: str) -> None:
    await site.house.candidate(email=EMAIL)
    visitor = await site.visitor()
    for number in range(RECOVERY_OF_ACCOUNT_FROM_ORIGIN.most):
        answer = PASSWORD if number % 2 else "Loire"
        response = await ask(visitor, f"{API}/candidates/new-password", email=email, secret_answer=answer)
        assert response.status_code == 202
    form = {"email": email, "secret_answer": "Seine"}
    page = await visitor.post(SENT, form)
    assert (page.status_code, page.headers["retry-after"]) == (429, "3600")
    assert "You can try again in 60 minutes." in text_of(page)
    elsewhere = await site.visitor(origin="198.51.100.9")
    assert (await elsewhere.post(SENT, form)).status_code == 303
    site.pass_time(hours=1)
    assert (await visitor.post(SENT, form)).status_code == 303


@BOTH
async def test_many_strangers_do_not_keep_a_known_browser_from_recovery(site: Site, email: str) -> None:
    owner = await site.candidate("Chloe")
    await owner.post("/candidate/logout")
    guess = {"email": email, "secret_answer": "Loire"}
    many = await strangers(site, 5)
    for stranger in many[:4]:
        await hammer(stranger, 5, f"{API}/candidates/new-password", 202, **guess)
    assert RECOVERY_OF_ACCOUNT.most == 20
    assert (await many[4].post(SENT, guess)).status_code == 429
    right = {"email": EMAIL, "secret_answer": PASSWORD}
    for _ in range(RECOVERY_FROM_BROWSER.most):
        assert (await owner.post(SENT, right)).status_code == 303
    assert await site.mails() == [("new_password", EMAIL)] * RECOVERY_FROM_BROWSER.most
    assert (await owner.post(SENT, right)).status_code == 429


async def test_a_stranger_sends_a_few_links_to_an_address_and_keeps_nobody_from_registering(
    site: Site,
) -> None:
    (stranger,) = await strangers(site, 1)
    for number in range(MAILS_TO_ADDRESS_FROM_ORIGIN.most):
        spelt = REGISTRATION["email"].replace("example", ("example", "EXAMPLE", "ｅxample")[number % 3])
        if number % 2:
            answer = await stranger.post("/candidate/confirm", {"email": spelt})
        else:
            answer = await stranger.post(
                "/candidate/register", REGISTRATION | {"email": spelt, "email_again": spelt}
            )
        assert answer.status_code == 200
    assert (await stranger.post("/candidate/register", REGISTRATION)).status_code == 429
    assert (await stranger.post("/candidate/confirm", {"email": REGISTRATION["email"]})).status_code == 429
    assert len(await site.mails()) == MAILS_TO_ADDRESS_FROM_ORIGIN.most
    assert (await stranger.post("/candidate/confirm", {"email": "other@example.org"})).status_code == 200
    owner = await site.visitor()
    assert (await owner.post("/candidate/register", REGISTRATION)).status_code == 200
    assert len(await site.mails()) == MAILS_TO_ADDRESS_FROM_ORIGIN.most + 1
    assert (await owner.post(await site.link())).status_code == 303


async def test_beyond_what_a_mailbox_bears_nothing_is_sent_and_nothing_said(site: Site) -> None:
    """By whatever way; other addresses get their mails."""
    candidate = await site.candidate("Chloe")
    change = {
        "email": REGISTRATION["email"],
        "email_again": REGISTRATION["email"],
        "current_password": PASSWORD,
    }
    answers = []
    for stranger in await strangers(site, 5):
        answers += [await stranger.post("/candidate/register", REGISTRATION) for _ in range(3)]
        answers.append(await stranger.post("/candidate/confirm", {"email": REGISTRATION["email"]}))
        answers.append(await candidate.follow(await candidate.post("/candidate/account/email", change)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({text_of(answer) for answer in answers}) == 2
    told = [recipient for _, recipient in await site.mails()]
    assert told.count(REGISTRATION["email"]) == MAILS_TO_ADDRESS.most == len(answers) - 5
    assert told.count(EMAIL) == 5
    other = REGISTRATION | {"email": "other@example.org", "email_again": "other@example.org"}
    await (await site.visitor()).post("/candidate/register", other)
    assert (await site.mails())[-1] == ("account_confirmation", "other@example.org")
    site.pass_time(hours=1)
    await (await site.visitor()).post("/candidate/confirm", {"email": REGISTRATION["email"]})
    assert (await site.mails())[-1] == ("account_confirmation", REGISTRATION["email"])


async def test_mistakes_in_a_registration_count_for_their_origin_alone(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They cost work, and send nobody a mail."""
    monkeypatch.setattr("workflow.account_checks.is_guessable", lambda _password, _known: True)
    visitor = await site.visitor()
    program = {name: text for name, text in REGISTRATION.items() if not name.endswith("_again")}
    program |= {"accept_notice": True}  # type: ignore[dict-item]  # JSON
    for number in range(REGISTRATION_FROM_ORIGIN.most):
        if number % 50 == 0:
            assert (await visitor.post("/candidate/register", REGISTRATION)).status_code == 422
        else:
            offer = {"offer": "REF-UNKNOWN"} if number % 2 else {}
            assert (await ask(visitor, f"{API}/candidates", **program, **offer)).status_code == 422
    assert (await visitor.post("/candidate/register", REGISTRATION)).status_code == 429
    assert (await ask(visitor, f"{API}/candidates", **program, offer="REF-UNKNOWN")).status_code == 429
    monkeypatch.undo()
    elsewhere = await site.visitor(origin="198.51.100.9")
    assert (await elsewhere.post("/candidate/register", REGISTRATION)).status_code == 200
    site.pass_time(hours=1)
    assert (await visitor.post("/candidate/register", REGISTRATION)).status_code == 200


async def test_correcting_a_registration_many_times_keeps_nobody_from_it(site: Site) -> None:
    visitor = await site.visitor()
    wrong = REGISTRATION | {"password_again": "x"}
    for _ in range(MAILS_TO_ADDRESS_FROM_ORIGIN.most + 1):
        assert (await visitor.post("/candidate/register", wrong)).status_code == 422
    assert (await visitor.post("/candidate/register", REGISTRATION)).status_code == 200


async def test_links_are_not_found_by_trying(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.post("/candidate/register", REGISTRATION)
    link = await site.link()
    for number in range(CONFIRMATION_FROM_ORIGIN.most):
        door = ("confirm", "new-address")[number % 2]
        assert (await visitor.post(f"/candidate/{door}/{number}")).status_code == 409
    assert (await ask(visitor, f"{API}/candidates/confirmation", token="x")).status_code == 429
    assert (await visitor.post(link)).status_code == 429
    site.pass_time(hours=1)
    assert (await visitor.post(link)).status_code == 303


async def test_an_open_session_is_no_way_to_guess_the_password(site: Site) -> None:
    candidate = await site.candidate()
    form = {
        "current_password": "wrong",
        "password": "nine loud bitterns",
        "password_again": "nine loud bitterns",
    }
    for _ in range(PASSWORD_OF_ACCOUNT.most):
        assert (await candidate.post("/candidate/account/password", form)).status_code == 422
    form |= {"current_password": PASSWORD}
    assert (await candidate.post("/candidate/account/password", form)).status_code == 429
    site.pass_time(minutes=15)
    assert (await candidate.post("/candidate/account/password", form)).status_code == 303
