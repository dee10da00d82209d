"""Who waits for whom on PostgreSQL: a row held by somebody else, and how many wait for a lock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
"""For what SQLite, where one writes at a time, cannot get wrong."""


class Elsewhere:
    """A connection of its own to the database of the test, in a transaction until the block ends."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def hold(self, table: str, condition: str, *values: object) -> None:
        """Hold the rows, as one who is about to change them does; there must be some."""
        rows = await self._connection.fetch(f"SELECT * FROM {table} WHERE {condition} FOR UPDATE", *values)
        assert rows, (table, condition)

    async def see_waiting(self, number: int) -> None:
        """Return once so many wait for a lock."""
        here = "datname = current_database()"
        waiting = f"SELECT count(*) FROM pg_stat_activity WHERE {here} AND wait_event_type = 'Lock'"
        async with asyncio.timeout(20):
            while await self._connection.fetchval(waiting) < number:
                await asyncio.sleep(0.01)
                await self._connection.execute("SELECT pg_stat_clear_snapshot()")  # else it looks once


@asynccontextmanager
async def somebody_else(url: str) -> AsyncIterator[Elsewhere]:
    """Holds rows until the block ends, and changes nothing."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            yield Elsewhere(connection)
    finally:
        await connection.close()
