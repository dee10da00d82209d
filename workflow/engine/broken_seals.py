"""What is wrong with the checkpoints, and what they remember that the history has no longer."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from workflow.engine.checkpoints import fault_of_head, newest_checkpoints
from workflow.engine.records import MANY, Fault, capped, is_same, snapshot
from workflow.engine.seals import Checkpoint, Heads, seal
from workflow.engine.tables import History, HistoryCheckpoint, HistoryHead

CHECKPOINT = "checkpoint"
"""What the subject type of a fault says that is about the checkpoints themselves."""

NO_CHECKPOINT = Fault(CHECKPOINT, None, None, None, "there is none, yet there is a history")
"""What a verification finds where the very first checkpoint was not taken, or all were removed."""


async def faults_of_chain(key: bytes) -> list[Fault]:
    """The first checkpoint that is not the one that was taken then; or that there is none, over a history."""
    before: Checkpoint | None = None
    while True:
        rows = (
            await HistoryCheckpoint.select()
            .where(HistoryCheckpoint.number > (before.number if before else 0))
            .order_by(HistoryCheckpoint.number)
            .limit(MANY)
        )
        for row in rows:
            checkpoint = Checkpoint(**row)
            if said := _broken_seal(before, checkpoint, key):
                return [Fault(CHECKPOINT, None, checkpoint.number, None, said)]
            before = checkpoint
        if len(rows) < MANY:
            break
    if before is None and await History.exists():
        return [NO_CHECKPOINT]
    return []


def _broken_seal(before: Checkpoint | None, checkpoint: Checkpoint, key: bytes) -> str:
    expected = before.number + 1 if before else 1
    if checkpoint.number != expected:
        return f"checkpoint {expected} is missing before it"
    if not is_same(seal(checkpoint, before.mac if before else "", key), checkpoint.mac):
        return "its seal does not fit: it was changed, or written without the key"
    return ""


async def otherwise_remembered(seals: Mapping[int, str]) -> list[Fault]:
    """Checkpoints that are gone, or are others, than those that were noted outside the database."""
    there = (
        await HistoryCheckpoint.select().where(HistoryCheckpoint.number.is_in(list(seals))) if seals else []
    )
    found = {row["number"]: row["mac"] for row in there}
    said = (
        "it is not the one that was noted elsewhere: the history was set back, or written anew with the key"
    )
    return [
        Fault(CHECKPOINT, None, number, None, said)
        for number, mac in seals.items()
        if found.get(number) != mac
    ]


async def faults_of_heads(key: bytes) -> list[Fault]:
    """Heads that the history has no longer, and whether they are those that the last checkpoint has sealed."""
    heads = Heads(key)
    faults: list[Fault] = []
    async with snapshot():
        last = next(iter(await newest_checkpoints(1)), None)
        async for row in _heads_with_steps():
            heads.add(row["subject_type"], row["subject_id"], row["version"], row["digest"])
            if row["there"] != row["digest"] and len(faults) <= MANY:
                faults.append(fault_of_head(row, row["row_id"]))
        if last and heads.masked(last.number) != last.heads:
            faults = [*capped(faults), *await _unsealed(last, heads)]
    return faults


async def _heads_with_steps() -> AsyncIterator[dict[str, Any]]:
    after = 0
    while True:
        rows = await HistoryHead.raw(
            "SELECT h.id, h.subject_type, h.subject_id, h.version, h.digest, s.digest AS there, s.id AS row_id "
            "FROM history_head h LEFT JOIN history s ON s.subject_type = h.subject_type "
            "AND s.subject_id = h.subject_id AND s.version = h.version "
            "WHERE h.id > {} ORDER BY h.id LIMIT {}",
            after,
            MANY,
        )
        for row in rows:
            yield row
        if len(rows) < MANY:
            return
        after = rows[-1]["id"]


async def _unsealed(last: Checkpoint, heads: Heads) -> list[Fault]:
    """That the heads are not those of the last checkpoint, and the first history whose head is not where it was."""
    said = (
        f"it has sealed {last.subjects} histories, the table history_head has {heads.subjects}"
        if heads.subjects != last.subjects
        else "the table history_head was changed"
    )
    behind = await History.raw(
        "SELECT s.subject_type, s.subject_id, s.version, s.id FROM history s LEFT JOIN history_head h "
        "ON h.subject_type = s.subject_type AND h.subject_id = s.subject_id "
        "WHERE s.id <= {} AND (h.id IS NULL OR s.version > h.version) ORDER BY s.id LIMIT 1",
        last.through_id,
    )
    sealed = "this step, or one after it, was sealed; the table history_head has lost it"
    return [
        Fault(CHECKPOINT, None, last.number, None, said),
        *(Fault(row["subject_type"], row["subject_id"], row["version"], row["id"], sealed) for row in behind),
    ]
