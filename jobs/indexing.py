"""Offers into the index: what the rows say when they are looked at, one write for many."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf
from typing import TypeAlias, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import structlog

from search.documents import OfferDocument
from search.errors import IndexBusy, IndexUnusable
from search.postgres_index import PostgresWriter
from search.queries import OfferIndexWriter
from search.whoosh_index import WhooshWriter
from workflow.engine import outbox
from workflow.engine.outbox import Claim
from workflow.offers.machine import FINDABLE, closing_instant
from workflow.offers.queries import OfferView, findable_offers, offers_by_ids
from workflow.offers.tables import Offer
from workflow.settings import Settings

INDEX_OFFER = "index_offer"
_BATCH = 200
_PAUSE = 0.1
_TRIES = 3
_LEASE = timedelta(0)
"""Rows are only claimed by whoever has the turn: what is claimed then was somebody's who died in theirs."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_log = structlog.get_logger(__name__)

T = TypeVar("T")

Progress: TypeAlias = Callable[[int, int], None]
"""Told of offers done, and of how many there are; in another thread."""


class _Ended(Exception):
    """Whoever wanted the index built is no longer there."""


def _untold(_done: int, _of: int) -> None:
    """Nobody asks how far it is."""


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


def index_writer(settings: Settings) -> OfferIndexWriter:
    """What writes this installation's index."""
    if settings.search == "postgres":
        return PostgresWriter(settings.database_url)
    return WhooshWriter(settings.var / "index")


class IndexKeeper:
    """Keeps the index as the rows are. Any number of keepers on any number of machines take turns."""

    kinds = frozenset({INDEX_OFFER})

    def __init__(self, writer: OfferIndexWriter, *, zone: ZoneInfo, clock: Callable[[], datetime]) -> None:
        self._writer = writer
        self._zone = zone
        self._clock = clock

    def close(self) -> None:
        """Let go of what the writer holds."""
        self._writer.close()

    async def prepare(self) -> None:
        """Build the index when it is missing, damaged, of another analysis, or of another database."""
        await self.keep_sound()
        for _ in range(_TRIES):  # offers may be published meanwhile
            while await self.sweep():
                pass
            held = await asyncio.to_thread(self._writer.check)
            findable = await Offer.count().where(Offer.status.is_in(sorted(FINDABLE)))
            if held == findable:
                return
        _log.warning("index is built anew", reason=f"it holds {held} offers of {findable}")
        await self.rebuild()

    async def keep_sound(self) -> None:
        """Check the whole index, and build it anew when it is damaged or gone."""
        async with self._turn():
            try:
                await asyncio.to_thread(self._writer.check)
            except IndexUnusable as error:
                await self._mend(error)

    async def rebuild(self, *, progress: Progress = _untold, patience: float = inf) -> int:
        """Build the index anew from the rows, beside the old one; how many offers it holds.

        Until it is done the old one goes on, also when this is cancelled. Raises IndexBusy when others do not
        let go of it for `patience` seconds.
        """
        async with self._turn(patience):
            return await self._rebuild(progress=progress)

    async def sweep(self) -> bool:
        """Bring a batch of offers up to date in one write."""
        if not await outbox.is_any_due(sorted(self.kinds), self._clock()):
            return False
        async with self._turn():
            claims = await outbox.claim(
                kinds=sorted(self.kinds), limit=_BATCH, lease=_LEASE, token=uuid4(), now=self._clock()
            )
            try:
                await self._bring_up_to_date(claims)
            except IndexBusy:
                await self._give_back(claims)
                return False
            except OSError:  # a full disk, say: others may have more luck, and so may we later
                await self._give_back(claims)
                raise
            for claim in claims:
                await outbox.settle(claim, state=outbox.SENT, receipt="indexed", now=self._clock())
        _log.info("offers indexed", rows=len(claims))
        return bool(claims)

    async def _bring_up_to_date(self, claims: Sequence[Claim]) -> None:
        ids = {UUID(claim.params["offer_id"]) for claim in claims}
        found = [offer for offer in await offers_by_ids(sorted(ids)) if offer.status in FINDABLE]
        gone = ids - {offer.id for offer in found}
        documents = [document_of(offer, self._zone) for offer in found]
        try:
            await _to_the_end(partial(self._writer.apply, documents, gone))
        except IndexUnusable as error:
            await self._mend(error)

    async def _give_back(self, claims: Sequence[Claim]) -> None:
        until = self._clock() + timedelta(seconds=1)
        for claim in claims:
            await outbox.postpone(claim, until=until, receipt="index busy", counted=False)

    async def _mend(self, error: IndexUnusable) -> None:
        level = logging.WARNING if error.is_damage else logging.INFO
        _log.log(level, "index is built anew", reason=error.reason)
        begun = time.monotonic()
        offers = await self._rebuild(damaged=error.is_damage)
        _log.info("index built", offers=offers, seconds=round(time.monotonic() - begun, 1))

    async def _rebuild(self, *, damaged: bool = False, progress: Progress = _untold) -> int:
        offers = await findable_offers()
        ended = threading.Event()

        def go_on() -> None:
            if ended.is_set():
                raise _Ended

        def documents() -> Iterator[OfferDocument]:
            for number, offer in enumerate(offers):
                go_on()
                progress(number, len(offers))
                yield document_of(offer, self._zone)
            progress(len(offers), len(offers))
            go_on()

        rebuild = partial(self._writer.rebuild, documents(), damaged=damaged, go_on=go_on)
        return await _to_the_end(rebuild, interrupt=ended.set)

    @asynccontextmanager
    async def _turn(self, patience: float = inf) -> AsyncIterator[None]:
        """The writer's turn, waited for without holding a thread; given back also when the waiting is cancelled."""
        deadline = time.monotonic() + patience
        while True:
            turn = self._writer.turn(0)
            try:
                await _to_the_end(turn.__enter__, undo=partial(turn.__exit__, None, None, None))
                break
            except IndexBusy:
                if time.monotonic() >= deadline:
                    raise
                await asyncio.sleep(_PAUSE)
        try:
            yield
        finally:
            await _to_the_end(partial(turn.__exit__, None, None, None))


async def _to_the_end(
    work: Callable[[], T],
    *,
    interrupt: Callable[[], object] | None = None,
    undo: Callable[[], object] | None = None,
) -> T:
    """Carry out `work` in a thread, and wait for its end even when cancelled: nobody else may have a turn before.

    Being cancelled, call `interrupt` at once, and `undo` when the work was done all the same.
    """
    task = asyncio.create_task(asyncio.to_thread(work))
    is_cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            is_cancelled = True
            if interrupt:
                interrupt()
    if not is_cancelled:
        return task.result()
    if task.exception() is None and undo:
        await asyncio.to_thread(undo)
    raise asyncio.CancelledError
