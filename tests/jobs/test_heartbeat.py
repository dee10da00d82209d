"""Whoever asks is told how many workers live: of those that end well, and of those that do not."""

import asyncio
import os
import socket
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import anyio

from jobs.heartbeat import heartbeat
from workflow.workers import SILENCE, Worker, WorkerSeen, note_alive, note_ended, workers, workers_alive

HOUR = timedelta(hours=1)


def a_worker(number: int, seen_at: datetime) -> WorkerSeen:
    return WorkerSeen(UUID(int=number), "machine", number, seen_at - number * HOUR, seen_at)


async def test_worker_is_known_from_its_start_to_its_clean_end(database: str, now: datetime) -> None:
    instants = [now, now, now + timedelta(seconds=10)]
    async with heartbeat(lambda: instants.pop(0) if len(instants) > 1 else instants[0], every=0.01) as worker:
        with anyio.fail_after(30):
            while await workers() != (replace(worker, seen_at=instants[-1]),):  # noqa: ASYNC110  # nothing rings
                await anyio.sleep(0.01)
        assert (worker.host, worker.pid, worker.started_at) == (socket.gethostname(), os.getpid(), now)
    assert await workers() == ()


async def test_worker_that_is_silent_is_not_alive_and_after_a_day_forgotten(
    database: str, now: datetime
) -> None:
    silent, lively = a_worker(2, now - SILENCE - timedelta(seconds=1)), a_worker(1, now - SILENCE)
    for worker in (silent, lively):
        await note_alive(worker)
    assert await workers() == (silent, lively)
    assert [worker.is_alive(now) for worker in (silent, lively)] == [False, True]
    assert await workers_alive(now) == 1
    later = replace(lively, seen_at=silent.seen_at + timedelta(days=1, microseconds=1))
    await note_alive(later)
    assert await workers() == (later,)


async def test_worker_that_was_forgotten_while_it_slept_is_known_again(database: str, now: datetime) -> None:
    worker = a_worker(1, now)
    await note_alive(worker)
    await note_ended(worker.id)
    await note_alive(worker)
    assert await workers() == (worker,)


async def test_database_that_fails_stops_neither_the_worker_nor_its_end(database: str, now: datetime) -> None:
    await Worker.raw("ALTER TABLE worker RENAME TO elsewhere")
    async with heartbeat(lambda: now, every=0.01) as worker:
        await asyncio.sleep(0.1)
        await Worker.raw("ALTER TABLE elsewhere RENAME TO worker")
        with anyio.fail_after(30):
            while await workers() != (worker,):  # noqa: ASYNC110  # nothing rings
                await anyio.sleep(0.01)
        await Worker.raw("ALTER TABLE worker RENAME TO elsewhere")
