"""Account settings: A6."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.support.house import PASSWORD, House
from tests.workflow.candidates.recovering import EMAIL, KEY, chloe, mails, secret_of
from workflow.candidates.account import (
    WaitingEmail,
    change_account,
    confirm_new_email,
    email_to_confirm,
    waiting_email,
)
from workflow.candidates.commands import confirm_candidate, log_in, register_candidate
from workflow.candidates.queries import candidate_by_id
from workflow.candidates.recovery import question_of, send_new_password
from workflow.candidates.sessions import (
    NewSession,
    end_other_session,
    log_out_everywhere,
    open_session,
    sessions_of,
)
from workflow.candidates.tables import Candidate, Registration
from workflow.database.connection import write_transaction
from workflow.engine.outbox import Announcement, record
from workflow.engine.tables import Outbox
from workflow.errors import (
    AuthenticationRequired,
    CurrentPasswordWrong,
    InvalidInput,
    LinkExpired,
    LinkUsed,
    NotFound,
    WrongCredentials,
)
from workflow.logins import UNKNOWN, Arrival, SessionView

NEW = "chloe.martin@example.org"
NEW_PASSWORD = {"password": "nine loud bitterns", "current_password": PASSWORD}
REGISTRATION: dict[str, Any] = {
    "title": "mx",
    "first_name": "Sacha",
    "last_name": "Le Goff",
    "email": NEW,
    "password": "three brown otters",
    "secret_question": "first_school",
    "secret_answer": "Rex",
    "accept_notice": True,
}


async def change(candidate_id: UUID, now: datetime, **data: Any) -> NewSession | None:
    return await change_account(
        candidate_id, {"current_password": PASSWORD} | data, arrival=UNKNOWN, secret_key=KEY, now=now
    )


async def test_a_new_password_ends_every_session_and_what_was_asked_with_the_old_one(
    database: str, house: House, now: datetime
) -> None:
    candidate_id = await chloe(house)
    before = await log_in(EMAIL, PASSWORD, now=now)
    await change(candidate_id, now, email=NEW)
    await send_new_password(EMAIL, "Odet", secret_key=KEY, now=now)
    session = await change(candidate_id, now, **NEW_PASSWORD)
    assert session is not None
    assert await open_session(before.token, now=now) is None
    assert await open_session(session.token, now=now) is not None
    for password in (PASSWORD, await secret_of("new_password")):
        with pytest.raises(WrongCredentials):
            await log_in(EMAIL, password, now=now)
    with pytest.raises(LinkExpired):
        await confirm_new_email(await secret_of("new_email_confirmation"), password=PASSWORD, now=now)
    assert await log_in(EMAIL, NEW_PASSWORD["password"], now=now)
    assert (await mails())[-1] == ("password_changed", EMAIL)


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"password": "nine loud bitterns", "current_password": "no"}, ["current_password"]),
        ({"password": "short", "current_password": "no"}, ["password", "current_password"]),
        ({"email": NEW, "email_again": EMAIL, "current_password": "no"}, ["email_again", "current_password"]),
        (
            {"secret_question": "first_school", "secret_answer": "Rex", "current_password": "no"},
            ["current_password"],
        ),
    ],
)
async def test_a_wrong_present_password_changes_nothing(
    database: str, house: House, now: datetime, data: dict[str, str], fields: list[str]
) -> None:
    candidate_id = await chloe(house)
    with pytest.raises(CurrentPasswordWrong) as caught:
        await change(candidate_id, now, **data)
    assert [error.field for error in caught.value.errors] == fields
    assert await log_in(EMAIL, PASSWORD, now=now)
    assert await mails() == []


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"password": "nine loud bitterns", "current_password": ""}, ["current_password"]),
        ({"password": "chloe.martin.55"}, ["password"]),
        ({"email": EMAIL.upper()}, ["email"]),
        ({"email": "nobody"}, ["email"]),
        ({"secret_question": "first_school"}, ["secret_answer"]),
        ({"secret_answer": "Rex"}, ["secret_question"]),
        ({"language": "de"}, ["language"]),
        ({"password": "nine loud bitterns", "email": "nobody"}, ["email"]),
    ],
)
async def test_what_does_not_fit_is_named_and_nothing_is_done(
    database: str, house: House, now: datetime, data: dict[str, str], fields: list[str]
) -> None:
    candidate_id = await chloe(house)
    with pytest.raises(InvalidInput) as caught:
        await change(candidate_id, now, **data)
    assert not isinstance(caught.value, CurrentPasswordWrong)
    assert [error.field for error in caught.value.errors] == fields
    assert await log_in(EMAIL, PASSWORD, now=now)
    assert await mails() == []


async def test_two_changes_with_the_same_password_make_one(
    database: str, house: House, now: datetime
) -> None:
    candidate_id = await chloe(house)
    passwords = [f"nine loud bitterns {number}" for number in range(3)]
    ends = await asyncio.gather(
        *(change(candidate_id, now, password=password) for password in passwords), return_exceptions=True
    )
    assert sum(isinstance(end, NewSession) for end in ends) == 1
    assert sum(isinstance(end, AuthenticationRequired) for end in ends) == 2


async def test_question_and_language_are_changed(database: str, house: House, now: datetime) -> None:
    candidate_id = await chloe(house)
    await change(candidate_id, now, own_secret_question="Whose boat?", secret_answer="Élise")
    assert await change(candidate_id, now, language="en") is None
    assert await question_of(EMAIL, secret_key=KEY) == "Whose boat?"
    await send_new_password(EMAIL, "Odet", secret_key=KEY, now=now)
    assert await mails() == [("secret_question_changed", EMAIL)]
    await send_new_password(EMAIL, "elise", secret_key=KEY, now=now)
    assert (await mails())[1:] == [("new_password", EMAIL)]
    candidate = await candidate_by_id(candidate_id)
    assert candidate is not None
    assert candidate.language == "en"


async def test_a_new_address_counts_once_it_is_confirmed(database: str, house: House, now: datetime) -> None:
    candidate_id = await chloe(house)
    await send_new_password(EMAIL, "Odet", secret_key=KEY, now=now)
    await change(candidate_id, now, email=NEW)
    assert (await mails())[1:] == [("new_email_confirmation", NEW), ("new_email_asked", EMAIL)]
    assert await email_to_confirm(candidate_id, now=now) == NEW
    with pytest.raises(WrongCredentials):
        await log_in(NEW, PASSWORD, now=now)
    token = await secret_of("new_email_confirmation")
    with pytest.raises(LinkExpired):
        await confirm_new_email(token, password=PASSWORD, now=now + timedelta(hours=48))
    await confirm_new_email(token, password=PASSWORD, now=now + timedelta(minutes=5))
    assert (await mails())[3:] == [("email_changed", EMAIL)]
    assert await email_to_confirm(candidate_id, now=now) is None
    assert await log_in(NEW, PASSWORD, now=now)
    for email, password in [(EMAIL, PASSWORD), (NEW, await secret_of("new_password"))]:
        with pytest.raises(WrongCredentials):
            await log_in(email, password, now=now)
    with pytest.raises(LinkUsed):
        await confirm_new_email(token, password=PASSWORD, now=now)
    with pytest.raises(LinkExpired):
        await confirm_new_email("made-up", now=now)


async def test_a_new_address_needs_its_account_besides_its_mailbox(
    database: str, house: House, now: datetime
) -> None:
    """Whose address was given by mistake, or in bad faith, has the link, but not the account."""
    candidate_id, stranger = await chloe(house), await chloe(house, email="zoe@example.org")
    await change(candidate_id, now, email=NEW)
    token = await secret_of("new_email_confirmation")
    assert await waiting_email(token, now=now) == WaitingEmail(candidate_id, EMAIL, NEW)
    with pytest.raises(InvalidInput) as missing:
        await confirm_new_email(token, logged_in=stranger, now=now)
    assert not isinstance(missing.value, CurrentPasswordWrong)
    with pytest.raises(CurrentPasswordWrong) as wrong:
        await confirm_new_email(token, password="nine loud bitterns", logged_in=stranger, now=now)
    assert [error.field for error in (*missing.value.errors, *wrong.value.errors)] == ["password"] * 2
    assert await log_in(EMAIL, PASSWORD, now=now)
    await confirm_new_email(token, logged_in=candidate_id, now=now)
    assert await log_in(NEW, PASSWORD, now=now)
    with pytest.raises(LinkUsed):
        await waiting_email(token, now=now)


async def test_a_new_password_is_another_one(database: str, house: House, now: datetime) -> None:
    """Of a wrong present password nothing is told, and nothing where a guess would cost nothing."""
    candidate_id = await chloe(house)
    said = []
    for data in (
        {"password": PASSWORD},
        {"password": PASSWORD, "password_again": "x"},
        {"password": PASSWORD, "current_password": ""},
        {"password": PASSWORD, "current_password": "no"},
    ):
        with pytest.raises(InvalidInput) as caught:
            await change(candidate_id, now, **data)
        said.append([(error.field, error.message) for error in caught.value.errors])
    assert said == [
        [("password", "This is the password that you had. Choose another one.")],
        [("password_again", "The two do not agree. Type it again.")],
        [("current_password", "Fill in this field.")],
        [("current_password", "This is not your present password.")],
    ]
    assert await mails() == []


async def test_what_a_mailed_password_opened_closes_when_the_owner_changes_address_or_question(
    database: str, house: House, now: datetime
) -> None:
    """Somebody reads the old mailbox and knows the old answer, and is inside already."""
    candidate_id = await chloe(house)
    changes: list[dict[str, Any]] = [
        {"own_secret_question": "Whose boat?", "secret_answer": "Odet"},
        {"email": NEW},
    ]
    for changed in changes:
        await send_new_password(EMAIL, "Odet", secret_key=KEY, now=now)
        thief = await log_in(EMAIL, await secret_of("new_password"), now=now)
        await change(candidate_id, now, **changed)
        if "email" in changed:
            await confirm_new_email(await secret_of("new_email_confirmation"), password=PASSWORD, now=now)
        assert await open_session(thief.token, now=now) is None


async def test_mails_that_do_not_say_whom_they_are_about_are_known_by_the_old_address(
    database: str, house: House, now: datetime
) -> None:
    """Older versions have written them so; once the address has changed, nobody could tell any more."""
    candidate_id = await chloe(house)
    old = Announcement("account_confirmation", "old", {"first_name": "Chloé"}, recipient=EMAIL)
    to_contact = Announcement("offer_waiting", "contact", {"waiting": 1}, recipient=EMAIL)
    async with write_transaction():
        await record([old, to_contact], now=now)
    await change(candidate_id, now, email=NEW)
    await confirm_new_email(await secret_of("new_email_confirmation"), password=PASSWORD, now=now)
    found = await Outbox.select(Outbox.subject_id).where(Outbox.recipient == EMAIL).order_by(Outbox.id)
    assert [row["subject_id"] for row in found] == [candidate_id, None, candidate_id, candidate_id]


async def test_what_came_back_is_made_good_in_the_transaction_of_a_new_address(
    database: str, house: House, now: datetime
) -> None:
    candidate_id = await chloe(house)
    async with write_transaction():
        await Candidate.update({Candidate.bounced_at: now}).where(Candidate.id == candidate_id)
    await change(candidate_id, now, email=NEW)
    token = await secret_of("new_email_confirmation")

    async def fail(candidate: dict[str, Any], email: str, *, now: datetime) -> None:
        assert (candidate["email"], candidate["bounced_at"], email) == (EMAIL, now, NEW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await confirm_new_email(token, password=PASSWORD, catch_up=fail, now=now)
    await confirm_new_email(token, password=PASSWORD, now=now)
    row = await Candidate.select(Candidate.email, Candidate.bounced_at).first()
    assert row == {"email": NEW, "bounced_at": None}


async def test_a_link_of_one_kind_does_nothing_else(database: str, house: House, now: datetime) -> None:
    candidate_id = await chloe(house)
    await change(candidate_id, now, email=NEW)
    with pytest.raises(LinkExpired):
        await confirm_candidate(await secret_of("new_email_confirmation"), now=now)
    await register_candidate(REGISTRATION | {"email": "s@example.org"}, secret_key=KEY, now=now)
    with pytest.raises(LinkExpired):
        await confirm_new_email(await secret_of("account_confirmation"), now=now)


async def test_of_an_address_that_is_taken_its_owner_alone_is_told(
    database: str, house: House, now: datetime
) -> None:
    candidate_id = await chloe(house)
    await chloe(house, email=NEW)
    for _ in range(2):
        await change(candidate_id, now, email=NEW)
    assert await mails() == [("account_exists", NEW), ("new_email_asked", EMAIL), ("new_email_asked", EMAIL)]
    assert await email_to_confirm(candidate_id, now=now) == NEW


async def test_a_registration_ends_when_an_account_moves_to_its_address(
    database: str, house: House, now: datetime
) -> None:
    candidate_id = await chloe(house)
    await register_candidate(REGISTRATION, secret_key=KEY, now=now)
    await change(candidate_id, now, email=NEW)
    await confirm_new_email(await secret_of("new_email_confirmation"), password=PASSWORD, now=now)
    assert await Candidate.select(Candidate.id, Candidate.email) == [{"id": candidate_id, "email": NEW}]
    with pytest.raises(LinkExpired):
        await confirm_candidate(
            await secret_of("account_confirmation"), password=REGISTRATION["password"], now=now
        )
    assert await Registration.count() == 0


async def test_two_confirmations_of_one_link_are_one(database: str, house: House, now: datetime) -> None:
    candidate_id = await chloe(house)
    await change(candidate_id, now, email=NEW)
    token = await secret_of("new_email_confirmation")
    ends = await asyncio.gather(
        *(confirm_new_email(token, password=PASSWORD, now=now) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(end).__name__ for end in ends) == ["LinkUsed"] * 3 + ["NoneType"]


async def test_of_those_who_want_one_address_one_gets_it(database: str, house: House, now: datetime) -> None:
    """Two accounts move to it, a third registers with it, a fourth confirms there: at once, and many times over."""
    for number in range(5):
        email = f"wanted{number}@example.org"
        tokens = []
        for name in ("ada", "ben"):
            candidate_id = await chloe(house, email=f"{name}{number}@example.org")
            await change(candidate_id, now, email=email)
            tokens.append(await secret_of("new_email_confirmation"))
        await register_candidate(REGISTRATION | {"email": email}, secret_key=KEY, now=now)
        confirmation = await secret_of("account_confirmation")
        ends = await asyncio.gather(
            *(confirm_new_email(token, password=PASSWORD, now=now) for token in tokens),
            confirm_candidate(confirmation, password=REGISTRATION["password"], now=now),
            register_candidate(REGISTRATION | {"email": email}, secret_key=KEY, now=now),
            return_exceptions=True,
        )
        failed = [end for end in ends if isinstance(end, Exception)]
        assert {type(end) for end in failed} <= {LinkExpired}
        assert await Candidate.count().where(Candidate.email_key == email) == 1
        assert await Registration.count().where(Registration.email_key == email) == 0


async def test_sessions_are_known_by_device_and_use(database: str, house: House, now: datetime) -> None:
    candidate_id = await chloe(house)
    phone = await log_in(EMAIL, PASSWORD, arrival=Arrival("Safari, iPhone"), now=now)
    desk = await log_in(EMAIL, PASSWORD, arrival=Arrival("Firefox, Linux"), now=now)
    later = now + timedelta(hours=3)
    await open_session(phone.token, now=later)
    found = await sessions_of(candidate_id, desk.token, now=later)
    assert found == (
        SessionView(found[0].id, "Firefox, Linux", now, now, is_current=True),
        SessionView(found[1].id, "Safari, iPhone", now, later, is_current=False),
    )
    stranger = await house.candidate("Zoé")
    for who, session_id in ((stranger, found[1].id), (candidate_id, 2**70), (candidate_id, 0)):
        with pytest.raises(NotFound):
            await end_other_session(who, session_id)
    await end_other_session(candidate_id, found[1].id)
    assert await sessions_of(candidate_id, desk.token, now=later) == (found[0],)
    await log_out_everywhere(candidate_id)
    assert await open_session(desk.token, now=later) is None
