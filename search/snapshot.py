"""One unchanging state of the index: Whoosh finds the words, bitsets do the rest."""

import struct
import threading
from array import array
from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial, reduce
from itertools import chain
from operator import or_
from typing import Any, TypeAlias
from uuid import UUID

from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.columns import NumericColumn
from whoosh.matching.wrappers import FilterMatcher
from whoosh.reading import IndexReader, TermNotFound

from search.bitsets import OpenOffers, bits_of, ranks_from_top
from search.clauses import Clause, Condition, holding, ranked
from search.corrections import FEW, better
from search.gentle import gently_sorted
from search.keywords import parsed
from search.queries import FACETS, Answer, OfferQuery, Order
from search.spelling import Lexicon
from search.suggestions import suggestions

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CACHED_BYTES = 64 << 20


def microseconds(instant: datetime) -> int:
    """An instant as the index stores it."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


_Entries: TypeAlias = list[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A segment's reader, the rank of each of its documents (one too high where deleted), its words and phrases."""

    reader: IndexReader
    ranks: MutableSequence[int]
    words: _Entries
    phrases: _Entries

    @property
    def name(self) -> str:
        name: str = self.reader.segment().segment_id()
        return name


class Snapshot:
    """Answers queries from one generation, for good, even when its files are gone.

    Safe for threads: Whoosh is read under a lock, and what has been read is kept as bitsets.
    """

    def __init__(self, reader: IndexReader, before: "Snapshot | None" = None) -> None:
        """What `before` knows of segments that are here too is taken over."""
        leaves = [leaf for leaf, _ in reader.leaf_readers()] if reader.doc_count_all() else []
        rows = gently_sorted(
            (published, offer, closing, number, document)
            for number, leaf in enumerate(leaves)
            for published, offer, closing, document in _columns(leaf)
        )
        self._lock = threading.RLock()
        self._ids = [offer for _, offer, *_ in rows]
        self._open = OpenOffers(array("q", (closing for _, _, closing, _, _ in rows)))
        known = {leaf.name: leaf for leaf in before._leaves} if before else {}
        self._leaves: list[_Leaf] = [_leaf(leaf, len(rows), known) for leaf in leaves]
        self._lexicon = Lexicon(
            (entry for leaf in self._leaves for entry in leaf.words),
            (entry for leaf in self._leaves for entry in leaf.phrases),
        )
        for rank, (*_, number, document) in enumerate(rows):
            self._leaves[number].ranks[document] = rank
        self.everything = (1 << len(rows)) - 1
        self._facets = {
            facet: {value: self._read(facet, value) for value in self._values(facet)} for facet in FACETS
        }
        entries = max(64, _CACHED_BYTES // (len(rows) // 8 + 64))
        self._word = lru_cache(maxsize=entries)(self._read)
        self._beginning = lru_cache(maxsize=entries // 8)(self._read_beginning)

    def __len__(self) -> int:
        return len(self._ids)

    def search(self, query: OfferQuery, now: datetime) -> Answer:
        """See OfferIndex.search."""
        clause, open_now = parsed(query.keywords), self._open.at(microseconds(now))
        worded = holding(clause.condition, self) & open_now
        meant = self._better(query.keywords, clause, open_now) if worded.bit_count() <= FEW else None
        if meant and not worded and not query.as_typed:
            clause = parsed(meant)
            worded = holding(clause.condition, self) & open_now
            return replace(self._answer(query, clause, worded), did_you_mean=meant, corrected=True)
        return replace(self._answer(query, clause, worded), did_you_mean=meant)

    def suggest(self, typed: str, now: datetime) -> list[str]:
        """See OfferIndex.suggest."""
        open_now = self._open.at(microseconds(now))
        return suggestions(typed, self._lexicon, partial(self._open_counts, open_now))

    def _answer(self, query: OfferQuery, clause: Clause, worded: int) -> Answer:
        chosen = {facet: self._chosen(facet, query.chosen(facet)) for facet in FACETS}
        found = _all_of(worded, chosen)
        tiers = ranked(found, clause.tiers, self) if query.order is Order.relevance else [found]
        return Answer(
            ids=self._page(tiers, *query.window),
            total=found.bit_count(),
            facets=self._counts(worded, chosen),
        )

    def with_key(self, key: str) -> int:
        return self._word("keys", key)

    def with_pair(self, first: str, second: str) -> int:
        return self._word("pairs", f"{first} {second}")

    def with_prefix(self, prefix: str) -> int:
        return self._beginning(prefix)

    def _chosen(self, facet: str, values: frozenset[str]) -> int:
        if not values:
            return self.everything
        return reduce(or_, (self._facets[facet].get(value, 0) for value in values))

    def _counts(self, worded: int, chosen: dict[str, int]) -> dict[str, dict[str, int]]:
        counts = {}
        for facet, values in self._facets.items():
            others = _all_of(worded, {name: bits for name, bits in chosen.items() if name != facet})
            counted = {value: (others & bits).bit_count() for value, bits in values.items()}
            counts[facet] = {value: count for value, count in counted.items() if count}
        return counts

    def _page(self, tiers: list[int], skip: int, take: int) -> tuple[UUID, ...]:
        ids: list[UUID] = []
        for tier in tiers:
            ranks = ranks_from_top(tier, skip, take - len(ids))
            ids += [UUID(bytes=self._ids[rank]) for rank in ranks]
            skip = max(0, skip - tier.bit_count())
        return tuple(ids)

    def _better(self, keywords: str, clause: Clause, open_now: int) -> str | None:
        return better(keywords, clause, self._lexicon, partial(self._open_counts, open_now))

    def _open_counts(self, open_now: int, conditions: Sequence[Condition]) -> list[int]:
        return [(holding(condition, self) & open_now).bit_count() for condition in conditions]

    def _values(self, field: str) -> list[str]:
        return sorted({term for leaf in self._leaves for term in _decoded(leaf.reader.lexicon(field))})

    def _read(self, field: str, term: str) -> int:
        with self._lock:
            return self._bits(self._ranks(field, term))

    def _read_beginning(self, prefix: str) -> int:
        with self._lock:
            spellings = {
                term
                for leaf in self._leaves
                for term in _decoded(leaf.reader.expand_prefix("spellings", prefix))
            }
            return self._bits(chain.from_iterable(self._ranks("spellings", term) for term in spellings))

    def _ranks(self, field: str, term: str) -> Iterator[int]:
        return chain.from_iterable(
            map(leaf.ranks.__getitem__, documents)
            for leaf in self._leaves
            for documents in _postings(leaf.reader, field, term)
        )

    def _bits(self, ranks: Iterable[int]) -> int:
        """Those of deleted documents have a place of their own, so that nobody asks for each whether it is one."""
        return bits_of(ranks, len(self) + 1) & self.everything


def _postings(reader: IndexReader, field: str, term: str) -> Iterator[Iterable[int]]:
    with suppress(TermNotFound):
        yield from _blocks(reader.postings(field, term))


def _blocks(postings: Any) -> Iterator[Iterable[int]]:
    """The documents of a list, deleted ones too; to ask for one after the other takes ten times as long."""
    if isinstance(postings, FilterMatcher):
        postings = postings.child
    if not isinstance(postings, W3LeafMatcher):
        yield postings.all_ids()
        return
    while postings.is_active():
        postings.id()  # has the block read
        yield postings._ids
        postings._next_block()


def _leaf(reader: IndexReader, offers: int, known: dict[str, _Leaf]) -> _Leaf:
    same = known.get(reader.segment().segment_id())
    return _Leaf(
        reader,
        array("q", [offers]) * reader.doc_count_all(),
        same.words if same else _entries(reader, "spellings"),
        same.phrases if same else _entries(reader, "phrases"),
    )


def _entries(reader: IndexReader, field: str) -> _Entries:
    found = []
    for term, facts in reader.iter_field(field):
        folded, _, written = term.decode().partition("\t")
        found.append((folded, written, facts.doc_frequency()))
    return found


def _columns(leaf: IndexReader) -> Iterator[tuple[int, bytes, int, int]]:
    published, offers, closing = (_column(leaf, name) for name in ("published", "offer", "closing"))
    for document in leaf.all_doc_ids():
        yield published[document], offers[document], closing[document], document


def _column(leaf: IndexReader, name: str) -> Sequence[Any]:
    """All values of a column at once; to ask for one after the other takes several times as long."""
    column: Any = leaf.column_reader(name, translate=False)
    size = column._fixedlen
    held = column._dbfile.get(column._basepos, column._count * size)
    held += column._defaultbytes * (leaf.doc_count_all() - column._count)  # those at the end are not written
    if isinstance(column, NumericColumn.Reader):
        return struct.unpack(f"!{leaf.doc_count_all()}{column._typecode}", held)
    return [held[at : at + size] for at in range(0, len(held), size)]


def _all_of(bits: int, chosen: dict[str, int]) -> int:
    for some in chosen.values():
        bits &= some
    return bits


def _decoded(terms: Iterator[bytes]) -> Iterator[str]:
    return (term.decode() for term in terms)
