"""A database of an older installation: what it holds is still good after migrating."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager

from tests.support.house import PASSWORD
from tests.support.postgres import run_apart
from workflow.candidates.commands import confirm_candidate, log_in, send_confirmation_link
from workflow.candidates.tables import Candidate, CandidateLink, Registration
from workflow.database.connection import (
    database_from_url,
    opened_database,
    use_database,
    write_transaction,
)
from workflow.database.migrating import APP, applied_migrations, migrate
from workflow.engine.tables import Outbox
from workflow.errors import InvalidInput, LinkExpired, LinkUsed
from workflow.logins import digest_of
from workflow.passwords import hash_password
from workflow.privacy.traces import orphans

WAITS, CONFIRMED = UUID(int=1), UUID(int=2)


async def _make(address: str, name: str) -> None:
    connection = await asyncpg.connect(f"{address}/postgres")
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'older.sqlite'}"
    address, name = request.getfixturevalue("postgres"), f"vivier_older_{uuid4().hex[:8]}"
    run_apart(_make(address, name))
    return f"{address}/{name}"


@pytest.fixture
async def before_accounts(empty_url: str) -> AsyncIterator[None]:
    """The database as migration 0004 has left it."""
    use_database(database_from_url(empty_url))
    async with opened_database():
        await ForwardsMigrationManager(app_name=APP, migration_id="0004").run()
        assert await applied_migrations() == ("0001", "0002", "0003", "0004")
        yield


async def insert(table: str, **values: Any) -> None:
    marks = ", ".join("{}" for _ in values)
    await Outbox.raw(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", *values.values())


async def account(candidate_id: UUID, email: str, now: datetime, confirmed_at: datetime | None) -> None:
    texts = ("address", "postal_code", "city", "country", "phone", "nationality", "level", "situation")
    await insert(
        "candidate",
        id=candidate_id,
        email=email,
        email_key=email.lower(),
        password_hash=hash_password(PASSWORD),
        title="ms",
        first_name="Chloé",
        last_name="Martin",
        secret_question="Which river?",
        secret_answer_hash="a hash",
        language="fr",
        notice_version="1",
        notice_accepted_at=now,
        return_to="REF-1",
        created_at=now,
        confirmed_at=confirmed_at,
        last_active_at=now,
        languages="",
        **dict.fromkeys(texts, ""),
    )


async def link(token: str, candidate_id: UUID, now: datetime, *, hours: float, used: bool = False) -> None:
    await insert(
        "candidate_link",
        token_digest=digest_of(token),
        candidate=candidate_id,
        purpose="confirmation",
        created_at=now,
        expires_at=now + timedelta(hours=hours),
        used_at=now if used else None,
    )


async def mail(key: str, recipient: str, now: datetime) -> None:
    await insert(
        "outbox",
        kind="account_confirmation",
        dedup_key=key,
        recipient=recipient,
        params="{}",
        state="sent",
        due_at=now,
        attempts=1,
        created_at=now,
        settled_at=now,
    )


async def test_an_account_that_waits_becomes_a_registration_whose_link_works(
    before_accounts: None, now: datetime
) -> None:
    async with write_transaction():
        await account(WAITS, "Waits@example.org", now, None)
        await account(CONFIRMED, "confirmed@example.org", now, now)
        await link("ended", WAITS, now, hours=0)
        await link("waits", WAITS, now, hours=48)
        await link("superseded", CONFIRMED, now, hours=0)
        await link("used", CONFIRMED, now, hours=48, used=True)
        for key, recipient in enumerate(("waits@example.org", "Waits@example.org", "confirmed@example.org")):
            await mail(str(key), recipient, now)
    await migrate()

    assert await Candidate.select(Candidate.id) == [{"id": CONFIRMED}]
    assert await CandidateLink.count() == 0
    left = await Registration.select().where(Registration.candidate_id == CONFIRMED)
    assert [(row["email"], row["first_name"], row["password_hash"]) for row in left] == [("", "", "")] * 2
    for token, problem in (("ended", LinkExpired), ("superseded", LinkUsed), ("used", LinkUsed)):
        with pytest.raises(problem):
            await confirm_candidate(token, password=PASSWORD, now=now)
    assert await log_in("confirmed@example.org", PASSWORD, now=now)

    subjects = await Outbox.select(Outbox.subject_id).order_by(Outbox.dedup_key).output(as_list=True)
    assert subjects == [WAITS, WAITS, CONFIRMED]
    assert await orphans(now=now) == ()
    await send_confirmation_link("waits@example.org", secret_key="key", now=now + timedelta(hours=1))
    assert await Registration.count().where(Registration.candidate_id == WAITS) == 3
    with pytest.raises(InvalidInput):
        await confirm_candidate("waits", now=now)
    confirmed = await confirm_candidate("waits", password=PASSWORD, now=now)
    assert (confirmed.candidate_id, confirmed.return_to) == (WAITS, "REF-1")
    row = await Candidate.select().where(Candidate.id == WAITS).first()
    assert row is not None
    known = ("email", "email_key", "first_name", "secret_question", "notice_accepted_at", "confirmed_at")
    assert [row[name] for name in known] == [
        "Waits@example.org",
        "waits@example.org",
        "Chloé",
        "Which river?",
        now,
        now,
    ]


async def test_mails_about_an_account_that_nobody_confirms_go_with_its_registration(
    before_accounts: None, now: datetime
) -> None:
    async with write_transaction():
        await account(WAITS, "waits@example.org", now, None)
        await link("waits", WAITS, now, hours=48)
        await mail("1", "waits@example.org", now)
    await migrate()
    async with write_transaction():
        await Registration.delete().where(Registration.candidate_id == WAITS)
    assert [trace.recipient for trace in await orphans(now=now)] == ["waits@example.org"]
