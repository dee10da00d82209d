"""Every mail and how far it got, as the console shows it, and sending a dead one again (C9)."""

import re
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
from workflow.recruiters.queries import StaffMember, for_sql

PAGE_SIZE = 50
_MESSAGE_ID = re.compile(rb"^Message-ID: <([^>\r\n]+)>", re.MULTILINE)
STATES = (outbox.PENDING, outbox.CLAIMED, outbox.HELD, outbox.SENT, outbox.DEAD, outbox.CANCELLED)

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
        is_open = self.state in {outbox.DEAD, outbox.HELD}
        return is_open and (self.expires_at is None or self.expires_at > now)

    @property
    def is_held(self) -> bool:
        """Whether it may have gone out, and somebody has to decide."""
        return self.state == outbox.HELD


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


async def message_id(found: Delivery) -> str:
    """By what a mail server's log names a mail; '' where its bytes are not kept, or for its recipient alone."""
    row = await Outbox.select(Outbox.rendered).where(Outbox.id == found.id).first()
    name = _MESSAGE_ID.search((row or {}).get("rendered") or b"")
    return name[1].decode() if name else ""


async def retry_delivery(staff: StaffMember, delivery_id: int, *, now: datetime) -> None:
    """Send a dead or held mail again. Raises NotFound, and Conflict when it is neither, or of no use any more."""
    async with write_transaction():
        found = await _found(staff, delivery_id)
        if not found.can_be_retried(now) or not await outbox.revive(delivery_id, now=now):
            raise Conflict
        await _note(staff, "mail.retried", found, now=now)


async def note_as_sent(staff: StaffMember, delivery_id: int, *, now: datetime) -> None:
    """Settle a held mail as one that went out: somebody found out that it did.

    Raises NotFound, and Conflict when it is not held.
    """
    async with write_transaction():
        found = await _found(staff, delivery_id)
        receipt = f"noted as sent; before: {found.receipt}"
        if not await outbox.believe_sent(delivery_id, receipt=receipt, now=now):
            raise Conflict
        await _note(staff, "mail.noted_as_sent", found, now=now)


async def _found(staff: StaffMember, delivery_id: int) -> Delivery:
    found = await delivery(staff, delivery_id)
    if found is None:
        raise NotFound
    return found


async def _note(staff: StaffMember, action: str, found: Delivery, *, now: datetime) -> None:
    await note_change(
        staff.actor,
        action,
        ("mail", found.id),
        now=now,
        unit_id=await _unit_of(found),
        after={"kind": found.kind, "attempts": found.attempts},
    )


def _seen_by(staff: StaffMember) -> list[Any]:
    """Recruiters see what is written about the applications and offers of their units."""
    where: list[Any] = [Outbox.kind.is_in(sorted(kinds()))]
    if staff.unit_ids is None:
        return where
    offers = Offer.select(Offer.id).where(Offer.unit.is_in(for_sql(staff.unit_ids)))
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
