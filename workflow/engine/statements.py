"""SQL made once from the tables of a move: Piccolo takes longer to build a query than the database to answer it."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from piccolo.engine.postgres import PostgresEngine
from piccolo.table import Table


async def insert(table: type[Table], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows that all name the same columns, in one statement; their ids."""
    values = [value for row in rows for value in row.values()]
    inserted = await table.raw(_insert(table, tuple(rows[0]), len(rows)), *values)
    return [row["id"] for row in inserted]


async def change(table: type[Table], values: Mapping[str, Any], *, row_id: Any, version: int) -> bool:
    """Change the row with this id if it still has this version; whether it had."""
    return bool(await table.raw(_change(table, tuple(values)), *values.values(), row_id, version))


async def locked_with(
    table: type[Table], columns: tuple[str, ...], steps: type[Table], *, row_id: Any, subject_type: str
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Lock a row until the transaction ends; some of its columns, and the row of its present version in `steps`.

    None when there is no such pair, and on PostgreSQL also when somebody else changed the row while we
    waited for it, for the statement still sees the `steps` of before. Then ask for one after the other.
    """
    locks = isinstance(table._meta.db, PostgresEngine)
    rows = await table.raw(_locked_with(table, columns, steps, locks), subject_type, row_id)
    if not rows:
        return None
    (both,) = rows
    return {name: both[name] for name in columns}, {name: both[f"step_{name}"] for name in _names(steps)}


@lru_cache(maxsize=256)
def _insert(table: type[Table], names: tuple[str, ...], count: int) -> str:
    row = f"({', '.join('{}' for _ in names)})"
    return (
        f"INSERT INTO {table._meta.tablename} ({_quoted(names)}) "  # noqa: S608  # names of tables and columns
        f"VALUES {', '.join([row] * count)} RETURNING id"
    )


@lru_cache(maxsize=64)
def _change(table: type[Table], names: tuple[str, ...]) -> str:
    settings = ", ".join(f'"{name}" = {{}}' for name in names)
    return f"UPDATE {table._meta.tablename} SET {settings} WHERE id = {{}} AND version = {{}} RETURNING id"  # noqa: S608


@lru_cache(maxsize=64)
def _locked_with(table: type[Table], columns: tuple[str, ...], steps: type[Table], locks: bool) -> str:
    wanted = [f'own."{name}"' for name in columns] + [
        f'step."{name}" AS "step_{name}"' for name in _names(steps)
    ]
    return (
        f"SELECT {', '.join(wanted)} FROM {table._meta.tablename} own JOIN {steps._meta.tablename} step "  # noqa: S608
        "ON step.subject_type = {} AND step.subject_id = own.id AND step.version = own.version "
        f"WHERE own.id = {{}}{' FOR UPDATE OF own' if locks else ''}"
    )


@lru_cache(maxsize=8)
def _names(table: type[Table]) -> tuple[str, ...]:
    return tuple(column._meta.name for column in table._meta.columns)


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
