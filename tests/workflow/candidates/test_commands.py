"""Registering, confirming and logging in: A2–A4."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher

from workflow.candidates import commands
from workflow.candidates.commands import (
    Confirmed,
    confirm_candidate,
    log_in,
    register_candidate,
    send_confirmation_link,
)
from workflow.candidates.queries import candidate_by_id
from workflow.candidates.sessions import OpenSession, end_session, open_session
from workflow.candidates.tables import Candidate, CandidateSession, Registration
from workflow.engine.tables import Outbox
from workflow.errors import CurrentPasswordWrong, InvalidInput, LinkExpired, LinkUsed, WrongCredentials
from workflow.logins import Arrival
from workflow.passwords import needs_new_hash
from workflow.sealing import unseal

KEY = "a secret key for the tests"
FORM: dict[str, Any] = {
    "title": "ms",
    "first_name": "Chloé",
    "last_name": "N’Guyen",
    "email": "Chloe@Example.org",
    "email_again": "chloe@example.org",
    "password": "seven quiet herons",
    "password_again": "seven quiet herons",
    "own_secret_question": "Which river?",
    "secret_answer": "Odet",
    "accept_notice": "yes",
    "language": "fr",
}


BROWSER = "what the browser keeps"


async def register(now: datetime, *, browser: str = BROWSER, **changes: Any) -> None:
    await register_candidate(FORM | changes, secret_key=KEY, now=now, browser=browser, return_to="REF-1")


async def confirm(token: str, now: datetime) -> Confirmed:
    """In the browser that registered."""
    return await confirm_candidate(token, browser=BROWSER, now=now)


async def token_mailed() -> str:
    """The newest link that waits in the outbox."""
    row = (
        await Outbox.select()
        .where(Outbox.kind == "account_confirmation")
        .order_by(Outbox.id, ascending=False)
        .first()
    )
    assert row is not None
    path: str = unseal(row["secret"], KEY)["path"]
    return path.rsplit("/", 1)[1]


async def kinds() -> list[str]:
    """Every mail recorded, oldest first."""
    return await Outbox.select(Outbox.kind).order_by(Outbox.id).output(as_list=True)


async def test_registering_and_confirming_logs_the_candidate_in(database: str, now: datetime) -> None:
    await register(now)
    assert await Candidate.count() == 0
    confirmed = await confirm(await token_mailed(), now + timedelta(minutes=5))
    assert confirmed.return_to == "REF-1"
    assert await open_session(confirmed.session.token, now=now) == OpenSession(confirmed.candidate_id, False)
    candidate = await candidate_by_id(confirmed.candidate_id)
    assert candidate is not None
    assert (candidate.email, candidate.first_name, candidate.secret_question) == (
        "Chloe@example.org",
        "Chloé",
        "Which river?",
    )
    assert await log_in(" CHLOE@example.org", "seven quiet herons", now=now)
    instants = (Candidate.notice_accepted_at, Candidate.created_at, Candidate.confirmed_at)
    row = await Candidate.select(*instants).first()
    assert row == {
        "notice_accepted_at": now,
        "created_at": now + timedelta(minutes=5),
        "confirmed_at": now + timedelta(minutes=5),
    }


async def test_a_login_says_the_same_of_an_address_with_an_account_and_of_one_that_waits(
    database: str, now: datetime
) -> None:
    """Whoever registers an address and then logs in with that password learns nothing of it."""
    await register(now, email="known@example.org", email_again="known@example.org")
    await confirm(await token_mailed(), now)
    words = "other words entirely"
    for email in ("known@example.org", "new@example.org"):
        await register(now, email=email, email_again=email, password=words, password_again=words)
        with pytest.raises(WrongCredentials):
            await log_in(email, words, now=now)


async def test_a_confirmation_link_works_once_and_for_48_hours(database: str, now: datetime) -> None:
    await register(now)
    token = await token_mailed()
    with pytest.raises(LinkExpired):
        await confirm(token, now + timedelta(hours=48))
    await confirm(token, now + timedelta(hours=47))
    for later in (47, 96):
        with pytest.raises(LinkUsed):
            await confirm(token, now + timedelta(hours=later))
    with pytest.raises(LinkExpired):
        await confirm("made-up", now)


async def test_in_another_browser_the_password_of_the_registration_is_asked_for(
    database: str, now: datetime
) -> None:
    await register(now)
    token = await token_mailed()
    mistakes = [("", InvalidInput), ("other words entirely", CurrentPasswordWrong)]
    for browser in ("", "another browser"):
        for password, mistake in mistakes:
            with pytest.raises(mistake) as refused:
                await confirm_candidate(token, password=password, browser=browser, now=now)
            assert [error.field for error in refused.value.errors] == ["password"]
    assert await Candidate.count() == 0
    await confirm_candidate(token, password=FORM["password"], browser="another browser", now=now)
    assert await Candidate.count() == 1


async def test_a_registration_without_a_browser_is_confirmed_by_its_password(
    database: str, now: datetime
) -> None:
    await register(now, browser="")
    with pytest.raises(InvalidInput):
        await confirm_candidate(await token_mailed(), now=now)
    assert await confirm_candidate(await token_mailed(), password=FORM["password"], now=now)


async def test_who_registers_at_somebodys_address_changes_nothing_for_them(
    database: str, now: datetime
) -> None:
    """Neither their link nor their password; and the thief's own link is of no use in the victim's browser."""
    await register(now)
    own = await token_mailed()
    words = "other words entirely"
    await register(now, browser="the thief's", first_name="Mallory", password=words, password_again=words)
    thiefs = await token_mailed()
    for password in ("", FORM["password"]):
        with pytest.raises(InvalidInput):
            await confirm_candidate(thiefs, password=password, browser=BROWSER, now=now)
    await confirm(own, now)
    assert await Candidate.select(Candidate.first_name) == [{"first_name": "Chloé"}]
    assert await log_in("chloe@example.org", FORM["password"], now=now)
    with pytest.raises(LinkExpired):
        await confirm_candidate(thiefs, password=words, browser="the thief's", now=now)
    with pytest.raises(LinkUsed):
        await confirm(own, now)


async def test_of_a_confirmed_registration_nothing_personal_is_left(database: str, now: datetime) -> None:
    await register(now)
    await send_confirmation_link(FORM["email"], secret_key=KEY, now=now)
    await register(now, first_name="Mallory")
    first = await Registration.select().order_by(Registration.id).first()
    assert first is not None
    confirmed = await confirm_candidate(await token_mailed(), browser=BROWSER, now=now)
    (left,) = await Registration.select()
    assert {name for name, value in left.items() if value not in (None, "")} == {
        "id",
        "token_digest",
        "candidate_id",
        "language",
        "notice_version",
        "notice_accepted_at",
        "created_at",
        "expires_at",
        "used_at",
    }
    assert left["candidate_id"] == confirmed.candidate_id != first["candidate_id"]


async def test_a_new_link_is_sent_to_who_waits_for_one(database: str, now: datetime) -> None:
    await register(now)
    first = await token_mailed()
    for email in (" CHLOE@example.org", "nobody@example.org"):
        await send_confirmation_link(email, secret_key=KEY, now=now + timedelta(hours=49))
    assert await kinds() == ["account_confirmation", "account_confirmation"]
    with pytest.raises(LinkExpired):
        await confirm(first, now + timedelta(hours=49))
    confirmed = await confirm(await token_mailed(), now + timedelta(hours=96))
    assert confirmed.return_to == "REF-1"
    with pytest.raises(LinkUsed):  # the older link of the same registration
        await confirm(first, now + timedelta(hours=96))
    for _ in range(2):
        await send_confirmation_link("chloe@example.org", secret_key=KEY, now=now + timedelta(hours=96))
    assert await kinds() == ["account_confirmation", "account_confirmation", "account_exists"]


async def test_a_link_that_is_not_used_up_works_beside_a_newer_one(database: str, now: datetime) -> None:
    await register(now)
    first = await token_mailed()
    await send_confirmation_link(FORM["email"], secret_key=KEY, now=now + timedelta(hours=1))
    await confirm(first, now + timedelta(hours=47))
    with pytest.raises(LinkUsed):
        await confirm(await token_mailed(), now + timedelta(hours=47))


async def test_a_new_link_is_for_the_registration_of_the_browser_that_asks(
    database: str, now: datetime
) -> None:
    await register(now)
    await register(now, browser="the thief's", first_name="Mallory")
    names = []
    for browser in ("another", BROWSER, ""):
        await send_confirmation_link(FORM["email"], secret_key=KEY, now=now, browser=browser)
        row = await Registration.select().order_by(Registration.id, ascending=False).first()
        assert row is not None
        names.append(row["first_name"])
        with pytest.raises(InvalidInput):
            await confirm_candidate(await token_mailed(), browser="another", now=now)
    assert names == ["Mallory", "Chloé", "Chloé"]


async def test_registering_a_known_address_mails_its_owner_and_changes_nothing(
    database: str, now: datetime
) -> None:
    await register(now)
    await confirm(await token_mailed(), now)
    for _ in range(2):
        await register(
            now, first_name="Mallory", password="quite another one", password_again="quite another one"
        )
    assert await kinds() == ["account_confirmation", "account_exists"]
    assert await log_in("chloe@example.org", "seven quiet herons", now=now)


async def test_every_missing_field_is_told_at_once(database: str, now: datetime) -> None:
    with pytest.raises(InvalidInput) as caught:
        await register_candidate({}, secret_key=KEY, now=now)
    assert {error.field for error in caught.value.errors} == {
        "title",
        "first_name",
        "last_name",
        "email",
        "password",
        "secret_question",
        "secret_answer",
        "accept_notice",
    }
    assert await Registration.count() == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"email": "é@example.org"}, "email"),
        ({"language": "de"}, "language"),
        ({"email_again": "other@example.org"}, "email_again"),
        ({"password": "short", "password_again": "short"}, "password"),
        ({"password": "aaaaaaaaaaaaaaaa", "password_again": "aaaaaaaaaaaaaaaa"}, "password"),
        ({"password_again": "seven quiet heron"}, "password_again"),
        ({"title": "sir"}, "title"),
        ({"own_secret_question": ""}, "secret_question"),
        ({"accept_notice": "no"}, "accept_notice"),
        ({"first_name": "x" * 101}, "first_name"),
    ],
)
async def test_a_wrong_field_is_told(
    database: str, now: datetime, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await register(now, **changes)
    assert field in {error.field for error in caught.value.errors}


async def test_wrong_password_and_unknown_address_get_the_same_answer(database: str, now: datetime) -> None:
    await register(now)
    await confirm(await token_mailed(), now)
    for email, password in [
        ("chloe@example.org", "wrong words here"),
        ("nobody@example.org", "seven quiet herons"),
    ]:
        with pytest.raises(WrongCredentials):
            await log_in(email, password, now=now)


async def test_a_session_ends_by_logging_out_and_by_time(database: str, now: datetime) -> None:
    await register(now)
    session = (await confirm(await token_mailed(), now)).session
    assert await open_session(session.token, now=now + timedelta(hours=23)) is not None
    assert await open_session(session.token, now=now + timedelta(hours=46)) is not None
    assert await open_session(session.token, now=now + timedelta(hours=71)) is None
    other = await log_in("chloe@example.org", "seven quiet herons", now=now)
    assert await end_session(other.token)
    assert not await end_session(other.token)
    assert await open_session(other.token, now=now) is None


async def test_a_session_ends_after_thirty_days_of_use(database: str, now: datetime) -> None:
    await register(now)
    session = (await confirm(await token_mailed(), now)).session
    for hours in range(20, 30 * 24, 20):
        assert await open_session(session.token, now=now + timedelta(hours=hours)) is not None
    assert await open_session(session.token, now=now + timedelta(days=30)) is None
    await log_in("chloe@example.org", "seven quiet herons", now=now + timedelta(days=30))
    assert await CandidateSession.count() == 1


async def test_logging_in_anew_ends_the_session_that_the_browser_had(database: str, now: datetime) -> None:
    await register(now)
    first = (await confirm(await token_mailed(), now)).session
    elsewhere = await log_in("chloe@example.org", "seven quiet herons", now=now)
    arrival = Arrival("Firefox, Windows", first.token)
    second = await log_in("chloe@example.org", "seven quiet herons", arrival=arrival, now=now)
    tokens = [first.token, elsewhere.token, second.token]
    assert [await open_session(token, now=now) is not None for token in tokens] == [False, True, True]


async def test_a_login_that_succeeds_brings_the_hash_up_to_date(database: str, now: datetime) -> None:
    await register(now)
    await confirm(await token_mailed(), now)
    old = PasswordHasher(time_cost=1, memory_cost=8_192).hash("seven quiet herons")
    await Candidate.update({Candidate.password_hash: old}, force=True)
    with pytest.raises(WrongCredentials):
        await log_in("chloe@example.org", "wrong words here", now=now)
    assert await Candidate.select(Candidate.password_hash).output(as_list=True) == [old]
    await log_in("chloe@example.org", "seven quiet herons", now=now)
    (new,) = await Candidate.select(Candidate.password_hash).output(as_list=True)
    assert (needs_new_hash(old), needs_new_hash(new)) == (True, False)
    assert await log_in("chloe@example.org", "seven quiet herons", now=now)


async def test_a_login_under_way_does_not_outlive_a_change_of_the_password(
    database: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await register(now)
    await confirm(await token_mailed(), now)
    old = PasswordHasher(time_cost=1, memory_cost=8_192).hash("seven quiet herons")
    await Candidate.update({Candidate.password_hash: old}, force=True)

    async def changed_meanwhile(secret: str) -> str:
        await Candidate.update({Candidate.password_hash: "another"}, force=True)
        return secret

    monkeypatch.setattr(commands, "hashed", changed_meanwhile)
    with pytest.raises(WrongCredentials):
        await log_in("chloe@example.org", "seven quiet herons", now=now)
    assert await CandidateSession.count() == 1


async def test_registrations_of_one_address_confirmed_at_once_make_one_account(
    database: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hashed_at_once(_secret: str) -> str:
        return "a hash"

    # hashing takes its time and would let the registrations come one after another
    monkeypatch.setattr(commands, "hashed", hashed_at_once)
    tokens = []
    for _ in range(8):
        await register(now)
        tokens.append(await token_mailed())
    ends = await asyncio.gather(*(confirm(token, now) for token in tokens), return_exceptions=True)
    assert Counter(type(end) for end in ends) == {Confirmed: 1, LinkExpired: 7}
    assert await Candidate.count() == 1
    await asyncio.gather(*(register(now) for _ in range(8)))
    assert await Outbox.count().where(Outbox.kind == "account_exists") == 1
    assert await Registration.count().where(Registration.used_at.is_null()) == 0


async def test_one_link_pressed_at_once_makes_one_account(database: str, now: datetime) -> None:
    await register(now)
    token = await token_mailed()
    ends = await asyncio.gather(*(confirm(token, now) for _ in range(6)), return_exceptions=True)
    assert Counter(type(end) for end in ends) == {Confirmed: 1, LinkUsed: 5}
    assert (await Candidate.count(), await CandidateSession.count()) == (1, 1)


async def test_an_address_is_found_however_it_is_typed(database: str, now: datetime) -> None:
    await register(now, email="zoe@müller.example", email_again="ZOE@müller.example")
    await confirm(await token_mailed(), now)
    for email in ("zoe@müller.example", " ZOE@MÜLLER.example", "zoe@xn--mller-kva.example"):
        assert await log_in(email, "seven quiet herons", now=now)
