"""Telling the worker that there is something to do; only for speed, so it may fail in silence."""

import asyncio
import json
import time
from typing import Any

from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool

NUDGE = "nudge"
"""The one job of the queue. It carries nothing: what is to do stands in the outbox."""

_PATIENCE = 0.3
_KEPT_FOR = 2.0
_REST_AFTER_FAILURE = 5.0


def queue_connection(redis_url: str, *, patience: float) -> ArqRedis:
    """A connection to the queue, opened at its first use. `patience`: seconds to wait for each answer."""
    pool: Any = ConnectionPool.from_url(redis_url, socket_timeout=patience, socket_connect_timeout=patience)
    # JSON, for with arq's pickle whoever can write to Redis can run code here
    return ArqRedis(pool, job_serializer=as_json, job_deserializer=json.loads)


def as_json(job: Any) -> bytes:
    """How jobs are written to the queue."""
    return json.dumps(job).encode()


class Nudger:
    """Nudges the worker of one portal; belongs to one event loop. Without an address it does nothing."""

    def __init__(self, redis_url: str) -> None:
        self._connection = queue_connection(redis_url, patience=_PATIENCE) if redis_url else None
        self._resting_until = 0.0

    async def nudge(self) -> None:
        """Wake the worker; call it after the commit. Takes 0.3 seconds at most, and never raises.

        After a failure nothing is tried for five seconds; the worker looks by itself every moment.
        """
        if self._connection is None or time.monotonic() < self._resting_until:
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                # one id for all, so that nudges which nobody hears do not pile up
                await self._connection.enqueue_job(NUDGE, _job_id=NUDGE, _expires=_KEPT_FOR)
        except Exception:  # noqa: BLE001  # whatever ails the queue must not reach the visitor
            self._resting_until = time.monotonic() + _REST_AFTER_FAILURE

    async def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            await self._connection.aclose(close_connection_pool=True)
