"""A SQLite engine that keeps its connections, because Piccolo's own opens one (and a thread) for every query."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import aiosqlite
from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction, TransactionType, dict_factory
from piccolo.table import Table

_log = logging.getLogger(__name__)

_CONNECTIONS = 8
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what people have deleted must not stay readable in the file
    "PRAGMA recursive_triggers = ON",  # INSERT OR REPLACE must not slip past the delete triggers
)


class HeldTransaction(SQLiteTransaction):
    """A transaction on a held connection, which goes back clean, or is closed when in doubt."""

    engine: "HeldSQLiteEngine"

    async def __aenter__(self) -> "HeldTransaction":
        if self._parent is not None:
            return cast("HeldTransaction", self._parent)
        if self.transaction_type is TransactionType.immediate:
            await self.engine.writing.acquire()
        try:
            self.connection = await self.engine.acquire()
            try:
                await self.begin()  # type: ignore[no-untyped-call]
            except BaseException:
                await self.engine.release(self.connection, clean=False)
                raise
        except BaseException:
            self._let_others_write()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(self, exception_type: Any, exception: Any, traceback: Any) -> bool:
        if self._parent:
            return exception is None
        clean = False
        try:
            if exception is None and not self._committed and not self._rolled_back:
                await self.commit()  # type: ignore[no-untyped-call]
            elif not self._committed and not self._rolled_back:
                await self.rollback()  # type: ignore[no-untyped-call]
            clean = True
        finally:
            self.engine.current_transaction.reset(self.context)
            try:
                await self.engine.release(self.connection, clean=clean)
            finally:
                self._let_others_write()
        return False

    def _let_others_write(self) -> None:
        if self.transaction_type is TransactionType.immediate:
            self.engine.writing.release()


class HeldSQLiteEngine(SQLiteEngine):
    """SQLite with WAL, a busy timeout, and at most eight connections that stay open.

    Writers of one process queue on a lock of ours (fair, no waiting in threads); processes wait for
    each other for at most 30 seconds. Belongs to one event loop. `close()` must be awaited, or the
    threads of the connections keep the process alive.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path=path, timeout=30)
        self.writing = asyncio.Lock()
        self._places = asyncio.Semaphore(_CONNECTIONS)
        self._idle: list[aiosqlite.Connection] = []

    async def acquire(self) -> aiosqlite.Connection:
        """Take a connection, waiting for a free place; give it back with `release()`."""
        await self._places.acquire()
        try:
            return self._idle.pop() if self._idle else await self._connect()
        except BaseException:
            self._places.release()
            raise

    async def release(self, connection: aiosqlite.Connection, *, clean: bool) -> None:
        """Give a connection back; one that may be in the middle of something is closed."""
        try:
            if clean:
                self._idle.append(connection)
            else:
                await connection.close()
        finally:
            self._places.release()

    async def close(self) -> None:
        """Close all idle connections."""
        while self._idle:
            await self._idle.pop().close()

    async def _connect(self) -> aiosqlite.Connection:
        connection = await aiosqlite.connect(**self.connection_kwargs)
        try:
            connection.row_factory = dict_factory  # type: ignore[assignment]
            for pragma in _PRAGMAS:
                await connection.execute(pragma)
        except BaseException:
            await connection.close()
            raise
        return connection

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[aiosqlite.Connection]:
        connection = await self.acquire()
        clean = False
        try:
            yield connection
            clean = True
        finally:
            await self.release(connection, clean=clean)

    async def get_connection(self) -> aiosqlite.Connection:
        """A connection of one's own (Piccolo closes those that it asks for by this name)."""
        return await self._connect()

    async def _run_in_new_connection(
        self,
        query: str,
        args: list[Any] | None = None,
        query_type: str = "generic",
        table: type[Table] | None = None,
    ) -> Any:
        async with self._held() as connection:
            return await self._run_in_existing_connection(connection, query, args, query_type, table)

    async def _run_in_existing_connection(
        self,
        connection: aiosqlite.Connection,
        query: str,
        args: list[Any] | None = None,
        query_type: str = "generic",
        table: type[Table] | None = None,
    ) -> Any:
        return await connection.execute_fetchall(query, args or [])

    def transaction(
        self,
        transaction_type: TransactionType = TransactionType.immediate,
        allow_nested: bool = True,
    ) -> HeldTransaction:
        """A transaction; immediate unless told otherwise, because a deferred one fails under concurrency."""
        return HeldTransaction(engine=self, transaction_type=transaction_type, allow_nested=allow_nested)
