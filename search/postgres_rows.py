"""How offers and the words of their titles are put into the tables, a batch in a statement."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar
from uuid import UUID

from search.documents import OfferDocument
from search.postgres_connections import Connection
from search.postgres_queries import tsvector_of
from search.queries import FACETS
from search.snapshot import microseconds
from search.spelling import Lexicon
from search.words import Terms, terms

T = TypeVar("T")

WORD, PHRASE = "w", "p"
"""Entries of the lexicon: the kind, the folded form, and how it is written, with tabs between."""

_BATCH = 500
_FACETS = ", ".join(FACETS)


def _facet_arrays(first: int) -> str:
    return ", ".join(f"${number}::text[]" for number, _ in enumerate(FACETS, first))


_ADD_CELLS = f"""
    INSERT INTO search_cell (build, {_FACETS})
    SELECT $1, {_FACETS} FROM (
        SELECT DISTINCT {_FACETS} FROM unnest({_facet_arrays(2)}) AS added ({_FACETS})
        EXCEPT SELECT {_FACETS} FROM search_cell WHERE build = $1) unknown"""  # noqa: S608  # names of our own

_ADD = f"""
    INSERT INTO search_offer (build, offer, published, closing, words, titles, cell)
    SELECT $1, offer, published, closing, words::tsvector, string_to_array(titles, E'\\n'), cell
    FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], {_facet_arrays(7)})
        AS added (offer, published, closing, words, titles, {_FACETS})
    JOIN search_cell ON build = $1 AND
        ({", ".join(f"search_cell.{facet}" for facet in FACETS)})
        = ({", ".join(f"added.{facet}" for facet in FACETS)})"""  # noqa: S608  # names of our own

_TAKE_OUT = "DELETE FROM search_offer WHERE build = $1 AND offer = ANY($2::uuid[]) RETURNING titles"

_COUNT = """
    INSERT INTO search_lexicon (build, entry, offers)
    SELECT $1, entry, offers FROM unnest($2::text[], $3::bigint[]) AS counted (entry, offers)
    ON CONFLICT (build, entry) DO UPDATE SET offers = search_lexicon.offers + excluded.offers"""

_FORGET = "DELETE FROM search_lexicon WHERE build = $1 AND entry = ANY($2::text[]) AND offers <= 0"


async def add_offers(connection: Connection, build: int, documents: Iterable[OfferDocument]) -> Counter[str]:
    """Insert them, never many in memory at once; how many hold each entry of the lexicon."""
    entries: Counter[str] = Counter()
    for batch in _batches(documents):
        found = [terms(document.titles) for document in batch]
        entries.update(entry for each in found for entry in _entries(each))
        facets = [[document.facet(facet) or "" for document in batch] for facet in FACETS]
        await connection.execute(_ADD_CELLS, build, *facets)
        await connection.execute(_ADD, build, *_columns(batch, found), *facets)
    return entries


async def take_out_offers(
    connection: Connection, build: int, offers: Iterable[UUID]
) -> tuple[int, Counter[str]]:
    """Delete those that are there; their number, and how many of them held each entry of the lexicon."""
    rows = await connection.fetch(_TAKE_OUT, build, list(offers))
    return len(rows), Counter(entry for row in rows for entry in _entries(terms(row["titles"])))


async def count_entries(connection: Connection, build: int, entries: Counter[str]) -> None:
    """Add to the lexicon's numbers, which may be negative; what no offer holds any more is forgotten."""
    for batch in _batches(sorted(entries.items())):
        await connection.execute(_COUNT, build, [entry for entry, _ in batch], [many for _, many in batch])
    await connection.execute(_FORGET, build, [entry for entry, many in entries.items() if many < 0])


def lexicon_of(entries: Iterable[tuple[str, int]]) -> Lexicon:
    """The lexicon that the table holds."""
    words: list[tuple[str, str, int]] = []
    phrases: list[tuple[str, str, int]] = []
    for entry, offers in entries:
        kind, folded, written = entry.split("\t")
        (words if kind == WORD else phrases).append((folded, written, offers))
    return Lexicon(words, phrases)


def _columns(documents: Sequence[OfferDocument], found: Sequence[Terms]) -> Iterator[list[object]]:
    yield [document.id for document in documents]
    yield [microseconds(document.published_at) for document in documents]
    yield [microseconds(document.closes_at) for document in documents]
    yield [tsvector_of(each) for each in found]
    yield ["\n".join(map(_storable, document.titles)) for document in documents]


def _storable(title: str) -> str:
    """What no text of PostgreSQL can hold, and what parts two titles, is a blank to the analysis too."""
    return re.sub("[\0\n\ud800-\udfff]", " ", title)


def _entries(found: Terms) -> Iterator[str]:
    yield from (f"{WORD}\t{folded}\t{written}" for folded, written in found.spellings)
    yield from (f"{PHRASE}\t{folded}\t{written}" for folded, written in found.phrases)


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch
