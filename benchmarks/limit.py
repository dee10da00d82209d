"""The limit: the rows of a move written by the shortest SQL by hand, through the same drivers.

Nothing is decided, chained or checked here but the version; the database's triggers are in force as ever.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from benchmarks.ours import KIND, NOW, RECIPIENT, Move
from workflow.database.sqlite import HeldSQLiteEngine

_PARAMS = (
    '{"title": "ms", "first_name": "Chloé", "last_name": "Martin", "offer_title": "Chimiste (H/F)", '
    '"offer_reference": "REF-1", "unit_name": "Laboratory LAB1", "application_id": "%s"}'
)
_DIGEST = "d" * 64

_READ = "SELECT status, version FROM application WHERE id = $1"
_STEP = (
    "INSERT INTO history (subject_type, subject_id, version, event, from_state, to_state, actor_id, role, at, "
    "announce_at, note_digest, digest) VALUES ('application', $1, $2, 'consider', $3, 'under_consideration', "
    "'recruiter:1', 'recruiter', $4, $4, '', $5)"
)
_OUTBOX = (
    "INSERT INTO outbox (kind, dedup_key, recipient, language, params, subject_type, subject_id, subject_version, "
    "state, due_at, attempts, created_at) VALUES ($6, $7, $8, 'fr', $9, 'application', $1, $2, 'pending', $4, 0, $4)"
)
_STATUS = "UPDATE application SET status = 'under_consideration', version = $2"
_OF_THIS_VERSION = "WHERE application.id = $1 AND version = $2 - 1 RETURNING application.id"
_ALL_AT_ONCE = (
    f"WITH step AS ({_STEP} RETURNING id), effects AS ({_OUTBOX}) {_STATUS} FROM step {_OF_THIS_VERSION}"
)


class Lost(RuntimeError):
    """Somebody else was first, which cannot be while one measures."""


def _values(application_id: UUID, status: str, version: int) -> tuple[Any, ...]:
    key = f"{KIND}/{application_id}/{version}"
    return application_id, version, status, NOW, _DIGEST, KIND, key, RECIPIENT, _PARAMS % application_id


@asynccontextmanager
async def by_sqlite(engine: HeldSQLiteEngine) -> AsyncIterator[Move]:
    """Statement by statement on one connection, with the pragmas of our engine."""
    connection = await engine.get_connection()
    writes = [_numbered(text) for text in (_STEP, f"{_STATUS} {_OF_THIS_VERSION}", _OUTBOX)]

    async def move(application_id: UUID) -> None:
        await connection.execute("BEGIN IMMEDIATE")
        row: Any = next(iter(await connection.execute_fetchall(_numbered(_READ), [application_id])))
        values = _values(application_id, row["status"], row["version"] + 1)
        step, status, outbox = writes
        await connection.execute_fetchall(step, values[:5])
        if not await connection.execute_fetchall(status, values[:2]):
            raise Lost
        await connection.execute_fetchall(outbox, values)
        await connection.execute("COMMIT")

    try:
        yield move
    finally:
        await connection.close()


def _numbered(text: str) -> str:
    return text.replace("$", "?")


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One connection and its two prepared statements."""

    connection: Any
    read: Any
    write: Any

    @classmethod
    async def connected(cls, url: str) -> "_Prepared":
        connection = await asyncpg.connect(url)
        read = await connection.prepare(f"{_READ} FOR UPDATE")
        return cls(connection, read, await connection.prepare(_ALL_AT_ONCE))

    async def move(self, application_id: UUID) -> None:
        await self.connection.execute("BEGIN")
        row = await self.read.fetchrow(application_id)
        values = _values(application_id, row["status"], row["version"] + 1)
        if not await self.write.fetchrow(*values):
            raise Lost
        await self.connection.execute("COMMIT")


@asynccontextmanager
async def by_postgres(url: str, connections: int) -> AsyncIterator[Move]:
    """All rows with one statement, on so many connections."""
    held = [await _Prepared.connected(url) for _ in range(connections)]
    idle: asyncio.LifoQueue[_Prepared] = asyncio.LifoQueue()
    for each in held:
        idle.put_nowait(each)

    async def move(application_id: UUID) -> None:
        one = await idle.get()
        await one.move(application_id)
        idle.put_nowait(one)

    try:
        yield move
    finally:
        for each in held:
            await each.connection.close()
