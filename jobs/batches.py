"""Many moves at once, carried out as recruiters confirmed them: a slice of each batch in turn."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from jobs.errands import Errands
from workflow.batches.commands import MOVE_BATCH
from workflow.batches.moving import carry_out, give_up
from workflow.database.connection import dialect
from workflow.engine.machine import Terms

_LEASE = timedelta(seconds=30)
"""So long after its worker was killed another one goes on with a batch."""

_SLICE = 5.0
"""Seconds until the next batch has its turn: a short one does not wait for a long one's end."""

_BREATH = 0.05
"""Seconds between two pieces on SQLite, whose writers in other processes only look now and then for their turn."""


class BatchMover(Errands):
    """Carries out the rows that ask for a batch. `is_stopping`: begin no further piece."""

    kinds = frozenset({MOVE_BATCH})
    name = "batch"
    pause = timedelta(seconds=20)

    def __init__(
        self,
        *,
        terms: Terms,
        clock: Callable[[], datetime],
        is_stopping: Callable[[], bool] = lambda: False,
        lease: timedelta = _LEASE,
    ) -> None:
        super().__init__(clock=clock, lease=lease)
        self._terms = terms
        self._is_stopping = is_stopping

    async def sweep(self) -> bool:
        """Carry out a slice of the batch that has waited longest."""
        return not self._is_stopping() and await super().sweep()

    async def _carry_out(self, about: UUID, progressed: Callable[[], Awaitable[None]], /) -> str | None:
        end = _tick() + _SLICE
        is_finished = await carry_out(
            about,
            terms=self._terms,
            clock=self._clock,
            is_enough=lambda: self._is_stopping() or _tick() > end,
            breath=_BREATH if dialect() == "sqlite" else 0.0,
            after_piece=progressed,
        )
        return "carried out" if is_finished else None

    async def _give_up(self, about: UUID) -> None:
        await give_up(about, now=self._clock())


def _tick() -> float:
    return asyncio.get_running_loop().time()
