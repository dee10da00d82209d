"""Opens the database for a command, or says in one sentence why it cannot be used."""

import sqlite3
import warnings
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg

from web.cli import Refused
from web.commands.addresses import without_password
from workflow.database.connection import opened_database
from workflow.database.migrating import missing_migrations
from workflow.demo.accounts import open_demo_accounts
from workflow.engine.checkpoints import is_key_of_this_database
from workflow.settings import Settings
from workflow.terms import terms_of

UNREACHABLE = (OSError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What the drivers raise when a database cannot be opened."""

_SQLITE = "sqlite:///"


def sqlite_file(settings: Settings) -> Path | None:
    """The file of the database, if it is one."""
    url = settings.database_url
    return Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None


@asynccontextmanager
async def reachable_database(settings: Settings) -> AsyncIterator[tuple[str, ...]]:
    """The opened database, and the migrations that it still needs. Raises Refused."""
    async with AsyncExitStack() as held:
        try:
            with warnings.catch_warnings(action="ignore"):  # Piccolo's own words about it
                await held.enter_async_context(opened_database())
            missing = await missing_migrations()
        except UNREACHABLE as error:
            raise Refused(
                f"The database {without_password(settings.database_url)} cannot be used: {error}\n"
                "Start it, or set VIVIER_DATABASE_URL to another."
            ) from None
        yield missing


async def require_history_key(settings: Settings) -> None:
    """Refuse to write a history that nobody could verify. Raises Refused."""
    if not await is_key_of_this_database(terms_of(settings).history_key):
        raise Refused(
            "VIVIER_HISTORY_KEY is not the key that this database was written with.\n"
            "Set the right one. A new database that was made under another key: make it anew."
        )


CLOSE_DEMO_ACCOUNTS = (
    "Begin with an empty database (VIVIER_DATABASE_URL or VIVIER_VAR), or start once with "
    "VIVIER_ENVIRONMENT=development and close them: recruiters at /console/team, candidates in their settings."
)
"""What to do about accounts whose password everybody knows."""


async def require_no_demo_accounts(settings: Settings) -> None:
    """In production: let nobody in by a password that is public. Raises Refused."""
    if settings.is_production and (found := await open_demo_accounts()):
        raise Refused(
            "Demo accounts have no place in production, and this database has some: "
            f"{', '.join(found)}.\n{CLOSE_DEMO_ACCOUNTS}"
        )


@asynccontextmanager
async def ready_database(settings: Settings) -> AsyncIterator[None]:
    """The opened database in its newest form, under the key of its history. Raises Refused."""
    file = sqlite_file(settings)
    if file and not file.exists():
        raise Refused(f"There is no database at {file} yet. Run: vivier migrate")
    async with reachable_database(settings) as missing:
        if missing:
            raise Refused("The database is not in its newest form. Run: vivier migrate")
        await require_history_key(settings)
        yield
