"""The limit: the rows of a move written by the shortest SQL by hand, through the same drivers.

Nothing is decided, chained or checked here but the version; the database's triggers are in force as ever.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
_STATUS = (
    "UPDATE application SET status = 'under_consideration', version = $2 "
    "WHERE id = $1 AND version = $3 RETURNING id"
)
_OUTBOX = (
    "INSERT INTO outbox (kind, dedup_key, recipient, language, params, subject_type, subject_id, subject_version, "
    "state, due_at, attempts, created_at) "
    "VALUES ($1, $2, $3, 'fr', $4, 'application', $5, $6, 'pending', $7, 0, $7)"
)


class Lost(RuntimeError):
    """Somebody else was first, which cannot be while one measures."""


def _outbox_values(application_id: UUID, version: int) -> tuple[Any, ...]:
    key = f"{KIND}/{application_id}/{version}"
    return KIND, key, RECIPIENT, _PARAMS % application_id, application_id, version, NOW


@asynccontextmanager
async def by_sqlite(engine: HeldSQLiteEngine) -> AsyncIterator[Move]:
    """On one connection, with the pragmas of our engine."""
    connection = await engine.get_connection()
    read, step, status, outbox = (_numbered(text) for text in (_READ, _STEP, _STATUS, _OUTBOX))

    async def move(application_id: UUID) -> None:
        await connection.execute("BEGIN IMMEDIATE")
        row: Any = next(iter(await connection.execute_fetchall(read, [application_id])))
        version = row["version"]
        await connection.execute_fetchall(step, [application_id, version + 1, row["status"], NOW, _DIGEST])
        if not await connection.execute_fetchall(status, [application_id, version + 1, version]):
            raise Lost
        await connection.execute_fetchall(outbox, _outbox_values(application_id, version + 1))
        await connection.execute("COMMIT")

    try:
        yield move
    finally:
        await connection.close()


def _numbered(text: str) -> str:
    return text.replace("$", "?")


class _Prepared:
    """One connection and its prepared statements."""

    def __init__(self, connection: Any, statements: list[Any]) -> None:
        self.connection = connection
        self.read, self.step, self.status, self.outbox = statements

    @classmethod
    async def connected(cls, url: str) -> "_Prepared":
        connection = await asyncpg.connect(url)
        texts = (f"{_READ} FOR UPDATE", _STEP, _STATUS, _OUTBOX)
        return cls(connection, [await connection.prepare(text) for text in texts])

    async def move(self, application_id: UUID) -> None:
        await self.connection.execute("BEGIN")
        row = await self.read.fetchrow(application_id)
        version = row["version"]
        await self.step.fetchrow(application_id, version + 1, row["status"], NOW, _DIGEST)
        if not await self.status.fetchrow(application_id, version + 1, version):
            raise Lost
        await self.outbox.fetchrow(*_outbox_values(application_id, version + 1))
        await self.connection.execute("COMMIT")


@asynccontextmanager
async def by_postgres(url: str, connections: int) -> AsyncIterator[Move]:
    """On so many connections, each with statements that are prepared."""
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
