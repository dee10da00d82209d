"""A PostgreSQL engine whose transactions give back what they took, whatever ends them; Piccolo's own keep it."""

from typing import Any, cast

from piccolo.engine.postgres import PostgresEngine, PostgresTransaction


class HeldPostgresTransaction(PostgresTransaction):
    """A transaction that leaves neither its connection nor itself behind: not when it is cancelled, not when the
    server goes away in the middle. asyncpg rolls back what is still open on a connection that returns.
    """

    engine: "HeldPostgresEngine"

    async def __aenter__(self) -> "HeldPostgresTransaction":
        if self._parent is not None:
            return cast("HeldPostgresTransaction", self._parent)
        self.connection = await self.get_connection()  # type: ignore[no-untyped-call]
        try:
            self.transaction = self.connection.transaction()
            await self.begin()  # type: ignore[no-untyped-call]
        except BaseException:
            await self._give_back()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(self, exception_type: Any, exception: Any, traceback: Any) -> bool:
        if self._parent:
            return exception is None
        try:
            if exception is None and not self._committed and not self._rolled_back:
                await self.commit()  # type: ignore[no-untyped-call]
            elif not self._committed and not self._rolled_back:
                await self.rollback()  # type: ignore[no-untyped-call]
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._give_back()
        return False

    async def _give_back(self) -> None:
        if self.engine.pool:
            await self.engine.pool.release(self.connection)
        else:
            await self.connection.close()


class HeldPostgresEngine(PostgresEngine):
    """PostgreSQL with transactions that can be interrupted at any instant."""

    def transaction(self, allow_nested: bool = True) -> HeldPostgresTransaction:
        """A transaction, read committed."""
        return HeldPostgresTransaction(engine=self, allow_nested=allow_nested)
