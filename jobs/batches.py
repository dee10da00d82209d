"""Many moves at once, carried out as recruiters confirmed them: a slice of each batch in turn."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog

from jobs.leases import held
from workflow.batches.commands import MOVE_BATCH
from workflow.batches.moving import carry_out, give_up
from workflow.database.connection import dialect
from workflow.engine import outbox
from workflow.engine.machine import Terms
from workflow.engine.outbox import Claim

_LEASE = timedelta(seconds=30)
"""So long after its worker was killed another one goes on with a batch."""

_SLICE = 5.0
"""Seconds until the next batch has its turn: a short one does not wait for a long one's end."""

_BREATH = 0.05
"""Seconds between two pieces on SQLite, whose writers in other processes only look now and then for their turn."""

_TRIES = 5
_PAUSE = timedelta(seconds=20)

_log = structlog.get_logger(__name__)


class BatchMover:
    """Carries out the rows that ask for a batch. `is_stopping`: begin no further piece."""

    kinds = frozenset({MOVE_BATCH})

    def __init__(
        self,
        *,
        terms: Terms,
        clock: Callable[[], datetime],
        is_stopping: Callable[[], bool] = lambda: False,
        lease: timedelta = _LEASE,
    ) -> None:
        self._terms = terms
        self._clock = clock
        self._is_stopping = is_stopping
        self._lease = lease

    async def sweep(self) -> bool:
        """Carry out a slice of the batch that has waited longest."""
        kinds = sorted(self.kinds)
        if self._is_stopping() or not await outbox.is_any_due(kinds, self._clock()):
            return False
        claims = await outbox.claim(kinds=kinds, limit=1, lease=self._lease, token=uuid4(), now=self._clock())
        for claim in claims:
            await self._carry_out(claim)
        return bool(claims)

    async def _carry_out(self, claim: Claim) -> None:
        batch_id = UUID(claim.params["batch_id"])
        if claim.attempts > _TRIES:  # the last try ended together with its worker
            await self._give_up(batch_id, claim, "its worker died")
            return
        end = _tick() + _SLICE
        try:
            async with held(claim, lease=self._lease, clock=self._clock):
                is_finished = await carry_out(
                    batch_id,
                    terms=self._terms,
                    clock=self._clock,
                    is_enough=lambda: self._is_stopping() or _tick() > end,
                    breath=_BREATH if dialect() == "sqlite" else 0.0,
                )
        except Exception as error:  # noqa: BLE001  # one batch's failure must not keep the others waiting
            await self._try_again(batch_id, claim, error)
            return
        if is_finished:
            await outbox.settle(claim, state=outbox.SENT, receipt="carried out", now=self._clock())
            _log.info("batch carried out", batch=str(batch_id), row=claim.id)
        else:
            await outbox.postpone(claim, until=self._clock(), receipt="goes on", counted=False)

    async def _try_again(self, batch_id: UUID, claim: Claim, error: Exception) -> None:
        _log.error("batch failed", batch=str(batch_id), row=claim.id, attempts=claim.attempts, exc_info=error)
        why = type(error).__name__
        if claim.attempts >= _TRIES:
            await self._give_up(batch_id, claim, why)
        else:
            await outbox.postpone(claim, until=self._clock() + claim.attempts * _PAUSE, receipt=why)

    async def _give_up(self, batch_id: UUID, claim: Claim, why: str) -> None:
        """First the batch, then its row, by which a worker after us finds it. `vivier doctor` counts it."""
        await give_up(batch_id, now=self._clock())
        await outbox.settle(claim, state=outbox.DEAD, receipt=why, now=self._clock())
        _log.error("batch given up", batch=str(batch_id), row=claim.id, attempts=claim.attempts, reason=why)


def _tick() -> float:
    return asyncio.get_running_loop().time()
