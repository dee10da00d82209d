"""An offer as pages show it: in the reader's language, with labels instead of codes."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from workflow.offers.queries import OfferView
from workflow.reference.queries import ABROAD, Kind, label


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """What templates read of an offer. `language` is the title's own; `closed_on` is None while that day is to come.

    `title_segments` parts the title into what was searched for (true) and the rest; empty outside of results.
    """

    reference: str
    href: str
    title: str
    language: str
    description: str
    description_language: str
    unit_name: str
    city: str
    region_label: str
    job_type_label: str
    industry_label: str
    job_label: str
    level_label: str
    contract: str
    work_time: str
    experience: str
    salary: str
    duration_months: int | None
    positions: int
    starts_on: date | None
    closes_on: date
    closed_on: date | None
    published_at: datetime | None
    is_open: bool
    is_cancelled: bool
    title_segments: tuple[tuple[str, bool], ...] = ()


def offer_address(reference: str) -> str:
    """The path of an offer's page."""
    return f"/offers/{quote(reference, safe='')}"


def application_form_address(reference: str) -> str:
    """The path of the form to apply with; it leads on to the offer's page where one cannot."""
    return f"{offer_address(reference)}/apply"


def shown_offer(offer: OfferView, language: str, *, now: datetime, zone: ZoneInfo) -> ShownOffer:
    """The offer for a reader of that language."""

    def named(kind: Kind, code: str | None) -> str:
        return label(kind, code, language) if code else ""

    return ShownOffer(
        reference=offer.reference,
        href=offer_address(offer.reference),
        title=offer.title(language),
        language=_language(language, offer.title_fr, offer.title_en),
        description=offer.description(language),
        description_language=_language(language, offer.description_fr, offer.description_en),
        unit_name=offer.unit_name,
        city=offer.city,
        region_label=named("country", offer.country)
        if offer.region == ABROAD
        else named("region", offer.region),
        job_type_label=named("job_type", offer.job_type),
        industry_label=named("industry", offer.industry),
        job_label=named("job", offer.job),
        level_label=named("level", offer.level),
        contract=named("contract", offer.contract),
        work_time=named("work_time", offer.work_time),
        experience=named("experience", offer.experience),
        salary=offer.salary,
        duration_months=offer.duration_months,
        positions=offer.positions,
        starts_on=offer.starts_on,
        closes_on=offer.closes_on,
        closed_on=offer.closes_on if offer.closes_on < now.astimezone(zone).date() else None,
        published_at=offer.published_at,
        is_open=offer.is_open(now, zone),
        is_cancelled=offer.status == "cancelled",
    )


def _language(wanted: str, french: str, english: str) -> str:
    """The language that a text is shown in, when one of the two may be missing."""
    if wanted == "fr":
        return "fr" if french or not english else "en"
    return "en" if english or not french else "fr"
