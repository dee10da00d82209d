"""Offers into the index: what the rows say when they are looked at, one write for many."""

import asyncio
import fcntl
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import structlog

from search.documents import OfferDocument
from search.errors import IndexBusy, IndexMissing, IndexUnusable
from search.queries import OfferIndexWriter
from workflow.engine import outbox
from workflow.engine.outbox import Claim
from workflow.offers.machine import FINDABLE, closing_instant
from workflow.offers.queries import OfferView, findable_offers, offers_by_ids
from workflow.offers.tables import Offer

INDEX_OFFER = "index_offer"
_BATCH = 200
_LEASE = timedelta(minutes=5)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_log = structlog.get_logger(__name__)


def document_of(offer: OfferView, zone: ZoneInfo) -> OfferDocument:
    """What is indexed of an offer. One that does not know when it was published sorts last."""
    titles = dict.fromkeys(title for title in (offer.title_fr, offer.title_en) if title)
    return OfferDocument(
        id=offer.id,
        titles=tuple(titles),
        published_at=offer.published_at or _LONG_AGO,
        closes_at=closing_instant(offer.closes_on, zone),
        region=offer.region,
        job_type=offer.job_type,
        level=offer.level,
        industry=offer.industry,
        job=offer.job,
    )


class IndexKeeper:
    """Keeps the index as the rows are.

    `lock` is a file that excludes others who read rows in order to write the index, so that what was
    read later is also written later: other workers of this machine, and `rebuild`.
    """

    kinds = frozenset({INDEX_OFFER})

    def __init__(
        self, writer: OfferIndexWriter, *, lock: Path, zone: ZoneInfo, clock: Callable[[], datetime]
    ) -> None:
        self._writer = writer
        self._lock = lock
        self._zone = zone
        self._clock = clock

    async def prepare(self) -> None:
        """Build the index when it is missing, damaged, of another analysis, or of another database."""
        await self.keep_sound()
        while await self.sweep():
            pass
        held = await asyncio.to_thread(self._writer.check)
        findable = await Offer.count().where(Offer.status.is_in(sorted(FINDABLE)))
        if held != findable:
            _log.warning("index is built anew", reason=f"it holds {held} offers of {findable}")
            await self.rebuild()

    async def keep_sound(self) -> None:
        """Check every file of the index, and build it anew when one is damaged or gone."""
        try:
            await asyncio.to_thread(self._writer.check)
        except IndexUnusable as error:
            _tell(error)
            await self.rebuild()

    async def rebuild(self) -> int:
        """Build the index anew from the rows, beside the old one; how many offers it holds. Raises IndexBusy."""
        async with _held(self._lock):
            return await self._rebuild()

    async def _rebuild(self) -> int:
        documents = self._documents(await findable_offers())
        return await asyncio.to_thread(self._writer.rebuild, documents)

    async def sweep(self) -> bool:
        """Bring a batch of offers up to date in one write."""
        if not await outbox.is_any_due(sorted(self.kinds), self._clock()):
            return False
        async with _held(self._lock):
            claims = await outbox.claim(
                kinds=sorted(self.kinds), limit=_BATCH, lease=_LEASE, token=uuid4(), now=self._clock()
            )
            try:
                await self._bring_up_to_date(claims)
            except IndexBusy:
                await self._give_back(claims)
                return False
        for claim in claims:
            await outbox.settle(claim, state=outbox.SENT, receipt="indexed", now=self._clock())
        _log.info("offers indexed", rows=len(claims))
        return bool(claims)

    async def _bring_up_to_date(self, claims: Sequence[Claim]) -> None:
        ids = {UUID(claim.params["offer_id"]) for claim in claims}
        found = [offer for offer in await offers_by_ids(sorted(ids)) if offer.status in FINDABLE]
        gone = ids - {offer.id for offer in found}
        try:
            await asyncio.to_thread(self._writer.apply, self._documents(found), gone)
        except IndexUnusable as error:
            _tell(error)
            await self._rebuild()

    async def _give_back(self, claims: Sequence[Claim]) -> None:
        until = self._clock() + timedelta(seconds=1)
        for claim in claims:
            await outbox.postpone(claim, until=until, receipt="index busy", counted=False)

    def _documents(self, offers: Iterable[OfferView]) -> list[OfferDocument]:
        return [document_of(offer, self._zone) for offer in offers]


@asynccontextmanager
async def _held(path: Path) -> AsyncIterator[None]:
    """Hold a file's lock, waiting for it without blocking the loop; a killed holder lets go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.05)
        yield


def _tell(error: IndexUnusable) -> None:
    """Damage is a warning; that there is none before the first build is not."""
    level = logging.INFO if isinstance(error, IndexMissing) else logging.WARNING
    _log.log(level, "index is built anew", reason=error.reason)
