"""The PostgreSQL engine: a transaction gives back what it took, whatever ends it."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import cast

import asyncpg
import pytest

from workflow.database.connection import (
    database_from_url,
    opened_database,
    use_database,
    write_transaction,
)
from workflow.database.postgres import HeldPostgresEngine
from workflow.recruiters.tables import Unit

LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError)

CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
async def engine(postgres_url: str) -> AsyncIterator[HeldPostgresEngine]:
    engine = cast(HeldPostgresEngine, database_from_url(postgres_url))
    use_database(engine)
    async with opened_database():
        yield engine


async def units() -> int:
    return int(await Unit.count())


async def add_unit(code: str) -> None:
    await Unit.insert(Unit(code=code, name=code, city="Brest", region="53", contact_email="a@example.org"))


async def cut_all(address: str) -> None:
    other = await asyncpg.connect(address)
    await other.execute(CUT)
    await other.close()


async def test_connection_lost_in_a_transaction_does_not_stay(
    engine: HeldPostgresEngine, postgres_url: str
) -> None:
    """The same task goes on, as a worker's job does after a restart of the server."""

    async def lose() -> None:
        async with write_transaction():
            await add_unit("LOST")
            await cut_all(postgres_url)
            await asyncio.sleep(0.1)
            await add_unit("LOST-2")

    with pytest.raises(LOST):
        await lose()
    async with write_transaction():
        await add_unit("KEPT")
    assert await units() == 1


async def test_cancelled_transactions_give_their_connections_back(engine: HeldPostgresEngine) -> None:
    dice = random.Random(7)

    async def write(code: str) -> None:
        async with write_transaction():
            await add_unit(code)
            await asyncio.sleep(0.001)

    for number in range(60):  # more often than the pool has places
        task = asyncio.create_task(write(f"U{number}"))
        await asyncio.sleep(dice.random() * 0.006)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await asyncio.sleep(0.1)
    pool = engine.pool
    assert pool is not None
    assert pool.get_size() == pool.get_idle_size()
    async with write_transaction():
        await add_unit("AFTER")


async def test_failing_to_begin_gives_the_connection_back(
    engine: HeldPostgresEngine, postgres_url: str
) -> None:
    for _ in range(12):
        with suppress(*LOST):
            await units()  # a connection waits in the pool
        await cut_all(postgres_url)
        with suppress(*LOST):
            async with write_transaction():
                await units()
    pool = engine.pool
    assert pool is not None
    assert pool.get_size() == pool.get_idle_size()
