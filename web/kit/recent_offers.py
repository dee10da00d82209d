"""What an alert would have found in the last month, by the very code that will look for it (L3)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from search.documents import OfferDocument
from search.percolator import Percolator, SavedSearch
from workflow.alerts.criteria import Criteria
from workflow.alerts.preview import RecentOffer, recent_offers
from workflow.offers.machine import closing_instant

_HELD = timedelta(minutes=1)
"""So long nobody looks for newer offers: a preview is shown while somebody types."""


@dataclass(frozen=True, slots=True)
class Found:
    """What would have been found: how many offers, and the newest of them."""

    total: int
    ids: tuple[UUID, ...]


class RecentOffers:
    """The offers of the last month, held for a minute to be searched in. One for a process."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._percolator = Percolator(())
        self._made_at: datetime | None = None

    async def found(self, criteria: Criteria, *, most: int, now: datetime, zone: ZoneInfo) -> Found:
        """What these criteria would have found; the newest first, `most` of them."""
        async with self._lock:
            if self._made_at is None or not timedelta(0) <= now - self._made_at < _HELD:
                offers = await recent_offers(now)
                self._percolator = await asyncio.to_thread(_percolator, offers, zone)
                self._made_at = now
            return await asyncio.to_thread(_found, self._percolator, criteria, most)


def _percolator(offers: tuple[RecentOffer, ...], zone: ZoneInfo) -> Percolator:
    return Percolator(
        OfferDocument(
            offer.id,
            offer.titles,
            offer.published_at,
            closing_instant(offer.closes_on, zone),
            offer.region,
            offer.job_type,
            offer.level,
            offer.industry,
            offer.job,
        )
        for offer in offers
    )


def _found(percolator: Percolator, criteria: Criteria, most: int) -> Found:
    saved = SavedSearch(
        keywords=criteria.keywords,
        region=criteria.region,
        job_type=criteria.job_type,
        industry=criteria.industry,
        job=criteria.job,
    )
    found = percolator.matching(saved)
    return Found(found.bit_count(), tuple(offer.id for offer in percolator.offers_of(found, most)))
