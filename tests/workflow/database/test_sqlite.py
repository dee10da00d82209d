"""The engine that keeps its connections: fair among writers, and clean after every failure."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from piccolo.columns import Integer
from piccolo.table import Table

from workflow.database.sqlite import HeldSQLiteEngine


class Counter(Table, tablename="counter"):
    value = Integer()


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[HeldSQLiteEngine]:
    engine = HeldSQLiteEngine(str(tmp_path / "counter.sqlite"))
    engine.connection_kwargs["timeout"] = 0.1
    Counter._meta.db = engine
    await Counter.create_table()
    await Counter.insert(Counter(value=0))
    yield engine
    await engine.close()


async def value() -> int:
    row = await Counter.select(Counter.value).first()
    assert row is not None
    return int(row["value"])


async def test_concurrent_writers_lose_nothing(engine: HeldSQLiteEngine) -> None:
    async def increment() -> None:
        async with engine.transaction():
            await Counter.update({Counter.value: await value() + 1}, force=True)

    await asyncio.gather(*(increment() for _ in range(50)))
    assert await value() == 50


async def test_a_failed_transaction_leaves_nothing_behind(engine: HeldSQLiteEngine) -> None:
    async def fail() -> None:
        async with engine.transaction():
            await Counter.update({Counter.value: 7}, force=True)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await value() == 0


async def test_failing_to_begin_leaks_no_connection(engine: HeldSQLiteEngine) -> None:
    with closing(sqlite3.connect(engine.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        threads = threading.active_count()
        for _ in range(20):  # more often than there are places
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                async with engine.transaction():
                    pass
        assert threading.active_count() <= threads + 1
        other.execute("ROLLBACK")
    async with engine.transaction():
        await Counter.update({Counter.value: 1}, force=True)
    assert await value() == 1


async def test_a_cancelled_transaction_is_rolled_back_and_frees_its_place(engine: HeldSQLiteEngine) -> None:
    async def hang() -> None:
        async with engine.transaction():
            await Counter.update({Counter.value: 9}, force=True)
            await asyncio.sleep(60)

    for _ in range(20):
        task = asyncio.create_task(hang())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with engine.transaction():
        assert await value() == 0


async def test_a_transaction_cancelled_again_while_it_ends_lets_others_write(
    engine: HeldSQLiteEngine,
) -> None:
    async def hang() -> None:
        async with engine.transaction():
            await Counter.update({Counter.value: 9}, force=True)
            await asyncio.sleep(60)

    for steps in range(40):
        task = asyncio.create_task(hang())
        await asyncio.sleep(0.005)
        task.cancel()
        for _ in range(steps % 8):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(10), engine.transaction():
        assert await value() == 0


async def test_closing_ends_every_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    engine = HeldSQLiteEngine(str(tmp_path / "other.sqlite"))
    held = [await engine.acquire() for _ in range(5)]
    for connection in held:
        await engine.release(connection, clean=True)
    await engine.close()
    await asyncio.sleep(0.05)
    assert threading.active_count() <= before
