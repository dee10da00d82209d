"""Checkpoints: when they are taken, what they refuse to follow, and that nobody changes them unnoticed."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg
import pytest

from tests.support.house import House
from tests.workflow.engine.proving import Past, a_past, checkpoint, faults
from workflow.database.connection import write_transaction
from workflow.engine.checkpoints import CheckpointForged, NoCheckpoint, extend, newest_checkpoints
from workflow.engine.machine import Terms
from workflow.engine.tables import History, HistoryCheckpoint, HistoryHead


@pytest.fixture
async def past(database: str, house: House, now: datetime) -> Past:
    return await a_past(database, house, now)


async def heads() -> dict[str, int]:
    """Subject → version, of those with a head; an offer's under its type."""
    rows = await HistoryHead.select().order_by(HistoryHead.id)
    return {row["subject_type"]: row["version"] for row in rows}


async def test_an_installation_begins_with_the_checkpoint_of_an_empty_history(
    database: str, terms: Terms, now: datetime
) -> None:
    extension = await checkpoint(terms.history_key, now)
    newest = extension.newest
    assert (newest.number, newest.taken_at, newest.subjects, newest.through_id) == (1, now, 0, 0)
    assert (extension.taken, await faults(terms.history_key)) == ((newest,), [])


async def test_a_checkpoint_brings_in_what_happened_and_nothing_takes_none(past: Past) -> None:
    first = await past.checkpoint()
    again = await past.checkpoint()
    assert [one.number for one in first.taken] == [2]
    assert (again.newest, again.taken, again.faults) == (first.newest, (), ())
    assert (first.newest.subjects, await heads()) == (2, {"offer": 2, "application": 4})
    await past.move("accept", after=timedelta(minutes=6))
    third = (await past.checkpoint()).newest
    assert (third.number, third.subjects, third.through_id) == (3, 2, await past.row_id(5))
    assert (await heads(), await past.faults()) == ({"offer": 2, "application": 5}, [])


async def test_a_long_history_is_brought_in_piece_by_piece(past: Past, house: House) -> None:
    for _ in range(5):
        await house.application(await house.candidate())
    extension = await past.checkpoint(chunk=3)
    assert len(extension.taken) > 2
    assert (extension.newest.subjects, await past.faults()) == (7, [])


async def test_a_history_is_not_sealed_anew_where_checkpoints_are_missing(past: Past) -> None:
    await past.checkpoint()
    await past.tamper("DELETE FROM history_checkpoint")
    with pytest.raises(NoCheckpoint):
        await past.checkpoint()
    assert await past.named() == [("checkpoint", None, None, None)]
    await past.checkpoint(first=True)
    assert await past.faults() == []


async def test_nothing_follows_a_forged_checkpoint(past: Past) -> None:
    await past.tamper("UPDATE history_checkpoint SET subjects = 4")
    with pytest.raises(CheckpointForged):
        await past.checkpoint()
    assert await HistoryCheckpoint.count() == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("taken_at", "'2026-03-02 09:31:00+00:00'"),
        ("through_id", "1"),
        ("subjects", "9"),
        ("heads", "mac"),
        ("mac", "heads"),
    ],
)
async def test_a_changed_checkpoint_is_named(past: Past, column: str, value: str) -> None:
    await past.checkpoint()
    await past.move("accept", after=timedelta(minutes=6))
    await past.checkpoint()
    await past.tamper(f"UPDATE history_checkpoint SET {column} = {value} WHERE number = 2")
    assert await past.named() == [("checkpoint", None, 2, None)]


@pytest.mark.parametrize(("removed", "named"), [(1, 2), (2, 3)])
async def test_a_removed_checkpoint_is_missed(past: Past, removed: int, named: int) -> None:
    await past.checkpoint()
    await past.move("accept", after=timedelta(minutes=6))
    await past.checkpoint()
    await past.tamper(f"DELETE FROM history_checkpoint WHERE number = {removed}")
    assert [str(fault) for fault in await past.faults()] == [
        f"checkpoint {named}: checkpoint {removed} is missing before it"
    ]


async def test_the_last_checkpoint_is_missed_by_the_heads(past: Past) -> None:
    await past.checkpoint()
    await past.tamper("DELETE FROM history_checkpoint WHERE number = 2")
    assert await past.named() == [("checkpoint", None, 1, None)]


async def test_a_removed_head_is_named_by_its_history(past: Past) -> None:
    await past.checkpoint()
    await past.tamper("DELETE FROM history_head WHERE subject_type = 'application'")
    assert await past.named() == [
        ("checkpoint", None, 2, None),
        ("application", past.application_id, 1, await past.row_id(1)),
    ]


async def test_a_head_set_back_together_with_its_history_is_missed(past: Past) -> None:
    await past.checkpoint()
    digest = (await past.steps())[1].digest
    await past.tamper(
        "DELETE FROM history_note",
        "DELETE FROM history WHERE subject_id = '{id}' AND version > 2",
        "UPDATE application SET version = 2 WHERE id = '{id}'",
        "DELETE FROM outbox WHERE subject_id = '{id}' AND subject_version > 2",
        "DELETE FROM timer WHERE subject_id = '{id}'",
        f"UPDATE history_head SET version = 2, digest = '{digest}' WHERE subject_type = 'application'",
    )
    assert await past.named() == [("checkpoint", None, 2, None)]


async def test_a_chain_removed_with_its_head_is_counted(past: Past) -> None:
    await past.checkpoint()
    await past.tamper(
        "DELETE FROM history_note",
        "DELETE FROM history WHERE subject_id = '{id}'",
        "DELETE FROM history_head WHERE subject_id = '{id}'",
        "DELETE FROM outbox WHERE subject_id = '{id}'",
        "DELETE FROM timer WHERE subject_id = '{id}'",
        "DELETE FROM application WHERE id = '{id}'",
    )
    (fault,) = await past.faults()
    assert str(fault) == "checkpoint 2: it has sealed 2 histories, the table history_head has 1"


async def test_a_head_changed_or_invented_is_named(past: Past) -> None:
    await past.checkpoint()
    await past.tamper("UPDATE history_head SET digest = '00' WHERE subject_type = 'application'")
    row_id = await past.row_id(4)
    assert [str(fault) for fault in await past.faults()] == [
        (
            f"application {past.application_id}, version 4 (history row {row_id}): it is not the step that "
            "a checkpoint has sealed: it was changed, or what history_head says of it"
        ),
        "checkpoint 2: the table history_head was changed",
    ]


async def test_what_was_tampered_with_stays_found_after_later_checkpoints(past: Past) -> None:
    """The heads' sum keeps what it was made of, and a head does not move over steps that do not follow it."""
    await past.checkpoint()
    await past.tamper(
        "DELETE FROM history_note",
        "DELETE FROM history WHERE subject_id = '{id}' AND version > 2",
        "UPDATE application SET version = 2 WHERE id = '{id}'",
        "DELETE FROM outbox WHERE subject_id = '{id}' AND subject_version > 2",
        "DELETE FROM timer WHERE subject_id = '{id}'",
    )
    for event, note in (("accept", ""), ("undo", ""), ("accept", "")):
        await past.move(event, note=note)
    extension = await past.checkpoint()
    named = ("application", past.application_id, 4, await past.row_id(4))
    assert [(f.subject_type, f.subject_id, f.version, f.row_id) for f in extension.faults] == [named]
    assert (await heads(), await past.named()) == ({"offer": 2, "application": 4}, [named])


async def test_a_forged_row_is_never_sealed(past: Past) -> None:
    await past.tamper("UPDATE history SET role = 'system' WHERE subject_id = '{id}' AND version = 2")
    extension = await past.checkpoint()
    assert [(fault.subject_id, fault.version) for fault in extension.faults] == [(past.application_id, 2)]
    assert await heads() == {"offer": 2}


async def test_a_row_that_is_committed_late_is_brought_in(past: Past, house: House, now: datetime) -> None:
    """Ids are taken before the commit: a slow transaction's rows appear below those that a checkpoint has seen."""
    moved = await History.raw("SELECT MAX(id) + 5 AS id FROM history")
    await past.tamper(
        f"UPDATE history SET id = {moved[0]['id']} WHERE subject_type = 'offer' AND version = 2"
    )
    newest = (await past.checkpoint()).newest
    assert newest.through_id == moved[0]["id"]
    late = replace(past, application_id=await house.application(await house.candidate()))
    await past.tamper(
        f"UPDATE history SET id = {newest.through_id - 1} WHERE subject_id = '{late.application_id}'"
    )
    taken = (await past.checkpoint(after=timedelta(minutes=10))).taken
    assert [one.subjects for one in taken] == [3]
    assert await past.faults() == []


async def test_workers_at_once_take_one_checkpoint(past: Past) -> None:
    extensions = await asyncio.gather(*(past.checkpoint() for _ in range(5)))
    assert sum(len(extension.taken) for extension in extensions) == 1
    assert {extension.newest for extension in extensions} == {extensions[0].newest}
    assert await past.faults() == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM history_head",
        "DELETE FROM history_checkpoint",
        "UPDATE history_head SET version = version",
        "UPDATE history_head SET version = version - 1",
        "UPDATE history_head SET version = version + 1, subject_type = 'other'",
        "UPDATE history_head SET version = version + 1",
        """INSERT INTO history_head (subject_type, subject_id, version, digest)
        SELECT 'other', subject_id, version, digest FROM history_head""",
        "UPDATE history_checkpoint SET subjects = 0",
        "UPDATE history_checkpoint SET number = number + 1",
        """INSERT INTO history_checkpoint SELECT number + 5, taken_at, through_id, subjects, heads, mac
        FROM history_checkpoint""",
        """INSERT INTO history_head (subject_type, subject_id, version, digest)
        SELECT subject_type, subject_id, version, digest FROM history_head""",
    ],
)
async def test_the_database_refuses_to_change_them(past: Past, statement: str) -> None:
    await past.checkpoint()
    before = await HistoryHead.select().order_by(HistoryHead.id), await newest_checkpoints(9)
    with pytest.raises(Exception, match=r"history_head|history_checkpoint"):
        await HistoryHead.raw(statement)
    assert (await HistoryHead.select().order_by(HistoryHead.id), await newest_checkpoints(9)) == before


async def test_truncating_is_refused_by_postgres(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        for table in ("history_head", "history_checkpoint"):
            with pytest.raises(asyncpg.PostgresError, match="never deleted"):
                await connection.execute(f"TRUNCATE {table}")
    finally:
        await connection.close()


async def test_the_key_is_needed(past: Past, now: datetime) -> None:
    with pytest.raises(CheckpointForged):
        await extend(transaction=write_transaction, key=b"another", now=now)
