"""A PostgreSQL database that tests use one after the other: emptied in between, which is far cheaper than copying."""

import asyncio
from collections.abc import Coroutine
from threading import Thread
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg

from tests.support.postgres import ask_postgres

T = TypeVar("T")

_PATIENCE = 60
_REUSES = 200
"""So often a copy is used: deleted rows stay in its files for a while."""

EMPTIER = "vivier-emptier"
"""How its own connection is called."""

_NAMES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = $1"
_END_OTHERS = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

# Whoever changes a table, a trigger or a function writes its row of the catalogue anew; `xmin` is of that transaction.
_SHAPE = """
    WITH ours AS (SELECT oid, xmin FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    SELECT md5(string_agg(line, ' ' ORDER BY line)) FROM (
        SELECT concat_ws(':', 'class', oid, xmin) FROM ours
        UNION ALL SELECT concat_ws(':', 'trigger', oid, xmin) FROM pg_trigger
        UNION ALL SELECT concat_ws(':', 'constraint', oid, xmin) FROM pg_constraint
        UNION ALL SELECT concat_ws(':', 'column', attrelid, attnum, xmin) FROM pg_attribute
            WHERE attrelid IN (SELECT oid FROM ours)
        UNION ALL SELECT concat_ws(':', 'default', oid, xmin) FROM pg_attrdef
        UNION ALL SELECT concat_ws(':', 'sequence', seqrelid, xmin) FROM pg_sequence
        UNION ALL SELECT concat_ws(':', 'function', oid, xmin) FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(':', 'schema', oid, xmin) FROM pg_namespace WHERE nspname NOT LIKE 'pg_%'
    ) AS lines (line)
"""


class EmptiedDatabase:
    """A copy of a template, which `empty()` brings back to what the template is.

    What is no row of an emptied table is compared with the template; after any change of that a new copy is made.
    Its connection has a thread of its own: Playwright keeps a loop running in the main thread.
    """

    def __init__(self, server: str, template: str) -> None:
        self._server = server
        self._template = template
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._connection: Any = None
        self.name = ""
        self._uses = 0
        self._kept: list[str] = []
        self._original: list[Any] = []
        self._statements = ""
        self._run(self._copy())

    def empty(self) -> None:
        """Make it as new; under another name, if it had to be copied again."""
        self._run(self._empty())

    def close(self) -> None:
        """Drop it."""
        self._run(self._drop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)

    async def _copy(self) -> None:
        """Copied as files, which takes half of the time."""
        self.name = f"vivier_{uuid4().hex[:12]}"
        await ask_postgres(
            self._server, f"CREATE DATABASE {self.name} TEMPLATE {self._template} STRATEGY FILE_COPY"
        )
        self._uses = 0
        self._connection = await self._connected()
        tables = await self._names("r")
        self._kept = [
            name for name in tables if await self._connection.fetchval(f'SELECT count(*) FROM "{name}"')
        ]
        self._original = await self._state()
        self._statements = "; ".join(
            [
                "SET session_replication_role = replica",  # no trigger refuses, none cascades
                *(f'DELETE FROM "{name}"' for name in tables if name not in self._kept),
                *[await self._as_it_is(sequence) for sequence in await self._names("S")],
                "SET session_replication_role = origin",
            ]
        )

    async def _empty(self) -> None:
        if self._connection is None or self._connection.is_closed():  # tests may cut all connections
            self._connection = await self._connected()
        await self._connection.execute(_END_OTHERS)
        self._uses += 1
        if self._uses < _REUSES and await self._state() == self._original:
            await self._connection.execute(self._statements)
        else:
            await self._drop()
            await self._copy()

    async def _drop(self) -> None:
        if self._connection is not None:
            await self._connection.close()
        await ask_postgres(self._server, f"DROP DATABASE {self.name} WITH (FORCE)")

    async def _connected(self) -> Any:
        return await asyncpg.connect(
            f"{self._server}/{self.name}", server_settings={"application_name": EMPTIER}
        )

    async def _names(self, kind: str) -> list[str]:
        rows = await self._connection.fetch(_NAMES, kind.encode())
        return [row["relname"] for row in rows]

    async def _as_it_is(self, sequence: str) -> str:
        """A statement that sets a sequence to where it is now."""
        row = await self._connection.fetchrow(f'SELECT last_value, is_called FROM "{sequence}"')
        return f"""SELECT setval('"{sequence}"', {row["last_value"]}, {row["is_called"]})"""

    async def _state(self) -> list[Any]:
        """What must be as in the template: the shape, and the rows of the tables that it fills."""
        rows = [await self._connection.fetch(f'SELECT * FROM "{name}" ORDER BY 1') for name in self._kept]
        return [await self._connection.fetchval(_SHAPE), rows]
