"""Offers as programs read them: codes with their labels, the title in the reader's language and in both."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, structs

from workflow.offers.queries import OfferView
from workflow.reference.queries import Kind, label


class Coded(Struct, frozen=True):
    """A code of a reference list and its name in the language asked for."""

    code: Annotated[str, Meta(examples=["53"])]
    label: Annotated[str, Meta(examples=["Bretagne"])]


class Texts(Struct, frozen=True):
    """A text by language; null where there is none."""

    fr: str | None
    en: str | None


class OfferUnit(Struct, frozen=True):
    """The laboratory or service that offers the job."""

    code: str
    name: str


class OfferItem(Struct, frozen=True, kw_only=True):
    """An offer in a list."""

    reference: Annotated[str, Meta(examples=["LAB12-CHEM-01"])]
    title: Annotated[str, Meta(description="In the language asked for, or in the other where there is none.")]
    titles: Texts
    unit: OfferUnit
    city: str | None
    region: Coded
    country: Annotated[str, Meta(description="ISO 3166-1 alpha-2.", examples=["FR"])]
    job_type: Coded
    level: Coded | None
    industry: Coded | None
    job: Coded | None
    contract: str | None
    duration_months: int | None
    work_time: str | None
    salary: str | None
    experience: str | None
    starts_on: date | None
    closes_on: Annotated[
        date, Meta(description="The last day on which one can apply, in the portal's time zone.")
    ]
    published_at: datetime | None
    url: Annotated[str, Meta(description="The page for people.")]


class OfferDetail(OfferItem, frozen=True, kw_only=True):
    """One offer with all that is said of it."""

    description: Annotated[str, Meta(description="Plain text, in the language of choice where there is one.")]
    descriptions: Texts
    positions: int
    is_open: Annotated[bool, Meta(description="Whether one can apply now.")]


class OfferMention(Struct, frozen=True):
    """An offer that something else speaks of."""

    reference: Annotated[str, Meta(examples=["LAB12-CHEM-01"])]
    title: str


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom offers are written down: their language, the portal's address, the instant, where days are counted."""

    language: str
    base_url: str
    now: datetime
    zone: ZoneInfo

    def item(self, offer: OfferView) -> OfferItem:
        """An offer in a list."""
        return OfferItem(
            reference=offer.reference,
            title=offer.title(self.language),
            titles=Texts(offer.title_fr or None, offer.title_en or None),
            unit=OfferUnit(offer.unit_code, offer.unit_name),
            city=offer.city or None,
            region=Coded(offer.region, label("region", offer.region, self.language)),
            country=offer.country,
            job_type=Coded(offer.job_type, label("job_type", offer.job_type, self.language)),
            level=self._coded("level", offer.level),
            industry=self._coded("industry", offer.industry),
            job=self._coded("job", offer.job),
            contract=label("contract", offer.contract, self.language) or None,
            duration_months=offer.duration_months,
            work_time=label("work_time", offer.work_time, self.language) or None,
            salary=offer.salary or None,
            experience=label("experience", offer.experience, self.language) or None,
            starts_on=offer.starts_on,
            closes_on=offer.closes_on,
            published_at=offer.published_at,
            url=f"{self.base_url}/offers/{quote(offer.reference, safe='')}",
        )

    def detail(self, offer: OfferView) -> OfferDetail:
        """One offer."""
        return OfferDetail(
            **structs.asdict(self.item(offer)),
            description=offer.description(self.language),
            descriptions=Texts(offer.description_fr or None, offer.description_en or None),
            positions=offer.positions,
            is_open=self.is_open(offer),
        )

    def is_open(self, offer: OfferView) -> bool:
        """Whether one can apply now."""
        return offer.is_open(self.now, self.zone)

    def _coded(self, kind: Kind, code: str | None) -> Coded | None:
        return Coded(code, label(kind, code, self.language)) if code else None


def mention(offer: OfferView, language: str) -> OfferMention:
    """An offer by reference and title."""
    return OfferMention(offer.reference, offer.title(language))
