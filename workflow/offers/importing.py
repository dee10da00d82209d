"""Brings many offers in at once, from a file, with an answer for each line (I4)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from workflow.audit.recording import note_change
from workflow.database.connection import dialect, write_transaction
from workflow.engine.calendar import replan
from workflow.engine.machine import Terms
from workflow.engine.moves import fire, start, tell_nobody
from workflow.errors import Conflict
from workflow.offers.commands import announce_offer, note_offer, record_for_index, said
from workflow.offers.import_files import FileRow
from workflow.offers.import_plans import Plan, Planned, Refusal, plan, reference_of, shift_of
from workflow.offers.machine import OfferMachine
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember, units
from workflow.recruiters.tables import Unit
from workflow.roles import CLOCK


class ImportOutdated(Conflict):
    """Since you looked at this import, something has changed that it would do otherwise now."""

    code = "import-outdated"


_AT_ONCE = 500
_OFFICE_OPENS = time(9)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of each line, by reference, in the order of the file. `open`: how many of them are open now.

    `is_written` is false where a strict import was given up.
    """

    new: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    refused: tuple[Refusal, ...]
    open: int
    shift: timedelta
    is_written: bool


@dataclass(frozen=True, slots=True)
class ImportTerms:
    """What an installation gives to an import: its moves' terms, the contact of unknown units."""

    moves: Terms
    contact_email: str


async def planned_import(
    rows: Sequence[FileRow], *, terms: ImportTerms, now: datetime, staff: StaffMember | None = None
) -> Plan:
    """What an import would do now; nothing is written. `staff`: who imports; None: whoever holds the machine."""
    known = await _known_offers([reference_of(row) for row in rows])
    today = now.astimezone(terms.moves.zone).date()
    return plan(rows, known, timedelta(), today, await _reach(staff))


async def _reach(staff: StaffMember | None) -> frozenset[str] | None:
    """The codes of the units that somebody may import into; None: any, and new ones are made."""
    if staff is None or staff.is_administrator:
        return None
    return frozenset(unit.code for unit in await units(staff.unit_ids))


async def import_offers(
    rows: Sequence[FileRow],
    *,
    terms: ImportTerms,
    now: datetime,
    shift_dates: bool = False,
    strict: bool = False,
    staff: StaffMember | None = None,
    expected: str = "",
    tell_progress: Callable[[int], None] | None = None,
    new_id: Callable[[], UUID] = uuid4,
) -> ImportReport:
    """Take every row that passes the console's own checks, all in one transaction.

    A row of an unknown reference becomes a published offer, or a closed one when its last day is
    over; of a known one, it changes what it says otherwise, never the state, and an empty cell leaves
    what is there. So a repeat changes nothing. A refused row does not stop the others, unless `strict`:
    then nothing is written. With `shift_dates` all days move by one number of days, so that the newest
    publication falls on today, or as they were moved when these offers came in first.

    `staff`: who imports, a recruiter into their own units alone; it is written into the audit. `expected`: the
    digest of the plan that they agreed to; ImportOutdated is raised, and nothing written, when another came of it.
    """
    async with write_transaction():
        await _hold_others_off()
        known = await _known_offers([reference_of(row) for row in rows])
        today = now.astimezone(terms.moves.zone).date()
        shift = shift_of(rows, known, today, terms.moves.zone) if shift_dates else timedelta()
        made = plan(rows, known, shift, today, await _reach(staff))
        planned, refused = made.planned, made.refused
        if expected and expected != made.digest(today):
            raise ImportOutdated
        is_written = not (strict and refused)
        if is_written:
            await _write(planned, terms, now, tell_progress, new_id, staff)
    return ImportReport(
        new=tuple(item.offer.reference for item in planned if item.known is None),
        changed=tuple(item.offer.reference for item in planned if item.is_changed),
        unchanged=tuple(item.offer.reference for item in planned if item.known and not item.is_changed),
        refused=refused,
        open=sum(item.is_open(today) for item in planned),
        shift=shift,
        is_written=is_written,
    )


async def _hold_others_off() -> None:
    """Nobody else writes offers meanwhile, nor holds one to write it; on SQLite, the transaction says so already."""
    if dialect() == "postgres":
        await Offer.raw("LOCK TABLE offer, unit IN EXCLUSIVE MODE")


async def _known_offers(references: Sequence[str]) -> dict[str, dict[str, Any]]:
    known: dict[str, dict[str, Any]] = {}
    for first in range(0, len(references), _AT_ONCE):
        some = Offer.reference.is_in(list(references[first : first + _AT_ONCE]))
        known |= {
            row["reference"]: row
            for row in await Offer.select(*Offer.all_columns(), Offer.unit.code.as_alias("unit_code")).where(
                some
            )
        }
    return known


async def _write(
    planned: Sequence[Planned],
    terms: ImportTerms,
    now: datetime,
    tell_progress: Callable[[int], None] | None,
    new_id: Callable[[], UUID],
    staff: StaffMember | None,
) -> None:
    ids = await _units(planned, terms.contact_email, staff, now)
    for done, item in enumerate(planned, start=1):
        unit_id = ids[item.offer.unit_code]
        if item.known is None:
            await _create(new_id(), unit_id, item, terms, now, staff)
        elif item.is_changed:
            await _change(item.known, unit_id, item, terms, now, staff)
        if tell_progress:
            tell_progress(done)


async def _units(
    planned: Sequence[Planned], contact_email: str, staff: StaffMember | None, now: datetime
) -> dict[str, int]:
    """The id of each unit by its code; unknown ones are made from their first row, known ones stay as they are."""
    ids = {row["code"]: int(row["id"]) for row in await Unit.select(Unit.id, Unit.code)}
    for item in planned:
        code = item.offer.unit_code
        if code not in ids:
            values: dict[Any, Any] = {
                "code": code,
                "name": item.offer.unit_name or code,
                "city": item.values["city"],
                "region": item.values["region"],
                "contact_email": contact_email,
            }
            ids[code] = int((await Unit.insert(Unit(**values)))[0]["id"])
            if staff:
                subject = ("unit", ids[code])
                await note_change(
                    staff.actor, "unit.created", subject, now=now, unit_id=ids[code], after=values
                )
    return ids


async def _create(
    offer_id: UUID,
    unit_id: int,
    item: Planned,
    terms: ImportTerms,
    now: datetime,
    staff: StaffMember | None,
) -> None:
    today = now.astimezone(terms.moves.zone).date()
    opened = datetime.combine(item.offer.published_on, _OFFICE_OPENS, tzinfo=terms.moves.zone)
    step = await start(OfferMachine, offer_id, staff.actor if staff else CLOCK, terms=terms.moves, now=now)
    await Offer.insert(
        Offer(
            id=offer_id,
            reference=item.offer.reference,
            unit=unit_id,
            status=step.to_state,
            version=step.version,
            created_at=now,
            published_at=min(opened.astimezone(now.tzinfo), now),
            **item.values,
        )
    )
    # The index need not hear of an offer that is over.
    is_open = item.is_open(today)
    announce = announce_offer if is_open else tell_nobody
    for event in ("take_over",) if is_open else ("take_over", "close"):
        await fire(OfferMachine, offer_id, event, CLOCK, terms=terms.moves, now=now, announce=announce)
    if staff:
        after = {"reference": item.offer.reference, **said(item.values)}
        await note_offer(staff.actor, "offer.imported", (offer_id, unit_id), now=now, after=after)


async def _change(
    known: Mapping[str, Any],
    unit_id: int,
    item: Planned,
    terms: ImportTerms,
    now: datetime,
    staff: StaffMember | None,
) -> None:
    """The timers follow: an offer that closes later now is not closed at its former day."""
    changes: dict[Any, Any] = item.changes | ({"unit": unit_id} if item.moves_unit else {})
    await Offer.update(changes).where(Offer.id == known["id"])
    await replan(OfferMachine, known["id"], terms=terms.moves)
    await record_for_index(known["id"], key=f"import/{now.isoformat()}", now=now)
    if staff:
        await note_offer(
            staff.actor, "offer.imported", (known["id"], unit_id), now=now, before=known, after=changes
        )
