"""Every mail and how far it got, as the console shows it, and sending a dead one again (C9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from workflow.applications.machine import ApplicationMachine
from workflow.applications.tables import Application
from workflow.audit.recording import note_change
from workflow.database.connection import write_transaction
from workflow.database.matching import contains
from workflow.engine import outbox
from workflow.engine.tables import Outbox
from workflow.errors import Conflict, NotFound
from workflow.messages.rendering import kinds
from workflow.offers.machine import OfferMachine
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember

PAGE_SIZE = 50
STATES = (outbox.PENDING, outbox.CLAIMED, outbox.SENT, outbox.DEAD, outbox.CANCELLED)
_NO_UNIT = [0]

_COLUMNS = (
    Outbox.id,
    Outbox.kind,
    Outbox.recipient,
    Outbox.language,
    Outbox.params,
    Outbox.subject_type,
    Outbox.subject_id,
    Outbox.state,
    Outbox.due_at,
    Outbox.expires_at,
    Outbox.attempts,
    Outbox.receipt,
    Outbox.created_at,
    Outbox.settled_at,
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mail. `receipt`: what the mail server said last, or why it was given up."""

    id: int
    kind: str
    recipient: str | None
    language: str | None
    params: Mapping[str, Any]
    subject_type: str | None
    subject_id: UUID | None
    state: str
    due_at: datetime
    expires_at: datetime | None
    attempts: int
    receipt: str | None
    created_at: datetime
    settled_at: datetime | None

    def can_be_retried(self, now: datetime) -> bool:
        """Whether sending it again is of use: what has expired would be given up again."""
        return self.state == outbox.DEAD and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which mails are looked for: their state, their kind, a part of the address."""

    state: str = ""
    kind: str = ""
    recipient: str = ""


async def deliveries(
    staff: StaffMember, wanted: Wanted, *, before: int | None = None
) -> tuple[tuple[Delivery, ...], int | None]:
    """The newest mails that this viewer may know of, before a row; and before which row the next ones are."""
    where = _seen_by(staff)
    if before is not None:
        where.append(Outbox.id < before)
    if wanted.state:
        where.append(Outbox.state == wanted.state)
    if wanted.kind:
        where.append(Outbox.kind == wanted.kind)
    if wanted.recipient:
        where.append(contains(Outbox.recipient, wanted.recipient))
    rows = (
        await Outbox.select(*_COLUMNS)
        .where(*where)
        .order_by(Outbox.id, ascending=False)
        .limit(PAGE_SIZE + 1)
        .output(load_json=True)
    )
    shown = tuple(Delivery(**row) for row in rows[:PAGE_SIZE])
    return shown, shown[-1].id if len(rows) > PAGE_SIZE else None


async def delivery(staff: StaffMember, delivery_id: int) -> Delivery | None:
    """One of them."""
    row = (
        await Outbox.select(*_COLUMNS)
        .where(Outbox.id == delivery_id, *_seen_by(staff))
        .first()
        .output(load_json=True)
    )
    return Delivery(**row) if row else None


async def dead_deliveries(staff: StaffMember) -> int:
    """How many mails were given up and wait for somebody to look."""
    number: int = await Outbox.count().where(Outbox.state == outbox.DEAD, *_seen_by(staff))
    return number


async def retry_delivery(staff: StaffMember, delivery_id: int, *, now: datetime) -> None:
    """Send a dead mail again. Raises NotFound, and Conflict when it is not dead, or of no use any more."""
    async with write_transaction():
        found = await delivery(staff, delivery_id)
        if found is None:
            raise NotFound
        if not found.can_be_retried(now) or not await outbox.revive(delivery_id, now=now):
            raise Conflict
        await note_change(
            staff.actor,
            "mail.retried",
            ("mail", delivery_id),
            now=now,
            unit_id=await _unit_of(found),
            after={"kind": found.kind, "attempts": found.attempts},
        )


def _seen_by(staff: StaffMember) -> list[Any]:
    """Recruiters see what is written about the applications and offers of their units."""
    where: list[Any] = [Outbox.kind.is_in(sorted(kinds()))]
    if staff.unit_ids is None:
        return where
    offers = Offer.select(Offer.id).where(Offer.unit.is_in(sorted(staff.unit_ids) or _NO_UNIT))
    applications = Application.select(Application.id).where(Application.offer.is_in(offers))
    about_applications = (Outbox.subject_type == ApplicationMachine.subject) & Outbox.subject_id.is_in(
        applications
    )
    about_offers = (Outbox.subject_type == OfferMachine.subject) & Outbox.subject_id.is_in(offers)
    return [*where, about_applications | about_offers]


async def _unit_of(found: Delivery) -> int | None:
    if found.subject_type == ApplicationMachine.subject:
        unit: Any = Application.offer.unit
        row = (
            await Application.select(unit.as_alias("unit")).where(Application.id == found.subject_id).first()
        )
    elif found.subject_type == OfferMachine.subject:
        row = await Offer.select(Offer.unit.as_alias("unit")).where(Offer.id == found.subject_id).first()
    else:
        return None
    return row["unit"] if row else None
