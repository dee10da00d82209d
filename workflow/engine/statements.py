"""SQL made once from the tables of a move: Piccolo takes longer to build a query than the database to answer it."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresEngine
from piccolo.query.base import Query
from piccolo.querystring import QueryString
from piccolo.table import Table

from workflow.engine.tables import History, HistoryNote, Outbox

Row = Mapping[str, Any]


async def locked_with_step(
    table: type[Table], columns: tuple[str, ...], *, row_id: Any, subject_type: str
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Lock a row until the transaction ends; some of its columns, and the step of its present version.

    None when there is no such pair, and on PostgreSQL also when somebody else changed the row while we
    waited for it, for the statement still sees the history of before. Then ask for one after the other.
    """
    rows = await ask(table, _locked_with_step(table, columns, _is_postgres(table)), subject_type, row_id)
    if not rows:
        return None
    (both,) = rows
    return {name: both[name] for name in columns}, {name: both[f"step_{name}"] for name in _names(History)}


async def insert(table: type[Table], rows: Sequence[Row]) -> list[int]:
    """Insert rows that all name the same columns, in one statement; their ids."""
    inserted = await ask(table, _insert(table, tuple(rows[0]), len(rows)), *_values(*rows))
    return [row["id"] for row in inserted]


async def insert_step(step: Row, words: Row, effects: Sequence[Row]) -> None:
    """Append a step to the history, with the words of its note (or none) and its effects (or none)."""
    (step_id,) = await insert(History, [step])
    if words:
        await insert(HistoryNote, [{"history": step_id, **words}])
    if effects:
        await insert(Outbox, effects)


async def change_with_step(
    table: type[Table],
    values: Row,
    *,
    row_id: Any,
    version: int,
    step: Row,
    words: Row,
    effects: Sequence[Row],
) -> bool:
    """Append a step and change the row that it moves; False when that row no longer has this version.

    Then some of it is written: roll back. PostgreSQL is asked once for all of it.
    """
    last = (*values.values(), row_id, version)
    if _is_postgres(table):
        names = tuple(effects[0]) if effects else ()
        text = _change_with_step(table, tuple(values), tuple(step), tuple(words), names, len(effects))
        return bool(await ask(table, text, *_values(step, words, *effects), *last))
    await insert_step(step, words, effects)
    return bool(await ask(table, _change(table, tuple(values)), *last))


async def delete_unheld(table: type[Table], wanted: Any) -> int:
    """Delete rows that have had their time, but for those that somebody holds just now; how many went.

    Who clears away waits for nobody, and so stands in no circle of those who wait for each other; what is left
    goes the next time.
    """
    if _is_postgres(table):
        key = table._meta.primary_key
        wanted = key.is_in(table.select(key).where(wanted).lock_rows("UPDATE", skip_locked=True))
    return len(await table.delete().where(wanted).returning(table._meta.primary_key))


class Prepared:
    """A Piccolo query that is built once, and asked again and again with another value in its one open place.

    `build` gets the stand-in for the value, and gives the query that has it in a condition.
    """

    def __init__(self, build: Callable[[UUID], Query[Any, Any]]) -> None:
        self._build = build
        self._made: dict[str, tuple[type[Table], str, list[Any]]] = {}

    async def rows(self, value: UUID) -> list[dict[str, Any]]:
        """The rows for this value, flat: neither nested, nor made into objects."""
        table, text, values = self._made.get(History._meta.db.engine_type) or self._make()
        given = [value if each == _OPEN else each for each in values]
        return [dict(row) for row in await _run(table, text, given)]

    def _make(self) -> tuple[type[Table], str, list[Any]]:
        query = self._build(_OPEN)
        (made,) = query.querystrings
        text, values = made.compile_string(query.engine_type)
        self._made[query.engine_type] = (query.table, text, values)
        return self._made[query.engine_type]


_OPEN = UUID("00000000-0000-4000-8000-6f70656e0000")


async def ask(table: type[Table], text: str, *values: Any) -> Any:
    """Run a statement with `{}` for each value, which is compiled once; its rows as the database gives them."""
    return await _run(table, _compiled(text, table._meta.db.engine_type), list(values))


@lru_cache(maxsize=512)
def _compiled(text: str, engine_type: str) -> str:
    places = [None] * text.count("{}")
    compiled: str = QueryString(text, *places).compile_string(engine_type)[0]
    return compiled


async def _run(table: type[Table], text: str, values: list[Any]) -> Any:
    """As Piccolo runs a frozen query, but with the values of this call."""
    query = QueryString("")
    query._frozen_compiled_strings = (text, values)
    return await table._meta.db.run_querystring(query)


def _is_postgres(table: type[Table]) -> bool:
    return isinstance(table._meta.db, PostgresEngine)


def _values(*rows: Row) -> list[Any]:
    return [value for row in rows for value in row.values()]


@lru_cache(maxsize=64)
def _locked_with_step(table: type[Table], columns: tuple[str, ...], locks: bool) -> str:
    wanted = [f'own."{name}"' for name in columns] + [
        f'step."{name}" AS "step_{name}"' for name in _names(History)
    ]
    return (
        f"SELECT {', '.join(wanted)} FROM {table._meta.tablename} own JOIN history step "  # noqa: S608
        "ON step.subject_type = {} AND step.subject_id = own.id AND step.version = own.version "
        f"WHERE own.id = {{}}{' FOR NO KEY UPDATE OF own' if locks else ''}"
    )


@lru_cache(maxsize=256)
def _insert(table: type[Table], names: tuple[str, ...], count: int) -> str:
    row = f"({', '.join('{}' for _ in names)})"
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join([row] * count)
    return f"INSERT INTO {table._meta.tablename} ({columns}) VALUES {values} RETURNING id"  # noqa: S608


@lru_cache(maxsize=64)
def _change(table: type[Table], names: tuple[str, ...], joined: str = "") -> str:
    settings = ", ".join(f'"{name}" = {{}}' for name in names)
    own = table._meta.tablename
    return f"UPDATE {own} SET {settings} {joined} WHERE {own}.id = {{}} AND {own}.version = {{}} RETURNING {own}.id"  # noqa: S608


@lru_cache(maxsize=256)
def _change_with_step(
    table: type[Table],
    values: tuple[str, ...],
    step: tuple[str, ...],
    words: tuple[str, ...],
    effects: tuple[str, ...],
    count: int,
) -> str:
    """The change reads the new step, so it comes after it, and its trigger sees the step."""
    parts = [f"step AS ({_insert(History, step, 1)})"]
    if words:
        columns, places = ", ".join(words), ", ".join("{}" for _ in words)
        parts.append(f"note AS (INSERT INTO history_note (history, {columns}) SELECT id, {places} FROM step)")  # noqa: S608
    if count:
        parts.append(f"effects AS ({_insert(Outbox, effects, count)})")
    return f"WITH {', '.join(parts)} {_change(table, values, 'FROM step')}"


@lru_cache(maxsize=8)
def _names(table: type[Table]) -> tuple[str, ...]:
    return tuple(column._meta.name for column in table._meta.columns)
