"""What recruiters do with batches: start one, stop the rest of it, take it back (C3, C5, C8)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from workflow.applications.commands import PARAGRAPH_LENGTH
from workflow.applications.machine import ApplicationMachine
from workflow.applications.tables import Application
from workflow.audit.recording import note_change
from workflow.batches import reasons
from workflow.batches.holding import hold_batch
from workflow.batches.queries import EVENTS, ON_THE_WAY
from workflow.batches.reports import batch_row, undoable_items
from workflow.batches.tables import REFUSED, WAITING, Batch, BatchItem
from workflow.checks import Checks
from workflow.database.connection import write_transaction
from workflow.engine import statements
from workflow.engine.machine import UNDO
from workflow.engine.moves import checked_note
from workflow.engine.outbox import Announcement, record
from workflow.errors import FieldError, InvalidInput, NotFound, UndoTooLate, UnknownEvent
from workflow.language import LANGUAGES, N_
from workflow.recruiters.queries import StaffMember

MOVE_BATCH = "move_batch"
"""The kind of outbox row that asks a worker to carry out a batch."""

MOST = 10_000
"""Applications in one batch."""

KEPT_FOR = timedelta(days=90)

_AT_ONCE = 500
_NO_PARAGRAPHS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Item:
    """An application at the version that was previewed. `is_via`: the event that is ON_THE_WAY goes before."""

    application_id: UUID
    version: int
    is_via: bool = False


async def start_batch(
    staff: StaffMember,
    batch_id: UUID,
    items: Sequence[Item],
    event: str,
    *,
    now: datetime,
    note: str = "",
    paragraphs: Mapping[str, str] = _NO_PARAGRAPHS,
) -> int:
    """Have a worker move these applications, as this recruiter and with the rights that they will have then.

    How many they are: what the recruiter does not see is left out. Who sends the same `batch_id` again starts
    nothing, and gets the same answer. Raises UnknownEvent, NoteMissing, NoteRefused, InvalidInput for a paragraph
    that is too long (fields `paragraph_fr`, …) or for more than MOST applications, NotFound where none is left or
    the batch is somebody else's.
    """
    words = checked_words(event, items, note, paragraphs)
    async with write_transaction():
        return await begin_batch(staff, batch_id, items, event, words, now=now)


async def begin_batch(
    staff: StaffMember,
    batch_id: UUID,
    items: Sequence[Item],
    event: str,
    words: Mapping[str, Any],
    *,
    now: datetime,
) -> int:
    """`start_batch` within the caller's transaction; `words`: what `checked_words` gave."""
    await hold_batch(batch_id)
    if known := await Batch.select(Batch.recruiter).where(Batch.id == batch_id).first():
        if known["recruiter"] != staff.id:
            raise NotFound
        return int(await BatchItem.count().where(BatchItem.batch == batch_id))
    units = await _units_of(staff, [item.application_id for item in items])
    if not units:
        raise NotFound
    await Batch.insert(Batch(id=batch_id, recruiter=staff.id, event=event, created_at=now, **words))
    chosen = {item.application_id: item for item in items if item.application_id in units}
    await _insert_items(batch_id, event, list(chosen.values()))
    task = Announcement(
        kind=MOVE_BATCH, dedup_key=f"{MOVE_BATCH}/{batch_id}", params={"batch_id": str(batch_id)}
    )
    await record([task], now=now)
    await _note(staff, "batch.started", batch_id, units.values(), now, event=event, applications=len(chosen))
    return len(chosen)


TOO_MANY = N_("Choose {most} applications at most.")


def checked_words(
    event: str, items: Sequence[Item], note: str, paragraphs: Mapping[str, str]
) -> dict[str, Any]:
    """Note and paragraphs as the columns keep them. Raises what `start_batch` does of what was typed."""
    if len(items) > MOST:
        raise InvalidInput([FieldError("", TOO_MANY, {"most": MOST})])
    if event not in EVENTS:
        raise UnknownEvent([FieldError("event", UnknownEvent.template(), {"event": event})], event=event)
    reason = checked_note(note)
    fields = {f"paragraph_{language}": paragraphs.get(language, "") for language in LANGUAGES}
    checks = Checks(fields)
    words = {field: checks.text(field, maximum=PARAGRAPH_LENGTH) for field in fields}
    if ApplicationMachine.rules[event].needs_note and not reason:
        checks.fail("note", N_("Say why, in a sentence or two."))
    checks.finish()
    return words | {"note": reason}


async def _units_of(staff: StaffMember, application_ids: Sequence[UUID]) -> dict[UUID, int]:
    """The units of those applications that this recruiter sees."""
    units: dict[UUID, int] = {}
    for first in range(0, len(application_ids), _AT_ONCE):
        some = Application.id.is_in(list(application_ids[first : first + _AT_ONCE]))
        rows = await Application.select(Application.id, Application.offer.unit.as_alias("unit")).where(some)
        units |= {row["id"]: row["unit"] for row in rows if staff.sees_unit(row["unit"])}
    return units


async def _insert_items(batch_id: UUID, event: str, items: Sequence[Item]) -> None:
    rows = [
        {
            "batch": batch_id,
            "application": item.application_id,
            "version": item.version,
            "via": ON_THE_WAY.get(event, "") if item.is_via else "",
            "state": WAITING,
            "reason": "",
        }
        for item in items
    ]
    for first in range(0, len(rows), _AT_ONCE):
        await statements.insert(BatchItem, rows[first : first + _AT_ONCE])


async def stop_batch(staff: StaffMember, batch_id: UUID, *, now: datetime) -> bool:
    """Leave alone what still waits in a batch; what moves at this moment ends. False where it was over already.

    Raises NotFound for a batch of others.
    """
    async with write_transaction():
        await hold_batch(batch_id)
        await batch_row(staff, batch_id)
        waiting = (BatchItem.batch == batch_id) & (BatchItem.state == WAITING)
        stopped = (
            await BatchItem.update({BatchItem.state: REFUSED, BatchItem.reason: reasons.STOPPED})
            .where(waiting)
            .returning(BatchItem.application)
        )
        if stopped:
            units = await _units_of(staff, [row["application"] for row in stopped])
            await _note(staff, "batch.stopped", batch_id, units.values(), now, applications=len(stopped))
    return bool(stopped)


async def undo_batch(staff: StaffMember, batch_id: UUID, undoing_id: UUID, *, now: datetime) -> int:
    """Start a batch that takes back what another one decided, as far as no candidate knows of it (C5); how many.

    Raises NotFound for a batch of others, UndoTooLate where nothing can be taken back.
    """
    await batch_row(staff, batch_id)
    items = [Item(row["id"], row["version"]) for row in await undoable_items(batch_id, now=now)]
    if not items and not await Batch.exists().where(Batch.id == undoing_id):
        raise UndoTooLate
    return await start_batch(staff, undoing_id, items, UNDO, now=now)


async def _note(
    staff: StaffMember, action: str, batch_id: UUID, unit_ids: Collection[int], now: datetime, **facts: Any
) -> None:
    """In the audit of the one unit that is concerned; of several, in the administrators'."""
    concerned = set(unit_ids)
    unit_id = concerned.pop() if len(concerned) == 1 else None
    await note_change(staff.actor, action, ("batch", batch_id), now=now, unit_id=unit_id, after=facts)


async def forget_batches(*, now: datetime) -> None:
    """Delete the reports that nobody needs any more; the histories have all that happened."""
    async with write_transaction():
        old = Batch.select(Batch.id).where(Batch.created_at <= now - KEPT_FOR)
        await BatchItem.delete().where(BatchItem.batch.is_in(old))
        await Batch.delete().where(Batch.created_at <= now - KEPT_FOR)
