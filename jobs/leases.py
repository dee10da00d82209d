"""Holding on to a row of the outbox for as long as its work goes on, and no longer than this process lives."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog

from workflow.engine import outbox
from workflow.engine.outbox import Claim

_RENEWALS = 4
"""Renewals that a lease could wait for: so many may fail or come late before it is lost."""

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def held(claim: Claim, *, lease: timedelta, clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Keep renewing a claim during the block; so long after this process was killed another one takes it up."""
    is_over = asyncio.Event()
    renewing = asyncio.create_task(_keep_renewing(claim, lease, clock, is_over))
    try:
        yield
    finally:
        is_over.set()  # not cancelled: what is under way to the database comes to its end
        await renewing


async def _keep_renewing(
    claim: Claim, lease: timedelta, clock: Callable[[], datetime], is_over: asyncio.Event
) -> None:
    is_held = True
    while is_held and not await _is_over_by_the_next_renewal(lease, is_over):
        try:
            is_held = await outbox.renew(claim, until=clock() + lease)
        except Exception as error:  # noqa: BLE001  # the next one may succeed
            _log.warning("lease not renewed", row=claim.id, exc_info=error)


async def _is_over_by_the_next_renewal(lease: timedelta, is_over: asyncio.Event) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(lease.total_seconds() / _RENEWALS):
            await is_over.wait()
    return is_over.is_set()
