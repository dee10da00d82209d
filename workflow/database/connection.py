"""Which database this process uses, its opening and closing, and the one way to write to it."""

import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from piccolo.apps.migrations.tables import Migration
from piccolo.conf.apps import Finder
from piccolo.table import Table

from workflow.database.postgres import HeldPostgresEngine
from workflow.database.sqlite import HeldSQLiteEngine

os.environ.setdefault("PICCOLO_CONF", "workflow.piccolo_conf")

Database = HeldSQLiteEngine | HeldPostgresEngine
Dialect = Literal["sqlite", "postgres"]


async def _nothing_to_reset(_connection: object) -> None:
    """Sessions carry no state of ours: locks end with their transaction, nothing is set, nobody listens.

    asyncpg would ask the server to reset each time a connection goes back, which doubles a short query.
    """


_POOL = {"min_size": 1, "max_size": 10, "reset": _nothing_to_reset}


def database_from_url(url: str) -> Database:
    """The engine for `sqlite:///path` or `postgresql://…`; opens nothing."""
    if url.startswith("sqlite:///"):
        return HeldSQLiteEngine(url.removeprefix("sqlite:///"))
    return HeldPostgresEngine(config={"dsn": url})


def current_database() -> Database:
    """The engine that every table of this process uses."""
    from workflow import piccolo_conf  # noqa: PLC0415  # it needs this module first

    return piccolo_conf.DB


def dialect() -> Dialect:
    """Which of the two SQL dialects the current database speaks."""
    return "sqlite" if isinstance(current_database(), HeldSQLiteEngine) else "postgres"


def use_database(database: Database) -> None:
    """Point every table of this process to another database."""
    from workflow import piccolo_conf  # noqa: PLC0415  # it needs this module first

    piccolo_conf.DB = database
    tables: list[type[Table]] = [*Finder().get_table_classes(), Migration]
    for table in tables:
        table._meta.db = database


@asynccontextmanager
async def opened_database() -> AsyncIterator[Database]:
    """Hold the connections of the current database for as long as the block runs."""
    database = current_database()
    if isinstance(database, HeldPostgresEngine):
        await database.start_connection_pool(**_POOL)
        try:
            yield database
        finally:
            await database.close_connection_pool()
    else:
        try:
            yield database
        finally:
            await database.close()


@asynccontextmanager
async def write_transaction() -> AsyncIterator[None]:
    """The one way to write: all of the block is kept, or nothing.

    SQLite: taken at once (`BEGIN IMMEDIATE`), so that reading first is safe. PostgreSQL: read
    committed; lock the rows you decide by. Commands open it; a second one inside raises.
    """
    async with current_database().transaction(allow_nested=False):
        yield


async def hold_name(name: str, *, with_others: bool = False) -> None:
    """Wait until nobody else holds this name, and hold it until the write transaction ends.

    For what has no row to lock yet. `with_others`: any number may hold it so at a time, but nobody alone meanwhile.
    SQLite needs nothing: a write transaction has the database to itself.
    """
    database = current_database()
    if isinstance(database, HeldPostgresEngine):
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        shared = "_shared" if with_others else ""
        await Migration.raw(f"SELECT pg_advisory_xact_lock{shared}({{}})", number)


async def empty_log() -> None:
    """Let nothing that was deleted be read in SQLite's log of changes any more; nothing happens while somebody reads.

    PostgreSQL clears its files by itself (autovacuum, and its log as it goes).
    """
    if dialect() == "sqlite":
        await Migration.raw("PRAGMA wal_checkpoint(TRUNCATE)")
