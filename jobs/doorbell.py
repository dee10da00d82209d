"""Hearing the nudges that come through Redis: arq's worker, kept to one function that remembers nothing."""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from arq.worker import Worker, func
from redis.exceptions import RedisError

from workflow.nudging import NUDGE, as_json, queue_connection

_POLL = 0.1
_PATIENCE = 5.0


async def hear_nudges(redis_url: str, ring: Callable[[], None]) -> None:
    """Ring at every nudge, until cancelled. Raises whatever Redis or arq raise: let it be started again.

    A lost nudge only costs the time until the next look at the outbox.
    """
    logging.getLogger("arq").setLevel(logging.ERROR)

    async def nudge(ctx: dict[Any, Any]) -> None:  # noqa: ARG001  # arq's
        ring()

    worker = Worker(
        [func(nudge, name=NUDGE, keep_result=0, timeout=5)],
        redis_pool=queue_connection(redis_url, patience=_PATIENCE),
        handle_signals=False,
        poll_delay=_POLL,
        job_serializer=as_json,
        job_deserializer=json.loads,
    )
    try:
        await worker.main()
    finally:
        await _closed(worker)


async def _closed(worker: Worker) -> None:
    """arq's own close raises again what broke it."""
    for task in worker.tasks.values():
        task.cancel()
    await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
    with suppress(RedisError, OSError, TimeoutError):
        async with asyncio.timeout(1):
            await worker.pool.aclose(close_connection_pool=True)
