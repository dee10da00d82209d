"""What recruiters do with offers: create, edit, publish, close, archive."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from workflow.audit.recording import note_change
from workflow.checks import Checks
from workflow.database.connection import write_transaction
from workflow.engine.calendar import replan
from workflow.engine.history import Step
from workflow.engine.machine import Actor, Terms
from workflow.engine.moves import fire, hold, require_version, start
from workflow.engine.outbox import Announcement, record
from workflow.errors import Conflict, FieldError, IllegalEvent, InvalidInput, NotFound, OfferNotOpen
from workflow.language import N_
from workflow.offers.fields import OFFER_FIELDS, checked_offer, checked_reference, fingerprint
from workflow.offers.machine import FINDABLE, OVER, OfferMachine, description_missing
from workflow.offers.queries import OfferView, offer_by_id, offer_by_reference
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember
from workflow.webhooks.events import PROGRAMS, event_announcement, is_wanted, told_of_offer

_NOTHING: Mapping[str, Any] = {}


class OfferChanged(Conflict):
    """Somebody else has changed this offer since you opened it."""

    code = "offer-changed"


async def create_offer(
    staff: StaffMember,
    reference: str,
    unit_id: int,
    data: Mapping[str, Any],
    *,
    terms: Terms,
    now: datetime,
    copied_from: str = "",
    new_id: Callable[[], UUID] = uuid4,
) -> UUID:
    """Make a draft; the new id. Raises InvalidInput, and NotFound for a unit of others.

    `copied_from`: the reference of the offer that it says the same as (`duplicate_offer`).
    """
    if not staff.sees_unit(unit_id):
        raise NotFound
    values = checked_offer(data)
    name = checked_reference(reference)
    async with write_transaction():
        offer_id = new_id()
        step = await start(OfferMachine, offer_id, staff.actor, terms=terms, now=now)
        inserted = await Offer.insert(
            Offer(
                id=offer_id,
                reference=name,
                unit=unit_id,
                status=step.to_state,
                version=step.version,
                created_at=now,
                **values,
            )
        ).on_conflict(target=Offer.reference, action="DO NOTHING")
        if not inserted:
            text = N_("There is an offer with this reference already.")
            raise InvalidInput([FieldError("reference", text)])
        origin = {"copied_from": copied_from} if copied_from else {}
        await note_offer(
            staff.actor,
            "offer.duplicated" if copied_from else "offer.created",
            (offer_id, unit_id),
            now=now,
            after={"reference": name, **origin, **said(values)},
        )
    return offer_id


async def note_offer(
    actor: Actor,
    action: str,
    offer: tuple[UUID, int],
    *,
    now: datetime,
    before: Mapping[str, Any] = _NOTHING,
    after: Mapping[str, Any] = _NOTHING,
) -> None:
    """Write into the audit what somebody did to an offer, given with its unit (C9)."""
    offer_id, unit_id = offer
    await note_change(
        actor, action, ("offer", offer_id), now=now, unit_id=unit_id, before=before, after=after
    )


def said(values: Mapping[Any, Any]) -> dict[str, Any]:
    """Of the columns of a new offer those that say something."""
    return {name: value for name, value in values.items() if value not in ("", None)}


async def edit_offer(
    staff: StaffMember,
    reference: str,
    data: Mapping[str, Any],
    *,
    terms: Terms,
    now: datetime,
    seen: str = "",
    new_id: Callable[[], UUID] = uuid4,
) -> None:
    """Change what an offer says; a published one is indexed anew, and closes after its new last day.

    A published one keeps a description and a last day that is not over. `seen`: the fingerprint of what the
    editor saw, if that matters. Raises InvalidInput, NotFound, OfferChanged.
    """
    values = checked_offer(data)
    async with write_transaction():
        offer, row, _ = await _held(staff, reference)
        before = {name: getattr(offer, name) for name in OFFER_FIELDS}
        if seen and seen != fingerprint(before):
            raise OfferChanged
        if row["status"] in FINDABLE:
            _check_findable(row, values, now.astimezone(terms.zone).date())
        await Offer.update(values).where(Offer.id == offer.id)
        await _changed(offer, terms=terms, now=now, key=f"edit/{new_id()}")
        await note_offer(
            staff.actor, "offer.edited", (offer.id, offer.unit_id), now=now, before=before, after=values
        )


async def _held(staff: StaffMember, reference: str) -> tuple[OfferView, dict[str, Any], Step]:
    """The offer as it is once nobody else can change it, what its machine reads, its last step. Raises NotFound."""
    seen = await offer_of_staff(staff, reference)
    row, last = await hold(OfferMachine, seen.id)
    return await offer_of_staff(staff, reference), row, last


async def _changed(offer: OfferView, *, terms: Terms, now: datetime, key: str) -> None:
    await replan(OfferMachine, offer.id, terms=terms)
    await record_for_index(offer.id, key=key, now=now)


async def extend_offer(
    staff: StaffMember,
    reference: str,
    closes_on: object,
    *,
    terms: Terms,
    now: datetime,
    new_id: Callable[[], UUID] = uuid4,
) -> None:
    """Give an offer another last day, from today on (C2). Raises NotFound, InvalidInput, and OfferNotOpen once it
    is closed: it does not open again.
    """
    checks = Checks({"closes_on": closes_on})
    day = checks.day("closes_on", required=True)
    if day and day < now.astimezone(terms.zone).date():
        checks.fail("closes_on", N_("This day is over. Choose a later one."))
    checks.finish()
    async with write_transaction():
        offer, row, _ = await _held(staff, reference)
        if row["status"] in OVER:
            raise OfferNotOpen
        await Offer.update({Offer.closes_on: day}).where(Offer.id == offer.id)
        await _changed(offer, terms=terms, now=now, key=f"extend/{new_id()}")
        await note_offer(
            staff.actor,
            "offer.extended",
            (offer.id, offer.unit_id),
            now=now,
            before={"closes_on": offer.closes_on},
            after={"closes_on": day},
        )


def _check_findable(row: Mapping[str, Any], values: Mapping[Any, Any], today: date) -> None:
    """A slip of the finger must not close what candidates see; what was so before may stay so. Raises InvalidInput."""
    errors = []
    if _has_description(row) and not _has_description(values):
        errors.append(description_missing())
    if values["closes_on"] < today and values["closes_on"] != row["closes_on"]:
        day_over = N_("This day is over, and the offer is published. Choose a later one, or close the offer.")
        errors.append(FieldError("closes_on", day_over))
    if errors:
        raise InvalidInput(errors)


def _has_description(offer: Mapping[Any, Any]) -> bool:
    return bool(offer["description_fr"] or offer["description_en"])


async def schedule_offer(
    staff: StaffMember,
    reference: str,
    publish_at: datetime | None,
    *,
    terms: Terms,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Have a draft publish itself at an hour, or no longer (None) (C2).

    It must be complete already. Raises NotFound, IllegalEvent when it is no draft, StaleVersion,
    UnknownVersion, InvalidInput with what is missing, or when the hour is over.
    """
    async with write_transaction():
        offer, row, last = await _held(staff, reference)
        require_version(expected_version, row["version"], last)
        if "publish" not in OfferMachine.moves_from(row["status"], staff.actor.role):
            raise IllegalEvent(subject=OfferMachine.subject, event="publish", state=row["status"])
        if publish_at is not None:
            _check_schedule(row, publish_at, terms=terms, now=now)
        await Offer.update({Offer.publish_at: publish_at}).where(Offer.id == offer.id)
        await replan(OfferMachine, offer.id, terms=terms)
        await note_offer(
            staff.actor,
            "offer.scheduled",
            (offer.id, offer.unit_id),
            now=now,
            before={"publish_at": row["publish_at"]},
            after={"publish_at": publish_at},
        )


def _check_schedule(row: Mapping[str, Any], publish_at: datetime, *, terms: Terms, now: datetime) -> None:
    """Raises InvalidInput with all that would keep it from being published then."""
    errors = []
    if publish_at <= now:
        text = N_("This hour is over. Choose a later one, or publish now.")
        errors.append(FieldError("publish_at", text))
    elif row["closes_on"] < publish_at.astimezone(terms.zone).date():
        text = N_(
            "By then the last day to apply is over. Choose an earlier hour, or save a later last day first."
        )
        errors.append(FieldError("publish_at", text))
    if not (row["description_fr"] or row["description_en"]):
        errors.append(description_missing())
    if errors:
        raise InvalidInput(errors)


async def move_offer(
    staff: StaffMember,
    reference: str,
    event: str,
    *,
    terms: Terms,
    now: datetime,
    expected_version: int | None = None,
    note: str = "",
) -> Step:
    """Publish, close or archive an offer (C2). Publishing checks that it is complete.

    Raises NotFound, InvalidInput with what is missing, and the errors of `fire`. Cancelling is not done here:
    it takes the applications along (`cancel_offer`).
    """
    if event == "cancel":
        raise ValueError(event)
    async with write_transaction():
        offer = await offer_of_staff(staff, reference)
        return await fire(
            OfferMachine,
            offer.id,
            event,
            staff.actor,
            terms=terms,
            now=now,
            announce=announce_offer,
            expected_version=expected_version,
            note=note,
        )


async def offer_of_staff(staff: StaffMember, reference: str) -> OfferView:
    """The offer, if it is theirs to see; of others' it is not even told that they exist. Raises NotFound."""
    offer = await offer_by_reference(reference)
    if offer is None or not staff.sees_unit(offer.unit_id):
        raise NotFound
    return offer


async def announce_offer(step: Step, tells: Mapping[str, str]) -> list[Announcement]:
    """Tell the index, and the programs that want to know (I3)."""
    told = [index_announcement(step.subject_id, str(step.version))] if "index" in tells else []
    if PROGRAMS in tells and (event := await _event(step, tells[PROGRAMS])):
        told.append(event)
    return told


async def _event(step: Step, kind: str) -> Announcement | None:
    """What programs are told of an offer; None where nobody wants to know, or it never was public."""
    if step.from_state == OfferMachine.initial_state_id() and step.to_state not in FINDABLE:
        return None
    if not await is_wanted(kind):
        return None
    offer = await offer_by_id(step.subject_id)
    if offer is None:
        raise NotFound
    data = {
        "id": str(step.subject_id),
        **told_of_offer(offer.reference, offer.title("fr"), offer.title("en")),
        "status": step.to_state,
        "version": step.version,
        "closes_on": offer.closes_on.isoformat(),
    }
    return event_announcement(kind, step, {"offer": data})


def index_announcement(offer_id: UUID, key: str) -> Announcement:
    """Have the worker look at an offer again and index it as it then is."""
    return Announcement(
        kind="index_offer", dedup_key=f"index_offer/{offer_id}/{key}", params={"offer_id": str(offer_id)}
    )


async def record_for_index(offer_id: UUID, *, key: str, now: datetime) -> None:
    """Record an index entry outside a move."""
    await record([index_announcement(offer_id, key)], now=now)
