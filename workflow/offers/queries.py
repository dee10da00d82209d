"""What can be asked about offers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from workflow.engine.history import Step, steps_of
from workflow.engine.timers import Planned, agenda
from workflow.offers.machine import FINDABLE, OfferMachine, closing_instant
from workflow.offers.tables import Offer
from workflow.offers.titles import title_in

_COLUMNS = (
    *Offer.all_columns(),
    Offer.unit.code.as_alias("unit_code"),
    Offer.unit.name.as_alias("unit_name"),
    Offer.unit.contact_email.as_alias("unit_contact_email"),
)
"""Made once: reaching through a foreign key takes Piccolo longer than the whole query."""


@dataclass(frozen=True, slots=True)
class OfferView:
    """One offer with its unit; codes are those of `workflow.reference`."""

    id: UUID
    reference: str
    status: str
    version: int
    unit_id: int
    unit_code: str
    unit_name: str
    unit_contact_email: str
    title_fr: str
    title_en: str
    description_fr: str
    description_en: str
    job_type: str
    industry: str | None
    job: str | None
    level: str | None
    region: str
    city: str
    country: str
    contract: str
    duration_months: int | None
    work_time: str
    salary: str
    experience: str
    starts_on: date | None
    closes_on: date
    positions: int
    contact_email: str | None
    tells_contact: bool
    publish_at: datetime | None
    created_at: datetime
    published_at: datetime | None

    def title(self, language: str) -> str:
        """The title in a language, or in the other where there is none."""
        return title_in(language, self.title_fr, self.title_en)

    def description(self, language: str) -> str:
        """The description in a language, or in the other where there is none."""
        return title_in(language, self.description_fr, self.description_en)

    def is_open(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether one can find it and apply to it now (S7, P4)."""
        return self.status in FINDABLE and now < closing_instant(self.closes_on, zone)

    @property
    def is_public(self) -> bool:
        """Whether the public was shown it, though it may have ended since; a draft that was cancelled never was."""
        return self.published_at is not None or self.status in FINDABLE

    @property
    def appeared_at(self) -> datetime:
        """When the public could first see it here; one that was taken over may say that it is older."""
        return _appeared_at(self.created_at, self.published_at)

    @property
    def contact(self) -> str:
        """The address that hears of applications: the offer's own, or its unit's."""
        return self.contact_email or self.unit_contact_email


async def offer_by_reference(reference: str) -> OfferView | None:
    """The offer with this reference, whatever its status. PostgreSQL cannot even be asked for a NUL."""
    return _first(await _offers(Offer.reference == reference)) if "\0" not in reference else None


async def offer_by_id(offer_id: UUID) -> OfferView | None:
    """The offer with this id, whatever its status."""
    return _first(await _offers(Offer.id == offer_id))


async def offers_by_ids(ids: Sequence[UUID]) -> tuple[OfferView, ...]:
    """These offers, in the order of the ids; those that do not exist are left out."""
    if not ids:
        return ()
    found = {offer.id: offer for offer in await _offers(Offer.id.is_in(list(ids)))}
    return tuple(found[offer_id] for offer_id in ids if offer_id in found)


async def agenda_of_units(
    unit_ids: Collection[int] | None, *, limit: int, offset: int = 0
) -> tuple[tuple[Planned, ...], int]:
    """A page of what will happen by itself to the offers of some units, or of every unit (None); see `agenda`."""
    if unit_ids is None:
        return await agenda(OfferMachine.subject, limit=limit, offset=offset)
    if not unit_ids:
        return (), 0
    own = Offer.select(Offer.id).where(Offer.unit.is_in(list(unit_ids)))
    return await agenda(OfferMachine.subject, own, limit=limit, offset=offset)


async def findable_offers() -> tuple[OfferView, ...]:
    """Every offer that the index should hold; closed days are left to the query's clock."""
    return await _offers(Offer.status.is_in(sorted(FINDABLE)))


@dataclass(frozen=True, slots=True)
class OpenOffers:
    """How many offers are open, and when the last of them appeared."""

    number: int
    changed_at: datetime | None


async def open_offers(today: date) -> OpenOffers:
    """The open offers of a day, counted; a new one always has a later instant."""
    newest = [
        await Offer.select(Offer.created_at, Offer.published_at)
        .where(*_open_on(today), column.is_not_null())
        .order_by(column, ascending=False)
        .first()
        for column in (Offer.created_at, Offer.published_at)
    ]
    instants = [_appeared_at(row["created_at"], row["published_at"]) for row in newest if row]
    return OpenOffers(await Offer.count().where(*_open_on(today)), max(instants, default=None))


async def some_open_offers(today: date, *, limit: int, offset: int) -> list[tuple[str, datetime]]:
    """A part of the open offers of a day, by reference: that, and when the offer appeared."""
    rows = (
        await Offer.select(Offer.reference, Offer.created_at, Offer.published_at)
        .where(*_open_on(today))
        .order_by(Offer.reference)
        .limit(limit)
        .offset(offset)
    )
    return [(row["reference"], _appeared_at(row["created_at"], row["published_at"])) for row in rows]


def _appeared_at(created_at: datetime, published_at: datetime | None) -> datetime:
    return max(created_at, published_at or created_at)


def _open_on(today: date) -> tuple[Any, ...]:
    return Offer.status.is_in(sorted(FINDABLE)), Offer.closes_on >= today


async def history_of_offer(offer_id: UUID) -> tuple[Step, ...]:
    """All steps of an offer, oldest first."""
    return (await steps_of(OfferMachine.subject, [offer_id]))[offer_id]


def _first(offers: Sequence[OfferView]) -> OfferView | None:
    return offers[0] if offers else None


async def _offers(condition: Any) -> tuple[OfferView, ...]:
    query = Offer.select(*_COLUMNS).order_by(Offer.created_at, Offer.reference, ascending=False)
    if condition is not None:
        query = query.where(condition)
    return tuple(_view(row) for row in await query)


def _view(row: dict[str, Any]) -> OfferView:
    values = {**row, "unit_id": row["unit"]}
    return OfferView(**{name: values[name] for name in OfferView.__dataclass_fields__})
