"""What recruiters do with offers: create, edit, publish, close, archive."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from workflow.checks import Checks, clean_line
from workflow.database.connection import write_transaction
from workflow.engine.calendar import replan
from workflow.engine.history import Step
from workflow.engine.machine import Terms
from workflow.engine.moves import fire, hold, require_version, start
from workflow.engine.outbox import Announcement, record
from workflow.errors import FieldError, IllegalEvent, InvalidInput, NotFound
from workflow.language import N_
from workflow.offers.machine import FINDABLE, OfferMachine, description_missing
from workflow.offers.queries import OfferView, offer_by_reference
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember
from workflow.reference.queries import jobs

_LIMITS = {
    "title_fr": 300,
    "title_en": 300,
    "city": 120,
    "contract": 120,
    "work_time": 120,
    "salary": 300,
    "experience": 120,
}


OFFER_FIELDS = (
    "title_fr",
    "title_en",
    "description_fr",
    "description_en",
    "job_type",
    "industry",
    "job",
    "level",
    "region",
    "city",
    "country",
    "contract",
    "duration_months",
    "work_time",
    "salary",
    "experience",
    "starts_on",
    "closes_on",
    "positions",
    "contact_email",
    "tells_contact",
)
"""What an offer says, and recruiters may change: the columns that `checked_offer` reads."""

_TAKEN_ADDRESSES = frozenset({"advanced", "new"})
"""Pages that stand where an offer of this reference would."""


def checked_offer(data: Mapping[str, Any]) -> dict[Any, Any]:
    """The columns of an offer from a form or an import. Raises InvalidInput with all that is wrong."""
    checks = Checks(data)
    values: dict[str, Any] = {name: checks.line(name, maximum=maximum) for name, maximum in _LIMITS.items()}
    values |= {name: checks.text(name, maximum=20_000) for name in ("description_fr", "description_en")}
    if not values["title_fr"] and not values["title_en"]:
        checks.fail("title_fr", N_("Write a title in French or in English."))
    values["job_type"] = checks.choice("job_type", "job_type", required=True)
    values["region"] = checks.choice("region", "region", required=True)
    values["country"] = checks.choice("country", "country") or "FR"
    for name in ("industry", "job", "level"):
        values[name] = checks.choice(name, name) or None  # type: ignore[arg-type]  # the names are kinds
    _check_job(checks, values)
    values["duration_months"] = checks.number("duration_months", least=1, most=600)
    values["positions"] = checks.number("positions", least=1, most=999) or 1
    values["starts_on"] = checks.day("starts_on")
    values["closes_on"] = checks.day("closes_on", required=True)
    values["contact_email"] = checks.email("contact_email") if data.get("contact_email") else None
    values["tells_contact"] = data.get("tells_contact", True) in (True, "true", "yes", "on", "1")
    checks.finish()
    return values


def _check_job(checks: Checks, values: dict[str, Any]) -> None:
    """A job belongs to a job type, and a technical one to an industry."""
    job = next((job for job in jobs() if job.code == values["job"]), None)
    if job and job.job_type != values["job_type"]:
        checks.fail("job", N_("This job does not belong to the job type. Choose another job or job type."))
    elif job and job.industry:
        values["industry"] = values["industry"] or job.industry
        if values["industry"] != job.industry:
            checks.fail("industry", N_("This industry is not the job's."))


def checked_reference(reference: str) -> str:
    """The reference of an offer as it is kept: part of its address. Raises InvalidInput."""
    name = clean_line(reference)
    has_substance = any(character.isalnum() for character in name)
    if len(name) > 60 or not has_substance or not name.isprintable() or "/" in name or "\\" in name:
        text = N_("Write a reference of 1 to 60 letters and digits, without a slash.")
        raise InvalidInput([FieldError("reference", text)])
    if name.lower() in _TAKEN_ADDRESSES:
        raise InvalidInput([FieldError("reference", N_("This word has another use here. Choose another."))])
    return name


async def create_offer(
    staff: StaffMember,
    reference: str,
    unit_id: int,
    data: Mapping[str, Any],
    *,
    terms: Terms,
    now: datetime,
    new_id: Callable[[], UUID] = uuid4,
) -> UUID:
    """Make a draft; the new id. Raises InvalidInput, and NotFound for a unit of others."""
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
    return offer_id


async def edit_offer(
    staff: StaffMember,
    reference: str,
    data: Mapping[str, Any],
    *,
    terms: Terms,
    now: datetime,
    new_id: Callable[[], UUID] = uuid4,
) -> None:
    """Change what an offer says; a published one is indexed anew, and closes after its new last day.

    A published one keeps a description and a last day that is not over. Raises InvalidInput, NotFound.
    """
    values = checked_offer(data)
    async with write_transaction():
        offer = await offer_of_staff(staff, reference)
        row, _ = await hold(OfferMachine, offer.id)
        if row["status"] in FINDABLE:
            _check_findable(row, values, now.astimezone(terms.zone).date())
        await Offer.update(values).where(Offer.id == offer.id)
        await replan(OfferMachine, offer.id, terms=terms)
        await record_for_index(offer.id, key=f"edit/{new_id()}", now=now)


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
        offer = await offer_of_staff(staff, reference)
        row, last = await hold(OfferMachine, offer.id)
        require_version(expected_version, row["version"], last)
        if "publish" not in OfferMachine.moves_from(row["status"], staff.actor.role):
            raise IllegalEvent(subject=OfferMachine.subject, event="publish", state=row["status"])
        if publish_at is not None:
            _check_schedule(row, publish_at, terms=terms, now=now)
        await Offer.update({Offer.publish_at: publish_at}).where(Offer.id == offer.id)
        await replan(OfferMachine, offer.id, terms=terms)


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
    """Tell the index."""
    return [index_announcement(step.subject_id, str(step.version))] if "index" in tells else []


def index_announcement(offer_id: UUID, key: str) -> Announcement:
    """Have the worker look at an offer again and index it as it then is."""
    return Announcement(
        kind="index_offer", dedup_key=f"index_offer/{offer_id}/{key}", params={"offer_id": str(offer_id)}
    )


async def record_for_index(offer_id: UUID, *, key: str, now: datetime) -> None:
    """Record an index entry outside a move."""
    await record([index_announcement(offer_id, key)], now=now)
