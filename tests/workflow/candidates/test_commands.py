"""Registering, confirming and logging in: A2–A4."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from workflow.candidates import commands
from workflow.candidates.commands import confirm_candidate, log_in, register_candidate
from workflow.candidates.queries import candidate_by_id
from workflow.candidates.sessions import candidate_of_session, end_session
from workflow.candidates.tables import Candidate
from workflow.engine.tables import Outbox
from workflow.errors import AccountUnconfirmed, InvalidInput, LinkExpired, LinkUsed, WrongCredentials
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


async def register(now: datetime, **changes: Any) -> None:
    await register_candidate(FORM | changes, secret_key=KEY, now=now, return_to="REF-1")


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


async def test_registering_and_confirming_logs_the_candidate_in(database: str, now: datetime) -> None:
    await register(now)
    with pytest.raises(AccountUnconfirmed):
        await log_in("chloe@example.org", "seven quiet herons", now=now)
    confirmed = await confirm_candidate(await token_mailed(), now=now)
    assert confirmed.return_to == "REF-1"
    assert await candidate_of_session(confirmed.session.token, now=now) == confirmed.candidate_id
    candidate = await candidate_by_id(confirmed.candidate_id)
    assert candidate is not None
    assert (candidate.email, candidate.first_name, candidate.secret_question) == (
        "Chloe@example.org",
        "Chloé",
        "Which river?",
    )
    assert await log_in(" CHLOE@example.org", "seven quiet herons", now=now)


async def test_a_confirmation_link_works_once_and_for_48_hours(database: str, now: datetime) -> None:
    await register(now)
    token = await token_mailed()
    with pytest.raises(LinkExpired):
        await confirm_candidate(token, now=now + timedelta(hours=48))
    await confirm_candidate(token, now=now + timedelta(hours=47))
    with pytest.raises(LinkUsed):
        await confirm_candidate(token, now=now + timedelta(hours=47))
    with pytest.raises(LinkExpired):
        await confirm_candidate("made-up", now=now)


async def test_registering_again_before_confirming_starts_anew(database: str, now: datetime) -> None:
    await register(now)
    first = await token_mailed()
    await register(
        now, first_name="Cléo", password="other words entirely", password_again="other words entirely"
    )
    with pytest.raises(LinkExpired):
        await confirm_candidate(first, now=now)
    await confirm_candidate(await token_mailed(), now=now)
    assert await log_in("chloe@example.org", "other words entirely", now=now)
    assert await Candidate.count() == 1


async def test_a_mailbox_is_not_flooded_through_our_form(database: str, now: datetime) -> None:
    for _ in range(12):
        await register(now)
    assert await Outbox.count() == 10
    await confirm_candidate(await token_mailed(), now=now)
    await register(now + timedelta(hours=1))
    assert await Outbox.count() == 11


async def test_registering_a_known_address_mails_its_owner_and_changes_nothing(
    database: str, now: datetime
) -> None:
    await register(now)
    await confirm_candidate(await token_mailed(), now=now)
    for _ in range(2):
        await register(
            now, first_name="Mallory", password="quite another one", password_again="quite another one"
        )
    kinds = [row["kind"] for row in await Outbox.select(Outbox.kind).order_by(Outbox.id)]
    assert kinds == ["account_confirmation", "account_exists"]
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
    assert await Candidate.count() == 0


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
    await confirm_candidate(await token_mailed(), now=now)
    for email, password in [
        ("chloe@example.org", "wrong words here"),
        ("nobody@example.org", "seven quiet herons"),
    ]:
        with pytest.raises(WrongCredentials):
            await log_in(email, password, now=now)


async def test_a_session_ends_by_logging_out_and_by_time(database: str, now: datetime) -> None:
    await register(now)
    session = (await confirm_candidate(await token_mailed(), now=now)).session
    assert await candidate_of_session(session.token, now=now + timedelta(hours=23)) is not None
    assert await candidate_of_session(session.token, now=now + timedelta(hours=46)) is not None
    assert await candidate_of_session(session.token, now=now + timedelta(hours=71)) is None
    other = await log_in("chloe@example.org", "seven quiet herons", now=now)
    await end_session(other.token)
    assert await candidate_of_session(other.token, now=now) is None


async def test_registering_the_same_address_at_once_makes_one_account(
    database: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hashed_at_once(_secret: str) -> str:
        return "a hash"

    # hashing takes its time and would let the registrations come one after another
    monkeypatch.setattr(commands, "hashed", hashed_at_once)
    await asyncio.gather(*(register(now) for _ in range(8)))
    assert await Candidate.count() == 1
    confirmed = await confirm_candidate(await token_mailed(), now=now)
    await asyncio.gather(*(register(now) for _ in range(8)))
    assert await Outbox.count().where(Outbox.kind == "account_exists") == 1
    assert await candidate_by_id(confirmed.candidate_id) is not None
