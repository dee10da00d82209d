"""The index for many machines: tables in PostgreSQL, written in one transaction, read by every process."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from search.analysis import ANALYSIS_VERSION
from search.clauses import Clause, Condition
from search.corrections import FEW, better
from search.documents import OfferDocument
from search.errors import IndexBusy, IndexMissing, IndexOutdated, IndexUnusable
from search.keywords import parsed
from search.postgres_connections import LOST, Connection, Connections
from search.postgres_counts import Counts, HeldCounts, counts_in
from search.postgres_queries import counting_statement, counts_statement, page_statement, tsquery_of
from search.postgres_rows import add_offers, count_entries, lexicon_of, take_out_offers
from search.queries import Answer, IndexState, OfferQuery
from search.snapshot import microseconds
from search.spelling import Lexicon
from search.suggestions import suggestions

T = TypeVar("T")

_WRITING, _TURN = 7_205_761, 7_205_762
"""The names of our advisory locks."""

_PAUSE = 0.05

_LEXICON_LASTS = 60.0
"""Seconds for which a new word may be unknown to corrections and suggestions."""

_STATE = "SELECT build, generation, offers, analysis_version, changed_at, rebuilds, damaged FROM search_index"

_COUNTED = "SELECT count(*) FROM search_offer WHERE build = $1"

_LEXICON = "SELECT entry, offers FROM search_lexicon WHERE build = $1"

_NAME_BUILD = """
    INSERT INTO search_index (build, generation, offers, analysis_version, changed_at, rebuilds, damaged)
    VALUES ($1, 1, $2, $3, $4, 1, $5)
    ON CONFLICT (sole) DO UPDATE SET
        build = excluded.build, generation = search_index.generation + 1, offers = excluded.offers,
        analysis_version = excluded.analysis_version, changed_at = excluded.changed_at,
        rebuilds = search_index.rebuilds + 1, damaged = search_index.damaged + excluded.damaged"""

_NAME_CHANGE = "UPDATE search_index SET generation = generation + 1, changed_at = $1, offers = offers + $2"


class PostgresReader:
    """The reading half (see queries.OfferIndex): every statement sees one whole state of the index."""

    def __init__(self, url: str) -> None:
        self._connections = Connections(url)
        self._lexicon = _HeldLexicon()
        self._counts = HeldCounts()

    def search(self, query: OfferQuery, now: datetime) -> Answer:
        """See OfferIndex.search."""
        clause = parsed(query.keywords)
        row, counts = self._found(query, clause, now)
        if counts.worded > FEW or not clause.terms:
            return _answer(query, row, counts)
        meant = better(query.keywords, clause, self._lexicon_of(row), partial(self._open_counts, now))
        if meant is None or counts.worded or query.as_typed:
            return replace(_answer(query, row, counts), did_you_mean=meant)
        row, counts = self._found(query, parsed(meant), now)
        return replace(_answer(query, row, counts), did_you_mean=meant, corrected=True)

    def suggest(self, typed: str, now: datetime) -> list[str]:
        """See OfferIndex.suggest."""
        return suggestions(typed, self._lexicon_of(self._row(_STATE, [])), partial(self._open_counts, now))

    def poll(self) -> bool:
        """See OfferIndex.poll: the tables are always the latest state, so that only their use is checked."""
        self.state()
        return False

    def state(self) -> IndexState:
        """See OfferIndex.state."""
        row = self._row(_STATE, [])
        return IndexState(
            row["generation"], row["offers"], row["changed_at"], row["rebuilds"], row["damaged"]
        )

    def close(self) -> None:
        """See OfferIndex.close."""
        self._connections.close()

    def _found(self, query: OfferQuery, clause: Clause, now: datetime) -> tuple[Any, Counts]:
        """A page, and the counts of the same state of the index; held ones where that is still the same."""
        condition, instant = tsquery_of(clause.condition), microseconds(now)
        if held := self._counts.at(instant, condition):
            row = self._row(*page_statement(query, clause, now, held))
            if held.are_of(row):
                return row, held

        async def count(connection: Connection) -> tuple[Any, Counts]:
            statement, arguments = counts_statement(clause, now)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                counted = await connection.fetchrow(statement, *arguments)
                _require_usable(counted)
                counts = counts_in(counted, instant)
                statement, arguments = page_statement(query, clause, now, counts)
                return await connection.fetchrow(statement, *arguments), counts

        row, counts = self._asked(count)
        return row, self._counts.keep(condition, counts)

    def _row(self, statement: str, arguments: list[Any]) -> Any:
        """The one row of a statement that begins at `search_index`."""
        row = self._asked(lambda connection: connection.fetchrow(statement, *arguments))
        _require_usable(row)
        return row

    def _open_counts(self, now: datetime, conditions: Sequence[Condition]) -> Sequence[int]:
        if not conditions:
            return ()
        statement, arguments = counting_statement(conditions, now)
        return tuple(self._asked(lambda connection: connection.fetchrow(statement, *arguments)))

    def _lexicon_of(self, row: Any) -> Lexicon:
        def load() -> Lexicon:
            entries = self._asked(lambda connection: connection.fetch(_LEXICON, row["build"]))
            return lexicon_of((entry["entry"], entry["offers"]) for entry in entries)

        return self._lexicon.of(row["build"], row["generation"], load)

    def _asked(self, ask: Callable[[Connection], Awaitable[T]]) -> T:
        try:
            with _plainly():
                try:
                    return self._connections.run(ask)
                except LOST:  # the server was started anew, and this connection is of the old one
                    return self._connections.run(ask)
        except LOST as error:
            raise IndexUnusable(f"the database does not answer ({error})") from error


class _HeldLexicon:
    """The words of the titles, read anew when they may be old; while one thread reads, the others use the old."""

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._held: tuple[int, int, float, Lexicon] | None = None

    def of(self, build: int, generation: int, load: Callable[[], Lexicon]) -> Lexicon:
        held = self._held
        if held is not None and self._is_good(held, build, generation):
            return held[3]
        if not self._reading.acquire(blocking=held is None) and held is not None:
            return held[3]
        try:
            held = self._held
            if held is None or not self._is_good(held, build, generation):
                self._held = held = (build, generation, time.monotonic() + _LEXICON_LASTS, load())
            return held[3]
        finally:
            self._reading.release()

    def _is_good(self, held: tuple[int, int, float, Lexicon], build: int, generation: int) -> bool:
        return held[0] == build and (held[1] == generation or time.monotonic() < held[2])


class PostgresWriter:
    """The writing half (see queries.OfferIndexWriter); writers on any machine wait for each other, then fail."""

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        self._connections = Connections(url, most=2)
        self._timeout = timeout

    def check(self) -> int:
        """See OfferIndexWriter.check. The server keeps the bytes; here the rows are counted."""

        async def count(connection: Connection) -> tuple[int, int]:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                row = await connection.fetchrow(_STATE)
                _require_usable(row)
                return row["offers"], await connection.fetchval(_COUNTED, row["build"])

        with _plainly():
            offers, held = self._connections.run(count)
        if held != offers:
            raise IndexUnusable(f"it holds {held} offers and should hold {offers}")
        return offers

    def apply(self, upserts: Iterable[OfferDocument], deletions: Iterable[UUID] = ()) -> None:
        """See OfferIndexWriter.apply."""
        documents = {document.id: document for document in upserts}
        gone = {*documents, *deletions}
        if not gone:
            return

        async def change(connection: Connection) -> None:
            row = await connection.fetchrow(_STATE)
            _require_usable(row)
            build = row["build"]
            taken_out, entries_less = await take_out_offers(connection, build, gone)
            entries = await add_offers(connection, build, documents.values())
            entries.subtract(entries_less)
            await count_entries(connection, build, entries)
            await connection.execute(_NAME_CHANGE, datetime.now(UTC), len(documents) - taken_out)

        self._write(change)

    def rebuild(
        self,
        documents: Iterable[OfferDocument],
        *,
        damaged: bool = False,
        go_on: Callable[[], object] = bool,
    ) -> int:
        """See OfferIndexWriter.rebuild."""

        async def build_anew(connection: Connection) -> int:
            build = time.time_ns()
            entries = await add_offers(connection, build, documents)
            go_on()
            await count_entries(connection, build, entries)
            go_on()
            offers: int = await connection.fetchval(_COUNTED, build)
            await connection.execute(
                _NAME_BUILD, build, offers, ANALYSIS_VERSION, datetime.now(UTC), int(damaged)
            )
            for table in ("search_offer", "search_cell", "search_lexicon"):
                await connection.execute(f"DELETE FROM {table} WHERE build <> $1", build)  # noqa: S608
            return offers

        offers = self._write(build_anew)
        self._connections.run(_weigh)
        return offers

    @contextmanager
    def turn(self, patience: float) -> Iterator[None]:
        """See OfferIndexWriter.turn. Ends with the connection, so with a killed process."""

        async def take(connection: Connection) -> None:
            await _locked(connection, "pg_try_advisory_lock", _TURN, patience)

        async def give_back(connection: Connection) -> None:
            await connection.execute("SELECT pg_advisory_unlock($1)", _TURN)

        with self._connections.held() as connection:
            self._connections.work_with(connection, take)
            try:
                yield
            finally:
                self._connections.work_with(connection, give_back)

    def close(self) -> None:
        """See OfferIndexWriter.close."""
        self._connections.close()

    def _write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """All of `work` in one transaction, alone."""

        async def alone(connection: Connection) -> T:
            async with connection.transaction():
                await _locked(connection, "pg_try_advisory_xact_lock", _WRITING, self._timeout)
                return await work(connection)

        with _plainly():
            return self._connections.run(alone)


async def _locked(connection: Connection, function: str, name: int, patience: float) -> None:
    deadline = time.monotonic() + patience
    while not await connection.fetchval(f"SELECT {function}($1)", name):
        if time.monotonic() >= deadline:
            raise IndexBusy
        await asyncio.sleep(_PAUSE)


async def _weigh(connection: Connection) -> None:
    """The rows before go, and how often each word occurs decides how it is looked for."""
    await connection.execute("VACUUM (ANALYZE) search_offer, search_cell")


@contextmanager
def _plainly() -> Iterator[None]:
    """What a database without our tables means for the search."""
    try:
        yield
    except asyncpg.UndefinedTableError:
        raise IndexUnusable("the database has no tables for it, run vivier migrate") from None


def _require_usable(row: Any) -> None:
    if row is None:
        raise IndexMissing
    if row["analysis_version"] != ANALYSIS_VERSION:
        raise IndexOutdated(row["analysis_version"], ANALYSIS_VERSION)


def _answer(query: OfferQuery, row: Any, counts: Counts) -> Answer:
    total, facets = counts.of(query)
    return Answer(tuple(UUID(int=offer.int) for offer in row["ids"]), total, facets)
