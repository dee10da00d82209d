"""Long work that the outbox asks for: done one at a time, tried again, and given up when trying leads nowhere."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

import structlog

from workflow.engine import outbox
from workflow.engine.outbox import Claim
from workflow.engine.tables import Outbox

_RENEWALS = 4
"""Renewals that a lease could wait for: so many may fail or come late before it is lost."""

_TRIES = 5

_log = structlog.get_logger(__name__)


class Errands(ABC):
    """Carries out the rows of one kind. `name`: what they are about; its id is the row's parameter `{name}_id`."""

    kinds: frozenset[str]
    name: ClassVar[str]
    pause: ClassVar[timedelta]

    def __init__(self, *, clock: Callable[[], datetime], lease: timedelta) -> None:
        self._clock = clock
        self._lease = lease

    @abstractmethod
    async def _carry_out(self, about: UUID, progressed: Callable[[], Awaitable[None]], /) -> str | None:
        """What to write on the row that is done; nothing if it goes on later, after others.

        A try that has `progressed`, and need not do all of it again, is none of those that lead to giving up.
        """

    @abstractmethod
    async def _give_up(self, about: UUID) -> None:
        """Tell whoever waits for it. It may be called again."""

    async def sweep(self) -> bool:
        """Carry out the one that has waited longest, for as long as it may take at a time."""
        kinds = sorted(self.kinds)
        if not await outbox.is_any_due(kinds, self._clock()):
            return False
        claims = await outbox.claim(kinds=kinds, limit=1, lease=self._lease, token=uuid4(), now=self._clock())
        for claim in claims:
            await self._try(_Try(claim))
        return bool(claims)

    async def _try(self, present: "_Try") -> None:
        claim = present.claim
        if claim.attempts > _TRIES:  # the last try ended together with its worker
            await self._bury(claim, "its worker died")
            return
        try:
            async with _held(claim, lease=self._lease, clock=self._clock):
                receipt = await self._carry_out(self._about(claim), present.progressed)
        except Exception as error:  # noqa: BLE001  # one's failure must not keep the others waiting
            await self._try_again(present, error)
            return
        if receipt is None:
            await outbox.postpone(claim, until=self._clock(), receipt="goes on", counted=False)
        else:
            await outbox.settle(claim, state=outbox.SENT, receipt=receipt, now=self._clock())
            _log.info(f"{self.name} done", **self._told(claim), receipt=receipt)

    async def _try_again(self, present: "_Try", error: Exception) -> None:
        claim, why = present.claim, type(error).__name__
        _log.error(f"{self.name} failed", **self._told(claim), attempts=claim.attempts, exc_info=error)
        if present.is_counted and claim.attempts >= _TRIES:
            await self._bury(claim, why)
        else:
            until = self._clock() + claim.attempts * self.pause
            await outbox.postpone(claim, until=until, receipt=why, counted=present.is_counted)

    async def _bury(self, claim: Claim, why: str) -> None:
        """First what it is about, then its row, by which a worker after us finds it. `vivier doctor` counts it."""
        await self._give_up(self._about(claim))
        await outbox.settle(claim, state=outbox.DEAD, receipt=why, now=self._clock())
        _log.error(f"{self.name} given up", **self._told(claim), attempts=claim.attempts, reason=why)

    def _about(self, claim: Claim) -> UUID:
        return UUID(claim.params[f"{self.name}_id"])

    def _told(self, claim: Claim) -> dict[str, str | int]:
        return {self.name: str(self._about(claim)), "row": claim.id}


class _Try:
    """One try of a row, and whether it counts: what is written at its first progress outlives this process."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.is_counted = True

    async def progressed(self) -> None:
        if self.is_counted:
            held = (Outbox.id == self.claim.id) & (Outbox.lease_token == self.claim.token)
            await Outbox.update({Outbox.attempts: self.claim.attempts - 1}).where(held)
            self.is_counted = False


@asynccontextmanager
async def _held(claim: Claim, *, lease: timedelta, clock: Callable[[], datetime]) -> AsyncIterator[None]:
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
