"""What an alert would have found in the last month, by the very code that will look for it (L3)."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from search.documents import OfferDocument
from search.percolator import Percolator, SavedSearch
from search.synonyms import edition
from workflow.alerts.criteria import Criteria
from workflow.alerts.preview import RecentOffer, recent_offers
from workflow.offers.machine import closing_instant

_HELD = timedelta(minutes=1)
"""So long nobody looks for newer offers: a preview is shown while somebody types."""

_SHARE = 30
"""And so many times as long as it took: the pages come first."""


@dataclass(frozen=True, slots=True)
class Found:
    """What would have been found: how many offers, and the newest of them."""

    total: int
    ids: tuple[UUID, ...]


class RecentOffers:
    """The offers of the last month, held for a minute or so to be searched in. One for a process."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._basis: object = None
        self._percolator = Percolator(())
        self._looked_at: datetime | None = None
        self._held = _HELD

    async def found(self, criteria: Criteria, *, most: int, now: datetime, zone: ZoneInfo) -> Found:
        """What these criteria would have found; the newest first, `most` of them."""
        async with self._lock:
            if self._looked_at is None or not timedelta(0) <= now - self._looked_at < self._held:
                await self._look(now, zone)
            return await asyncio.to_thread(_found, self._percolator, criteria, most)

    async def _look(self, now: datetime, zone: ZoneInfo) -> None:
        """Take up newer offers, and words that mean something else, where there are any."""
        begun = time.monotonic()
        offers, meanings = await recent_offers(now), edition()
        if self._basis != (offers, meanings):
            self._percolator = await asyncio.to_thread(_percolator, offers, zone)
            self._basis = offers, meanings
        self._looked_at = now
        self._held = max(_HELD, _SHARE * timedelta(seconds=time.monotonic() - begun))


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
