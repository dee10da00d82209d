"""Doubting everything that the engine keeps: every history, what refers to it, and the checkpoints over them."""

from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from workflow.engine.broken_seals import CHECKPOINT, faults_of_chain, faults_of_heads, otherwise_remembered
from workflow.engine.machine import Machine
from workflow.engine.records import MANY, UNREADABLE, Fault, Record, capped, records_of, snapshot
from workflow.engine.replay import Law, Standing, first_fault
from workflow.engine.tables import History, HistoryNote, Outbox, Timer

_PAGE = 500

_WITNESSES = ((Outbox, "subject_version"), (Timer, "version"))
"""Tables that name steps, and so remember those that are gone."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What one part of a verification has seen, to be added up by the caller."""

    subjects: int
    steps: int
    faults: tuple[Fault, ...]


async def subjects_there_are(machines: Sequence[type[Machine]]) -> int:
    """How many subjects a verification will go through."""
    return sum([int(await machine.table.count()) for machine in machines])


async def verify(
    machines: Sequence[type[Machine]],
    key: bytes,
    *,
    remembered: Mapping[int, str] | None = None,
    page: int = _PAGE,
) -> AsyncIterator[Verified]:
    """Go through every history and say what is wrong, part by part; each subject is named once.

    Replays the history of each subject to its row, then looks for histories without a subject, for
    steps that other tables remember, and for those that the checkpoints do. Reads only, in snapshots
    of `page` subjects, in memory that does not grow with their number; moves may go on meanwhile.
    `remembered`: number → seal of checkpoints that a witness outside the database has noted.
    """
    named: set[tuple[str, UUID | None]] = set()

    def new(faults: Iterable[Fault]) -> tuple[Fault, ...]:
        unheard = tuple(fault for fault in faults if (fault.subject_type, fault.subject_id) not in named)
        named.update((fault.subject_type, fault.subject_id) for fault in unheard if fault.subject_id)
        return unheard

    for machine in machines:
        async for part in _replayed(machine, key, page):
            yield Verified(part.subjects, part.steps, new(part.faults))
        yield Verified(0, 0, new(await _readable(_without_row(machine), machine.subject)))
    yield Verified(0, 0, new(await _readable(_of_no_machine(machines), "history")))
    for table, version in _WITNESSES:
        name = table._meta.tablename
        yield Verified(0, 0, new(await _readable(_remembered(name, version), name)))
    yield Verified(0, 0, new(await _stray_notes()))
    yield Verified(0, 0, new(await _readable(faults_of_chain(key), CHECKPOINT)))
    yield Verified(0, 0, new(await _readable(faults_of_heads(key), "history_head")))
    yield Verified(0, 0, new(await otherwise_remembered(remembered or {})))


async def _readable(finding: Coroutine[Any, Any, list[Fault]], place: str) -> list[Fault]:
    """What a question finds; that it cannot even be asked is a fault too."""
    try:
        return await finding
    except UNREADABLE as error:
        return [Fault(place, None, None, None, f"a value cannot be read: {error}")]


async def _replayed(machine: type[Machine], key: bytes, page: int) -> AsyncIterator[Verified]:
    law, last = Law.of(machine), None
    while True:
        try:
            async with snapshot():
                standings = await _standings(machine, last, page)
                records = await _records_if_readable(machine, standings)
        except UNREADABLE as error:
            fault = Fault(machine.subject, None, None, None, f"a value of a row cannot be read: {error}")
            yield Verified(0, 0, (fault,))
            return
        found = [_first_fault(law, one, records[one.subject_id], key) for one in standings]
        steps = sum(len(own) for own in records.values() if own is not None)
        yield Verified(len(standings), steps, tuple(fault for fault in found if fault))
        if len(standings) < page:
            return
        last = standings[-1].subject_id


async def _records_if_readable(
    machine: type[Machine], standings: Sequence[Standing]
) -> dict[UUID, list[Record] | None]:
    """The records of each subject; None where they cannot be read."""
    try:
        return dict(await records_of(machine.subject, [one.subject_id for one in standings]))
    except UNREADABLE:
        if len(standings) == 1:
            return {standings[0].subject_id: None}
        found = [await _records_if_readable(machine, [one]) for one in standings]
        return {subject_id: own for each in found for subject_id, own in each.items()}


def _first_fault(law: Law, standing: Standing, records: list[Record] | None, key: bytes) -> Fault | None:
    try:
        if records is not None:
            return first_fault(law, standing, records, key)
    except UNREADABLE:
        pass
    return Fault(law.subject, standing.subject_id, None, None, "a value of its history cannot be read")


async def _standings(machine: type[Machine], after: UUID | None, limit: int) -> list[Standing]:
    column = machine.table._meta.get_column_by_name
    query = machine.table.select(column("id"), column("status"), column("version"))
    if after is not None:
        query = query.where(column("id") > after)
    rows = await query.order_by(column("id")).limit(limit)
    return [Standing(row["id"], row["status"], row["version"]) for row in rows]


async def _without_row(machine: type[Machine]) -> list[Fault]:
    rows = await History.raw(
        "SELECT s.subject_id, MAX(s.version) AS version, MIN(s.id) AS row_id FROM history s "  # noqa: S608  # a table's name
        f"WHERE s.subject_type = {{}} AND NOT EXISTS (SELECT 1 FROM {machine.table._meta.tablename} t "
        f"WHERE t.id = s.subject_id) GROUP BY s.subject_id ORDER BY MIN(s.id) LIMIT {MANY + 1}",
        machine.subject,
    )
    said = "there is a history, but its row is gone"
    return capped(
        [Fault(machine.subject, row["subject_id"], row["version"], row["row_id"], said) for row in rows]
    )


async def _of_no_machine(machines: Sequence[type[Machine]]) -> list[Fault]:
    names = ", ".join("{}" for _ in machines)
    rows = await History.raw(
        "SELECT s.subject_type, s.subject_id, MIN(s.version) AS version, MIN(s.id) AS row_id FROM history s "  # noqa: S608  # places
        f"WHERE s.subject_type NOT IN ({names}) GROUP BY s.subject_type, s.subject_id "
        f"ORDER BY MIN(s.id) LIMIT {MANY + 1}",
        *(machine.subject for machine in machines),
    )
    said = "no machine knows such a subject"
    return capped(
        [Fault(row["subject_type"], row["subject_id"], row["version"], row["row_id"], said) for row in rows]
    )


async def _remembered(table: str, version: str) -> list[Fault]:
    """Steps that another table names, and the history lacks. What is about no step has no version."""
    rows = await History.raw(
        f"SELECT w.subject_type, w.subject_id, MIN(w.{version}) AS version, MIN(w.id) AS row_id FROM {table} w "  # noqa: S608  # constants
        f"WHERE w.subject_id IS NOT NULL AND w.{version} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM history s WHERE "
        f"s.subject_type = w.subject_type AND s.subject_id = w.subject_id AND s.version = w.{version}) "
        f"GROUP BY w.subject_type, w.subject_id ORDER BY MIN(w.id) LIMIT {MANY + 1}"
    )
    said = "its history row is missing; row {} of the table {} remembers it"
    return capped(
        [
            Fault(
                row["subject_type"],
                row["subject_id"],
                row["version"],
                None,
                said.format(row["row_id"], table),
            )
            for row in rows
        ]
    )


async def _stray_notes() -> list[Fault]:
    rows = await HistoryNote.raw(
        "SELECT n.id, n.history FROM history_note n WHERE NOT EXISTS "  # noqa: S608  # a number
        f"(SELECT 1 FROM history s WHERE s.id = n.history) ORDER BY n.id LIMIT {MANY + 1}"
    )
    said = "there is no such row, but words of its note: row {} of the table history_note"
    return capped([Fault("history", None, None, row["history"], said.format(row["id"])) for row in rows])
