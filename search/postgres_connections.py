"""Connections to PostgreSQL for code that blocks: a loop in a thread of its own holds them."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

import asyncpg

T = TypeVar("T")

Connection: TypeAlias = Any
"""asyncpg has no types."""

LOST = (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError)
"""What is raised when the server has gone, or ends our connections."""

_PATIENCE = 10.0
_SETTINGS = {
    "application_name": "vivier search",
    "jit": "off",  # compiling takes longer than any search
    "max_parallel_workers_per_gather": "0",  # the cores are for other searches
    "plan_cache_mode": "force_custom_plan",  # how rare a word is decides how to find it
}


class Connections:
    """A few connections, opened when first needed. Any thread may use them."""

    def __init__(self, url: str, most: int = 8) -> None:
        self._url = url
        self._most = most
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening = asyncio.Lock()
        self._pool: Any = None

    def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Carry out `work` with a connection, and wait for it. Raises what asyncpg raises."""
        return self._wait(self._with_connection(work))

    @contextmanager
    def held(self) -> Iterator[Connection]:
        """A connection of one's own for as long as the block runs; give it to `work_with`."""
        pool = self._wait(self._opened())
        connection = self._wait(pool.acquire())
        try:
            yield connection
        finally:
            self._wait(pool.release(connection))

    def work_with(self, connection: Connection, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Carry out `work` with a connection that is held."""
        return self._wait(work(connection))

    def close(self) -> None:
        """Let go of everything; a later use opens it again."""
        with self._starting:
            loop, self._loop = self._loop, None
            if loop is not None:
                asyncio.run_coroutine_threadsafe(self._end(), loop).result()
                loop.call_soon_threadsafe(loop.stop)

    def _wait(self, work: Awaitable[T]) -> T:
        return asyncio.run_coroutine_threadsafe(_awaited(work), self._started()).result()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_run, args=(self._loop,), name="search", daemon=True).start()
            return self._loop

    async def _with_connection(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        pool = self._pool or await self._opened()
        async with pool.acquire() as connection:
            return await work(connection)

    async def _opened(self) -> Any:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=0,
                    max_size=self._most,
                    timeout=_PATIENCE,
                    reset=_nothing_to_reset,
                    server_settings=_SETTINGS,
                )
            return self._pool

    async def _end(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()


async def _awaited(work: Awaitable[T]) -> T:
    return await work


async def _nothing_to_reset(_connection: Connection) -> None:
    """Transactions end where they began, and no session is changed."""


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
