"""Hands that the database does not stop: its superuser, who can switch the triggers off."""

import sqlite3
from contextlib import closing

import asyncpg


async def tamper(url: str, *statements: str) -> None:
    """Run statements on the database of this address while no trigger and no foreign key refuses anything."""
    if url.startswith("sqlite:///"):
        _tamper_sqlite(url.removeprefix("sqlite:///"), statements)
        return
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                await connection.execute(statement)
    finally:
        await connection.close()


def _tamper_sqlite(path: str, statements: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(path)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, definition in triggers:
            connection.execute(definition)
        connection.commit()
