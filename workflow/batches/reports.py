"""How far a batch is, and what became of each of its applications."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from workflow.batches.queries import Chosen, chosen_applications
from workflow.batches.tables import MOVED, REFUSED, WAITING, Batch, BatchItem
from workflow.errors import NotFound
from workflow.recruiters.queries import StaffMember, names_of_recruiters

_LATEST = 50

# The step by which a batch moved an application: no other one of this event can stand there, for
# nobody decides twice within two versions.
_OWN_STEPS = """
    FROM batch_item i
    JOIN history h ON h.subject_type = 'application' AND h.subject_id = i.application
        AND h.version > i.version AND h.version <= i.version + 2
    JOIN batch b ON b.id = i.batch AND b.event = h.event
    WHERE i.batch = {} AND i.state = 'moved'
"""
_NOT_UNDONE = """
    AND NOT EXISTS (SELECT 1 FROM history u WHERE u.subject_type = 'application'
        AND u.subject_id = i.application AND u.undoes = h.version)
"""


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch, and how far it is. `recruiter`: the name of whoever started it; `via`: how many take two steps."""

    id: UUID
    event: str
    recruiter_id: int
    recruiter: str
    created_at: datetime
    finished_at: datetime | None
    waiting: int
    moved: int
    refused: int
    via: int

    @property
    def total(self) -> int:
        return self.waiting + self.moved + self.refused

    @property
    def done(self) -> int:
        return self.moved + self.refused


@dataclass(frozen=True, slots=True)
class Telling:
    """Of those that moved: whose candidates will be told, from when on; whose were told; and who was taken back."""

    held: int
    told_at: datetime | None
    told: int
    undone: int


async def batch_row(staff: StaffMember, batch_id: UUID) -> dict[str, Any]:
    """The row of a batch that is one's own; administrators see all. Raises NotFound."""
    row = await Batch.select().where(Batch.id == batch_id).first()
    if row is None or not (staff.is_administrator or row["recruiter"] == staff.id):
        raise NotFound
    return row


async def batch_view(staff: StaffMember, batch_id: UUID) -> BatchView:
    """A batch of one's own; administrators see all. Raises NotFound."""
    (view,) = await _views([await batch_row(staff, batch_id)])
    return view


async def latest_batches(staff: StaffMember) -> tuple[BatchView, ...]:
    """One's own last ones, newest first; an administrator's list has everybody's."""
    query = Batch.select().order_by(Batch.created_at, Batch.id, ascending=False).limit(_LATEST)
    if not staff.is_administrator:
        query = query.where(Batch.recruiter == staff.id)
    return await _views(await query)


async def _views(rows: Sequence[Mapping[str, Any]]) -> tuple[BatchView, ...]:
    counts = await _counts([row["id"] for row in rows])
    names = await names_of_recruiters({row["recruiter"] for row in rows})
    return tuple(
        BatchView(
            id=row["id"],
            event=row["event"],
            recruiter_id=row["recruiter"],
            recruiter=names[row["recruiter"]],
            created_at=row["created_at"],
            finished_at=row["finished_at"],
            **counts[row["id"]],
        )
        for row in rows
    )


async def _counts(batch_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """How many items of each batch are in which state, and how many take two steps."""
    counts = {each: {WAITING: 0, MOVED: 0, REFUSED: 0, "via": 0} for each in batch_ids}
    if not batch_ids:
        return counts
    rows = await BatchItem.raw(
        "SELECT batch, state, count(*) AS number, sum(CASE WHEN via = '' THEN 0 ELSE 1 END) AS via "  # noqa: S608  # places
        f"FROM batch_item WHERE batch IN ({', '.join('{}' for _ in batch_ids)}) GROUP BY batch, state",
        *batch_ids,
    )
    for row in rows:
        own = counts[row["batch"]]
        own[row["state"]] = row["number"]
        own["via"] += row["via"]
    return counts


async def refused_items(staff: StaffMember, batch_id: UUID, *, most: int) -> dict[str, tuple[Chosen, ...]]:
    """Reason → the applications that did not move, as far as this recruiter still sees them; the first so many."""
    refused = (BatchItem.batch == batch_id) & (BatchItem.state == REFUSED)
    rows = (
        await BatchItem.select(BatchItem.application, BatchItem.reason)
        .where(refused)
        .order_by(BatchItem.id)
        .limit(most)
    )
    seen = {each.id: each for each in await chosen_applications(staff, [row["application"] for row in rows])}
    found: dict[str, list[Chosen]] = {}
    for row in rows:
        own = found.setdefault(row["reason"], [])
        if row["application"] in seen:
            own.append(seen[row["application"]])
    return {reason: tuple(own) for reason, own in found.items()}


async def refusal_counts(batch_id: UUID) -> dict[str, int]:
    """Reason → how many did not move for it, the most frequent first."""
    rows = await BatchItem.raw(
        "SELECT reason, count(*) AS number FROM batch_item WHERE batch = {} AND state = {} "
        "GROUP BY reason ORDER BY number DESC, reason",
        batch_id,
        REFUSED,
    )
    return {row["reason"]: row["number"] for row in rows}


async def moved_items(staff: StaffMember, batch_id: UUID, *, offset: int, limit: int) -> tuple[Chosen, ...]:
    """The applications that moved, as far as this recruiter still sees them; some, in the order of the batch."""
    rows = (
        await BatchItem.select(BatchItem.application)
        .where((BatchItem.batch == batch_id) & (BatchItem.state == MOVED))
        .order_by(BatchItem.id)
        .offset(offset)
        .limit(limit)
    )
    return await chosen_applications(staff, [row["application"] for row in rows])


async def telling_of(batch_id: UUID, *, now: datetime) -> Telling:
    """What the candidates of a batch know of it, and what they will know."""
    (counted,) = await BatchItem.raw(
        f"SELECT count(*) AS number, sum(CASE WHEN h.announce_at > {{}} THEN 1 ELSE 0 END) AS held "
        f"{_OWN_STEPS} {_NOT_UNDONE}",
        now,
        batch_id,
    )
    first = await BatchItem.raw(
        f"SELECT h.announce_at AS at {_OWN_STEPS} {_NOT_UNDONE} AND h.announce_at > {{}} "
        "ORDER BY h.announce_at LIMIT 1",
        batch_id,
        now,
    )
    held, stands = counted["held"] or 0, counted["number"]
    moved = await BatchItem.count().where((BatchItem.batch == batch_id) & (BatchItem.state == MOVED))
    return Telling(
        held=held, told_at=first[0]["at"] if first else None, told=stands - held, undone=moved - stands
    )


async def undoable_items(batch_id: UUID, *, now: datetime) -> list[dict[str, Any]]:
    """`id` and `version` of the applications that still stand where a batch brought them, untold."""
    rows: list[dict[str, Any]] = await BatchItem.raw(
        f"SELECT i.application AS id, h.version AS version {_OWN_STEPS} AND h.announce_at > {{}} "  # noqa: S608
        "AND EXISTS (SELECT 1 FROM application a WHERE a.id = i.application AND a.version = h.version) "
        "ORDER BY i.id",
        batch_id,
        now,
    )
    return rows
