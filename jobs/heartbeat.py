"""A worker's sign of life: a row that is written again and again, and taken away at a clean end."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import structlog

from workflow.workers import BEAT, WorkerSeen, note_alive, note_ended

_PATIENCE = 1.0
"""Seconds that a worker's end waits for a database that is busy; the row then goes silent by itself."""

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def heartbeat(
    clock: Callable[[], datetime], *, every: float = BEAT.total_seconds()
) -> AsyncIterator[WorkerSeen]:
    """Be known as a worker during the block. A database that cannot be written to is only logged."""
    now = clock()
    worker = WorkerSeen(uuid4(), socket.gethostname()[:255], os.getpid(), now, now)
    beating = asyncio.create_task(_keep_beating(worker, clock, every))
    try:
        yield worker
    finally:
        await _ended(beating)
        try:
            async with asyncio.timeout(_PATIENCE):
                await note_ended(worker.id)
        except Exception as error:  # noqa: BLE001  # it ends all the same
            _log.info("worker could not take leave", reason=repr(error))


async def _keep_beating(worker: WorkerSeen, clock: Callable[[], datetime], every: float) -> None:
    while True:
        try:
            await note_alive(replace(worker, seen_at=clock()))
        except Exception as error:  # noqa: BLE001  # the next one may succeed
            _log.warning("no sign of life could be given", reason=repr(error))
        await asyncio.sleep(every)


async def _ended(beating: asyncio.Task[None]) -> None:
    """A database library can swallow a cancellation: again, until it has ended."""
    while not beating.done():
        beating.cancel()
        await asyncio.wait([beating], timeout=_PATIENCE)
