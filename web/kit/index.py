"""The index that a web process searches in, and the task that keeps its snapshot fresh."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from search.errors import IndexUnusable
from search.postgres_index import PostgresReader
from search.queries import OfferIndex
from search.whoosh_index import WhooshReader
from workflow.settings import Settings

POLL_SECONDS = 0.3
"""How long a change may go unseen, besides what it takes to open the new state."""

_SHARE = 2
"""After taking up a state, rest so many times as long: the pages come first."""

_log = structlog.get_logger(__name__)


def index_reader(settings: Settings) -> OfferIndex:
    """The index of this installation, for a process that watches it (`watched`)."""
    if settings.search == "postgres":
        return PostgresReader(settings.database_url)
    return WhooshReader(settings.var / "index", looks=False)


@asynccontextmanager
async def watched(index: OfferIndex) -> AsyncIterator[None]:
    """Take up new states in the background as they come; the first one before anybody is answered."""
    await _poll(index)
    task = asyncio.create_task(_watch(index))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.to_thread(index.close)


async def _watch(index: OfferIndex) -> None:
    loop = asyncio.get_running_loop()
    while True:
        begun = loop.time()
        await _poll(index)
        await asyncio.sleep(max(POLL_SECONDS, _SHARE * (loop.time() - begun)))


async def _poll(index: OfferIndex) -> None:
    try:
        if await asyncio.to_thread(index.poll):
            state = await asyncio.to_thread(index.state)
            _log.info("index taken up", generation=state.generation, offers=state.offers)
    except IndexUnusable:
        pass  # whoever searches is told
    except Exception as error:  # noqa: BLE001  # whatever it is must not end the watch
        _log.error("index cannot be looked at", reason=repr(error))
