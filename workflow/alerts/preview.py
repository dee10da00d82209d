"""What was published in the last month, as an alert would have looked at it: to show what one would have found (L3)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from workflow.offers.machine import FINDABLE
from workflow.offers.tables import Offer

MONTH = timedelta(days=30)

_COLUMNS = (
    Offer.id,
    Offer.title_fr,
    Offer.title_en,
    Offer.region,
    Offer.job_type,
    Offer.level,
    Offer.industry,
    Offer.job,
    Offer.closes_on,
    Offer.created_at,
    Offer.published_at,
)


@dataclass(frozen=True, slots=True)
class RecentOffer:
    """As much of an offer as searches look at."""

    id: UUID
    titles: tuple[str, ...]
    region: str
    job_type: str
    level: str | None
    industry: str | None
    job: str | None
    closes_on: date
    published_at: datetime


async def recent_offers(now: datetime) -> tuple[RecentOffer, ...]:
    """What was published in the month before, the oldest first, also what has closed since; not what was cancelled."""
    begins = now - MONTH
    undated = (
        Offer.published_at.is_null() & Offer.status.is_in(sorted(FINDABLE)) & (Offer.created_at >= begins)
    )
    rows = await Offer.select(*_COLUMNS).where(
        Offer.status != "cancelled", (Offer.published_at >= begins) | undated
    )
    offers = [
        RecentOffer(
            id=row["id"],
            titles=tuple(dict.fromkeys(filter(None, (row["title_fr"], row["title_en"])))),
            published_at=row["published_at"] or row["created_at"],
            **{name: row[name] for name in ("region", "job_type", "level", "industry", "job", "closes_on")},
        )
        for row in rows
    ]
    return tuple(sorted(offers, key=lambda offer: (offer.published_at, offer.id)))
