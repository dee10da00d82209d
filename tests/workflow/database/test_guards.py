"""The database itself refuses what would go around the state machine (C10)."""

import sqlite3
from contextlib import closing
from datetime import datetime

import pytest

from tests.support.house import House
from workflow.applications.tables import Application
from workflow.engine.tables import History

WAYS_AROUND = [
    "UPDATE application SET status = 'successful'",
    "UPDATE application SET status = 'successful', version = version + 1",
    "UPDATE application SET version = version + 1",
    "UPDATE application SET version = 9",
    "DELETE FROM application",
    "DELETE FROM offer",
    "DELETE FROM unit",
    "DELETE FROM candidate",
    "UPDATE offer SET status = 'draft'",
    "UPDATE offer SET status = 'archived', version = version + 1",
    "DELETE FROM history",
    "UPDATE history SET event = 'accept'",
    "UPDATE history SET subject_id = subject_id",
    "INSERT INTO application SELECT * FROM application",
    "UPDATE application SET candidate = id",
    "UPDATE offer SET reference = 'OTHER'",
    """INSERT INTO history (subject_type, subject_id, version, event, from_state, to_state, actor_id, role, at,
    note_digest, digest) SELECT subject_type, subject_id, 7, event, to_state, to_state, actor_id, role, at,
    note_digest, digest FROM history""",
    "INSERT OR REPLACE INTO application SELECT * FROM application",
]


@pytest.mark.parametrize("statement", WAYS_AROUND)
async def test_ways_around_the_machine_are_refused(
    database: str, house: House, now: datetime, statement: str
) -> None:
    unit = await house.unit()
    staff = await house.recruiter(unit)
    await house.offer(staff, unit)
    await house.application(await house.candidate())
    before = await Application.select(), await History.select().order_by(History.id)
    with pytest.raises(
        Exception, match=r"application|offer|history|FOREIGN KEY|foreign key|restrict|UNIQUE|syntax"
    ):
        await Application.raw(statement)
    assert (await Application.select(), await History.select().order_by(History.id)) == before


SQLITE_WITHOUT_OUR_PRAGMAS = [
    """INSERT OR REPLACE INTO application SELECT id, candidate, offer, 'submitted', 1, covering_letter,
    covering_letter_text, cv, cv_url, submitted_at FROM application""",
    """REPLACE INTO history SELECT id, subject_type, subject_id, version, event, from_state, 'successful',
    actor_id, role, at, announce_at, undoes, note_digest, digest FROM history""",
]


@pytest.mark.parametrize("statement", SQLITE_WITHOUT_OUR_PRAGMAS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_replacing_is_refused_whatever_the_connection_sets(
    database: str, house: House, statement: str
) -> None:
    unit = await house.unit()
    await house.offer(await house.recruiter(unit), unit)
    await house.application(await house.candidate())
    with (
        closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection,
        pytest.raises(sqlite3.IntegrityError, match=r"application|history"),
    ):
        connection.execute(statement)


@pytest.mark.parametrize("table", ["application", "offer", "history"])
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_truncating_is_refused(database: str, house: House, table: str) -> None:
    unit = await house.unit()
    await house.offer(await house.recruiter(unit), unit)
    with pytest.raises(Exception, match=r"never deleted"):
        await Application.raw(f"TRUNCATE {table} CASCADE")
