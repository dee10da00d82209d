"""Every door has its limits, pages and API together; who is locked out heals by waiting."""

from typing import Any

import httpx
import pytest

from tests.support.house import PASSWORD
from tests.web.candidate.test_journey import REGISTRATION
from tests.web.site import ON_SQLITE, Site, Visitor, text_of
from workflow.limits import (
    CONFIRMATION_FROM_ADDRESS,
    LOGIN_FROM_ADDRESS,
    LOGIN_OF_ACCOUNT,
    MAILS_TO_ADDRESS,
    PASSWORD_OF_ACCOUNT,
    RECOVERY_OF_ACCOUNT,
)

pytestmark = ON_SQLITE

API = "/api/v1"
DOORS = (f"{API}/session", f"{API}/console/session")


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted here is how often, not how slowly."""

    async def fits(password: str, stored: str | None) -> bool:
        return stored is not None and password == PASSWORD

    for module in ("candidates.commands", "candidates.recovery", "candidates.account", "recruiters.tables"):
        monkeypatch.setattr(f"workflow.{module}.password_fits", fits)


async def ask(visitor: Visitor, path: str, **body: Any) -> httpx.Response:
    return await visitor.client.post(path, json=body)


async def test_too_many_failures_from_an_address_close_every_door(site: Site) -> None:
    visitor = await site.visitor()
    for number in range(LOGIN_FROM_ADDRESS.most):
        wrong = {"email": f"{number}@example.org", "password": "wrong words here"}
        assert (await ask(visitor, DOORS[number % 2], **wrong)).status_code == 401
    for door in DOORS:
        answer = await ask(visitor, door, email="new@example.org", password="wrong")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "300")
        assert answer.json()["type"] == "urn:vivier:problem:too-many-attempts"
    page = await visitor.post("/candidate/login", {"email": "new@example.org", "password": "wrong"})
    assert (page.status_code, page.headers["retry-after"]) == (429, "300")
    assert "You can try again in 5 minutes." in text_of(page)
    site.pass_time(seconds=LOGIN_FROM_ADDRESS.window.total_seconds())
    assert (await ask(visitor, DOORS[0], email="new@example.org", password="wrong")).status_code == 401


@pytest.mark.parametrize("email", ["chloe@example.org", "nobody@example.org"])
async def test_an_account_is_closed_to_guesses_whether_or_not_it_exists(site: Site, email: str) -> None:
    await site.house.candidate(email="chloe@example.org")
    visitor = await site.visitor()
    spelt = (email, f" {email.upper()}", email.replace("@", "\x01@"))
    for number in range(LOGIN_OF_ACCOUNT.most):
        assert (await ask(visitor, DOORS[0], email=spelt[number % 3], password="wrong")).status_code == 401
    assert (await ask(visitor, DOORS[0], email=email, password=PASSWORD)).status_code == 429
    site.pass_time(seconds=LOGIN_OF_ACCOUNT.window.total_seconds())
    expected = 201 if email.startswith("chloe") else 401
    assert (await ask(visitor, DOORS[0], email=email, password=PASSWORD)).status_code == expected


async def test_logins_that_succeed_are_not_counted(site: Site) -> None:
    await site.house.candidate(email="chloe@example.org")
    visitor = await site.visitor()
    for _ in range(LOGIN_FROM_ADDRESS.most + 1):
        answer = await ask(visitor, DOORS[0], email="chloe@example.org", password=PASSWORD)
        assert answer.status_code == 201


@pytest.mark.parametrize("email", ["chloe@example.org", "nobody@example.org"])
async def test_answers_are_limited_whether_or_not_they_are_right(site: Site, email: str) -> None:
    await site.house.candidate(email="chloe@example.org")
    visitor = await site.visitor()
    for number in range(RECOVERY_OF_ACCOUNT.most):
        answer = PASSWORD if number % 2 else "Loire"
        response = await ask(visitor, f"{API}/candidates/new-password", email=email, secret_answer=answer)
        assert response.status_code == 202
    form = {"email": email, "secret_answer": "Seine"}
    page = await visitor.post("/candidate/forgotten-password/sent", form)
    assert (page.status_code, page.headers["retry-after"]) == (429, "3600")
    assert "You can try again in 60 minutes." in text_of(page)
    site.pass_time(hours=1)
    assert (await visitor.post("/candidate/forgotten-password/sent", form)).status_code == 303


async def test_a_mailbox_is_not_flooded_through_our_forms(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hashed(_secret: str) -> str:
        return "a hash"

    monkeypatch.setattr("workflow.candidates.commands.hashed", hashed)
    visitor = await site.visitor()
    for number in range(MAILS_TO_ADDRESS.most):
        spelt = REGISTRATION["email"].replace("example", ("example", "EXAMPLE", "ｅxample")[number % 3])
        if number % 2:
            answer = await visitor.post("/candidate/confirm", {"email": spelt})
        else:
            answer = await visitor.post(
                "/candidate/register", REGISTRATION | {"email": spelt, "email_again": spelt}
            )
        assert answer.status_code == 200
    assert (await visitor.post("/candidate/register", REGISTRATION)).status_code == 429
    assert (await visitor.post("/candidate/confirm", {"email": REGISTRATION["email"]})).status_code == 429
    assert len(await site.mails()) == MAILS_TO_ADDRESS.most
    assert (await visitor.post("/candidate/confirm", {"email": "other@example.org"})).status_code == 200
    assert (await visitor.post(await site.link())).status_code == 303


async def test_mistakes_in_a_registration_are_not_counted(site: Site) -> None:
    visitor = await site.visitor()
    wrong = REGISTRATION | {"password_again": "x"}
    for _ in range(MAILS_TO_ADDRESS.most + 1):
        assert (await visitor.post("/candidate/register", wrong)).status_code == 422
    assert (await visitor.post("/candidate/register", REGISTRATION)).status_code == 200


async def test_links_are_not_found_by_trying(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.post("/candidate/register", REGISTRATION)
    link = await site.link()
    for number in range(CONFIRMATION_FROM_ADDRESS.most):
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
