"""The database itself refuses what would go around the state machines, whoever asks and however (C10)."""

import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.support.house import House
from tests.support.postgres import run_apart
from tests.workflow.database import statements as ways
from tests.workflow.documents.making import pdf
from workflow.applications.commands import move_application
from workflow.applications.tables import Application
from workflow.candidates.tables import Candidate
from workflow.database.connection import dialect
from workflow.documents.commands import Upload
from workflow.documents.tables import Document
from workflow.engine.tables import History, HistoryNote, Outbox
from workflow.offers.tables import Offer
from workflow.recruiters.tables import Unit

TABLES = (Application, Offer, History, HistoryNote, Candidate, Unit, Document, Outbox)
EVERYWHERE = {
    **ways.STATUS,
    **ways.BELONGING,
    **ways.DELETING,
    **ways.BEGINNING,
    **ways.HISTORY,
    **ways.UPSERTS,
}
POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)

Run = Callable[[str], Awaitable[Any]]


async def everything() -> list[list[str]]:
    """All that must not have changed."""
    return [sorted(str(row) for row in await table.select()) for table in TABLES]


async def _orphan(subject: str, row: UUID, version: int, event: str, before: str, after: str) -> None:
    """A step without its move."""
    await History.raw(
        "INSERT INTO history (subject_type, subject_id, version, event, from_state, to_state, actor_id, role, at, "
        "note_digest, digest) SELECT {}, {}, {}, {}, {}, {}, actor_id, role, at, note_digest, digest FROM history "
        "WHERE subject_type = 'application' AND version = 1 LIMIT 1",
        *(subject, row, version, event, before, after),
    )


@pytest.fixture
async def places(database: str, house: House, now: datetime) -> dict[str, Any]:
    """Two offers, three applications, one of them rejected with a note, and steps that nobody took."""
    unit = await house.unit()
    staff = await house.recruiter(unit)
    await house.offer(staff, unit)
    await house.offer(staff, unit, "REF-2")
    names = ("reject", "alone", "other")
    people = [await house.candidate(name) for name in ("Chloé", "Zoé", "Omar")]
    places = {
        name: await house.application(person, cv=Upload("cv.pdf", pdf()))
        for name, person in zip(names, people, strict=True)
    }
    for event in ("consider", "reject"):
        await move_application(
            staff, places["reject"], event, terms=house.terms, now=now, note="Too few herons."
        )
    places |= {name: uuid4() for name in ("begun", "odd", "drawn", "nobody")}
    await _orphan("application", places["alone"], 2, "consider", "submitted", "under_consideration")
    await _orphan("application", places["begun"], 1, "submit", "", "submitted")
    await _orphan("application", places["odd"], 1, "submit", "", "successful")
    await _orphan("offer", places["drawn"], 1, "create", "", "draft")
    return places


async def answers(run: Run, statements: Mapping[str, str], places: Mapping[str, Any]) -> dict[str, str]:
    """What each statement is answered. Asserts that it changed nothing."""
    said = {}
    before = await everything()
    for statement in statements:
        try:
            await run(statement.format_map(places))
            said[statement] = "done"
        except (sqlite3.Error, asyncpg.PostgresError) as error:
            said[statement] = str(error)
        assert await everything() == before, statement
    return said


async def test_ways_around_are_refused_to_ourselves(places: dict[str, Any]) -> None:
    own = ways.ON_SQLITE if dialect() == "sqlite" else ways.ON_POSTGRES
    statements = EVERYWHERE | own
    assert await answers(Application.raw, statements, places) == statements


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_ways_around_are_refused_to_any_program_on_sqlite(
    database: str, places: dict[str, Any]
) -> None:
    """One that knows nothing of our pragmas: no foreign keys, no triggers for what REPLACE deletes."""
    statements = EVERYWHERE | ways.ON_SQLITE
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)) as connection:

        async def run(statement: str) -> None:
            connection.execute(statement)

        assert await answers(run, statements, places) == statements


@pytest.fixture
def clerk(postgres_url: str) -> Iterator[str]:
    """The address of the database for somebody who may read and write all rows and owns no table."""
    name = f"clerk_{uuid4().hex[:8]}"

    async def ask(*asked: str) -> None:
        connection = await asyncpg.connect(postgres_url)
        try:
            for statement in asked:
                await connection.execute(statement)
        finally:
            await connection.close()

    rights = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES"
    run_apart(
        ask(
            f"CREATE ROLE {name} LOGIN PASSWORD '{name}'",
            f"GRANT {rights} ON ALL TABLES IN SCHEMA public TO {name}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}",
        )
    )
    server = postgres_url.partition("://")[2].partition("@")[2]
    yield f"postgresql://{name}:{name}@{server}"
    run_apart(ask(f"DROP OWNED BY {name}", f"DROP ROLE {name}"))


@POSTGRES
async def test_ways_around_are_refused_to_any_user_of_postgres(clerk: str, places: dict[str, Any]) -> None:
    statements = EVERYWHERE | ways.ON_POSTGRES | ways.AS_A_STRANGER
    connection = await asyncpg.connect(clerk)
    try:
        assert await answers(connection.execute, statements, places) == statements
    finally:
        await connection.close()


@POSTGRES
async def test_copying_rows_in_is_refused(clerk: str, places: dict[str, Any]) -> None:
    before = await everything()
    connection = await asyncpg.connect(clerk)
    said = {}
    try:
        for table in ("application", "offer", "history", "history_note"):
            rows = await connection.fetch(f"SELECT * FROM {table}")
            with pytest.raises(asyncpg.PostgresError) as refused:
                await connection.copy_records_to_table(table, records=[tuple(row) for row in rows])
            said[table] = str(refused.value)
    finally:
        await connection.close()
    assert said == {
        "application": ways.BEGINS,
        "offer": ways.OFFER_BEGINS,
        "history": ways.FOLLOWS,
        "history_note": ways.WORDS_ONCE,
    }
    assert await everything() == before


async def test_what_is_not_guarded_goes_on(house: House, places: dict[str, Any]) -> None:
    """Words are erased, those who never applied go, and the move whose step is there passes."""
    await house.candidate("Nobody")
    for statement in (
        "UPDATE application SET status = 'under_consideration', version = 2 WHERE id = '{alone}'",
        "UPDATE application SET covering_letter_text = '' WHERE id = '{reject}'",
        "DELETE FROM history_note",
        "DELETE FROM candidate WHERE first_name = 'Nobody'",
        "UPDATE unit SET name = 'Laboratory of herons'",
    ):
        await Application.raw(statement.format_map(places))
    moved = await Application.select(Application.status, Application.version).where(
        Application.id == places["alone"]
    )
    left = await HistoryNote.count(), await Candidate.count(), (await Unit.select(Unit.name))[0]["name"]
    assert moved == [{"status": "under_consideration", "version": 2}]
    assert left == (0, 3, "Laboratory of herons")
