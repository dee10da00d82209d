"""Checkpoints: where every history stood at an instant, sealed, so that one removed whole is noticed."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresEngine

from workflow.engine.history import Step
from workflow.engine.many import Transaction
from workflow.engine.records import UNREADABLE, Fault, Record, is_same, records_of
from workflow.engine.replay import first_broken_link
from workflow.engine.seals import Checkpoint, Heads, seal
from workflow.engine.tables import History, HistoryCheckpoint, HistoryHead

SLOWEST = timedelta(hours=1)
"""No transaction lasts longer: row ids are taken before the commit, so a row may appear below newer ones."""

_CHUNK = 2_000
_SAMPLE = 5
_PAGE = 500
_LOCK = 0x76697669657231


class CheckpointRefused(RuntimeError):
    """No checkpoint can follow the last one."""


class NoCheckpoint(CheckpointRefused):
    """There is a history, but no checkpoint of it: they were removed, or none was ever taken."""


class CheckpointForged(CheckpointRefused):
    """The last checkpoint does not verify."""


@dataclass(frozen=True, slots=True)
class Extension:
    """What became of an extension: the newest checkpoint, those that are new, the histories that were left out."""

    newest: Checkpoint
    taken: tuple[Checkpoint, ...]
    faults: tuple[Fault, ...]


async def is_key_of_this_database(key: bytes) -> bool:
    """Whether what lies here was written with this key; true where there is nothing yet.

    One seal, or one history of a few, that fits is enough: others may have been tampered with.
    """
    newest = await newest_checkpoints(2) if await HistoryCheckpoint.table_exists() else []
    if newest and is_same(seal(newest[0], newest[1].mac if len(newest) > 1 else "", key), newest[0].mac):
        return True
    some = await History.select(History.subject_type, History.subject_id).order_by(History.id).limit(_SAMPLE)
    some += (
        await History.select(History.subject_type, History.subject_id)
        .order_by(History.id, ascending=False)
        .limit(_SAMPLE)
    )
    for row in some:
        try:
            records = (await records_of(row["subject_type"], [row["subject_id"]]))[row["subject_id"]]
            if first_broken_link(records, key, after=None) is None:
                return True
        except UNREADABLE:
            continue
    return not newest and not some


async def newest_checkpoints(limit: int) -> list[Checkpoint]:
    """The last checkpoints as they stand there, the newest first."""
    rows = await HistoryCheckpoint.select().order_by(HistoryCheckpoint.number, ascending=False).limit(limit)
    return [Checkpoint(**row) for row in rows]


async def extend(
    *, transaction: Transaction, key: bytes, now: datetime, first: bool = False, chunk: int = _CHUNK
) -> Extension:
    """Take the checkpoint that brings in what has happened since the last one; none if nothing has.

    More than `chunk` rows take several, each in a transaction of its own, so that nobody waits long. Safe
    with any number of workers. A history that does not follow from its last head is left out and
    named; the head stays, as a witness.

    The very first checkpoint is taken by itself only while there is no history; with `first`, over what
    there is. Raises NoCheckpoint, and CheckpointForged when the last one does not verify.
    """
    taken: list[Checkpoint] = []
    faults: list[Fault] = []
    after: int | None = None
    while True:
        async with transaction():
            await _wait_for_others()
            last = await _continuable(key, first=first)
            rows = await _rows_beyond_heads(await _settled(now) if after is None else after, chunk)
            heads = Heads.of(last, key) if last else await _heads_there(key)
            moved = False
            for subject_type, subject_ids in _pages(rows):
                found = await _advance(heads, subject_type, subject_ids, key)
                faults += found
                moved |= len(found) < len(subject_ids)
            if last is None or moved:
                last = await _write(heads, last, rows[-1]["id"] if rows else 0, key, now)
                taken.append(last)
        if len(rows) < chunk:
            return Extension(last, tuple(taken), tuple(faults))
        after = rows[-1]["id"]


async def _wait_for_others() -> None:
    """SQLite needs no lock: a write transaction has the database to itself."""
    if isinstance(HistoryCheckpoint._meta.db, PostgresEngine):
        await HistoryCheckpoint.raw("SELECT pg_advisory_xact_lock({})", _LOCK)


async def _continuable(key: bytes, *, first: bool) -> Checkpoint | None:
    """The last checkpoint, whole; None where the very first one may be taken."""
    newest = await newest_checkpoints(2)
    if not newest:
        if first or not await History.exists():
            return None
        raise NoCheckpoint(" ".join((NoCheckpoint.__doc__ or "").split()))
    last, mac_before = newest[0], newest[1].mac if len(newest) > 1 else ""
    if not is_same(seal(last, mac_before, key), last.mac):
        raise CheckpointForged(f"checkpoint {last.number} does not verify")
    return last


async def _settled(now: datetime) -> int:
    """The row id up to which nothing can appear any more."""
    row = (
        await HistoryCheckpoint.select(HistoryCheckpoint.through_id)
        .where(HistoryCheckpoint.taken_at <= now - SLOWEST)
        .order_by(HistoryCheckpoint.number, ascending=False)
        .first()
    )
    return int(row["through_id"]) if row else 0


async def _rows_beyond_heads(after: int, limit: int) -> list[dict[str, Any]]:
    """History rows that no head has reached, oldest first."""
    return list(
        await History.raw(
            "SELECT s.id, s.subject_type, s.subject_id FROM history s LEFT JOIN history_head h "
            "ON h.subject_type = s.subject_type AND h.subject_id = s.subject_id "
            "WHERE s.id > {} AND (h.id IS NULL OR s.version > h.version) ORDER BY s.id LIMIT {}",
            after,
            limit,
        )
    )


def _pages(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, list[UUID]]]:
    """The subjects of rows, by type, a few hundred at a time."""
    by_type: dict[str, dict[UUID, None]] = {}
    for row in rows:
        by_type.setdefault(row["subject_type"], {})[row["subject_id"]] = None
    for subject_type, subject_ids in by_type.items():
        for begin in range(0, len(subject_ids), _PAGE):
            yield subject_type, list(subject_ids)[begin : begin + _PAGE]


async def _heads_there(key: bytes) -> Heads:
    """The sum of heads that stand there without any checkpoint: none, but where checkpoints were removed."""
    heads = Heads(key)
    for row in await HistoryHead.select():
        heads.add(row["subject_type"], row["subject_id"], row["version"], row["digest"])
    return heads


async def _advance(heads: Heads, subject_type: str, subject_ids: Sequence[UUID], key: bytes) -> list[Fault]:
    """Bring the heads of some histories to their last steps; those whose steps do not follow, as faults."""
    mine = (HistoryHead.subject_type == subject_type) & HistoryHead.subject_id.is_in(list(subject_ids))
    known = {row["subject_id"]: row for row in await HistoryHead.select().where(mine)}
    faults, ahead = [], []
    for subject_id, records in (await records_of(subject_type, subject_ids)).items():
        head = known.get(subject_id)
        if fault := _fault_since(head, records, key):
            faults.append(fault)
            continue
        if head:
            heads.take_out(subject_type, subject_id, head["version"], head["digest"])
        step = records[-1].step
        heads.add(subject_type, subject_id, step.version, step.digest)
        ahead.append(step)
    await _move_heads(ahead)
    return faults


def _fault_since(head: dict[str, Any] | None, records: Sequence[Record], key: bytes) -> Fault | None:
    if head is None:
        return first_broken_link(records, key, after=None)
    there = next((record for record in records if record.step.version == head["version"]), None)
    if there is None or not is_same(there.step.digest, head["digest"]):
        return fault_of_head(head, there.row_id if there else None)
    return first_broken_link(
        [later for later in records if later.step.version > head["version"]], key, after=there
    )


def fault_of_head(head: dict[str, Any], row_id: int | None) -> Fault:
    """What to say of a history without the step that a head names; `row_id`: what stands in its place."""
    said = (
        "its history row is missing, which a checkpoint has sealed"
        if row_id is None
        else "it is not the step that a checkpoint has sealed: it was changed, or what history_head says of it"
    )
    return Fault(head["subject_type"], head["subject_id"], head["version"], row_id, said)


async def _move_heads(steps: Sequence[Step]) -> None:
    if not steps:
        return
    rows = [
        HistoryHead(
            subject_type=step.subject_type,
            subject_id=step.subject_id,
            version=step.version,
            digest=step.digest,
        )
        for step in steps
    ]
    await HistoryHead.insert(*rows).on_conflict(
        target=(HistoryHead.subject_type, HistoryHead.subject_id),
        action="DO UPDATE",
        values=[HistoryHead.version, HistoryHead.digest],
    )


async def _write(
    heads: Heads, last: Checkpoint | None, through_id: int, key: bytes, now: datetime
) -> Checkpoint:
    number = last.number + 1 if last else 1
    checkpoint = Checkpoint(
        number=number,
        taken_at=now,
        through_id=max(through_id, last.through_id if last else 0),
        subjects=heads.subjects,
        heads=heads.masked(number),
        mac="",
    )
    checkpoint = replace(checkpoint, mac=seal(checkpoint, last.mac if last else "", key))
    await HistoryCheckpoint.insert(HistoryCheckpoint(**asdict(checkpoint)))
    return checkpoint
