"""Naming one successful and what follows from it, confirmed together: the others rejected, the offer closed (C8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from workflow.applications.commands import checked_paragraph, fire_as_recruiter
from workflow.applications.tables import Application
from workflow.batches.commands import Item, begin_batch, checked_words
from workflow.batches.holding import hold_batch
from workflow.database.connection import write_transaction
from workflow.engine.history import Step
from workflow.engine.machine import Terms
from workflow.engine.moves import fire
from workflow.errors import IllegalEvent, NotFound
from workflow.offers.commands import announce_offer
from workflow.offers.machine import OfferMachine
from workflow.recruiters.queries import StaffMember

ACCEPT, REJECT, CLOSE = "accept", "reject", "close"


@dataclass(frozen=True, slots=True)
class Rejecting:
    """The batch that rejects others, as it was previewed; `paragraphs`: language → words in their mails."""

    batch_id: UUID
    items: Sequence[Item]
    note: str
    paragraphs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was done. `rejecting`: how many a worker is about to reject; `is_closed`: the offer, by this."""

    step: Step
    rejecting: int
    is_closed: bool


async def accept_application(
    staff: StaffMember,
    application_id: UUID,
    *,
    terms: Terms,
    now: datetime,
    expected_version: int | None = None,
    note: str = "",
    paragraph: str = "",
    rejecting: Rejecting | None = None,
    closes: bool = False,
) -> Accepted:
    """Name one successful, have a worker reject others to the same offer, and close it: all of it or nothing.

    An offer that is not open any more stays as it is, and the rest is done. Raises what `move_application` and
    `start_batch` do; among the others only applications to the same offer are rejected.
    """
    words = checked_paragraph("paragraph", paragraph)
    others = checked_words(REJECT, rejecting.items, rejecting.note, rejecting.paragraphs) if rejecting else {}
    async with write_transaction():
        if rejecting:
            await hold_batch(rejecting.batch_id)
        offer_id = await _offer_of(staff, application_id)
        is_closed = closes and await _close(staff, offer_id, terms=terms, now=now)
        step = await fire_as_recruiter(
            staff,
            application_id,
            ACCEPT,
            terms=terms,
            now=now,
            expected_version=expected_version,
            note=note,
            words=words,
        )
        number = 0
        if rejecting:
            items = await _to_the_offer(offer_id, rejecting.items, but=application_id)
            number = await begin_batch(staff, rejecting.batch_id, items, REJECT, others, now=now)
    return Accepted(step, number, is_closed)


async def _offer_of(staff: StaffMember, application_id: UUID) -> UUID:
    row = (
        await Application.select(Application.offer, Application.offer.unit.as_alias("unit"))
        .where(Application.id == application_id)
        .first()
    )
    if row is None or not staff.sees_unit(row["unit"]):
        raise NotFound
    offer_id: UUID = row["offer"]
    return offer_id


async def _close(staff: StaffMember, offer_id: UUID, *, terms: Terms, now: datetime) -> bool:
    """False where it is not open."""
    try:
        await fire(OfferMachine, offer_id, CLOSE, staff.actor, terms=terms, now=now, announce=announce_offer)
    except IllegalEvent:
        return False
    return True


async def _to_the_offer(offer_id: UUID, items: Sequence[Item], *, but: UUID) -> list[Item]:
    """Those of the items that are to this offer, without the one that is accepted."""
    rows = await Application.select(Application.id).where(Application.offer == offer_id)
    others = {row["id"] for row in rows} - {but}
    return [item for item in items if item.application_id in others]
