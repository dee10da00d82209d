"""One unchanging state of the index: Whoosh finds the words, bitsets do the rest."""

import threading
from array import array
from collections.abc import Iterator, MutableSequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache, reduce
from operator import or_
from uuid import UUID

from whoosh.reading import IndexReader, TermNotFound

from search.bitsets import OpenOffers, bits_of, ranks_from_top
from search.keywords import Clause, any_of, parsed
from search.queries import FACETS, Answer, OfferQuery, Order
from search.spelling import Known, Lexicon
from search.words import analysed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CACHED_BYTES = 64 << 20


def microseconds(instant: datetime) -> int:
    """An instant as the index stores it."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A segment's reader, and the rank of each of its documents (-1 where deleted)."""

    reader: IndexReader
    ranks: MutableSequence[int]


class Snapshot:
    """Answers queries from one generation, for good, even when its files are gone.

    Safe for threads: Whoosh is read under a lock, and what has been read is kept as bitsets.
    """

    def __init__(self, reader: IndexReader) -> None:
        leaves = [leaf for leaf, _ in reader.leaf_readers()] if reader.doc_count_all() else []
        rows = sorted(
            (published, offer, closing, number, document)
            for number, leaf in enumerate(leaves)
            for published, offer, closing, document in _columns(leaf)
        )
        self._lock = threading.RLock()
        self._ids = [offer for _, offer, *_ in rows]
        self._open = OpenOffers(array("q", (closing for _, _, closing, _, _ in rows)))
        self._leaves = [_Leaf(leaf, array("q", [-1]) * leaf.doc_count_all()) for leaf in leaves]
        for rank, (*_, number, document) in enumerate(rows):
            self._leaves[number].ranks[document] = rank
        self.everything = (1 << len(rows)) - 1
        self._facets = {
            facet: {value: self._read(facet, value) for value in self._lexicon(facet)} for facet in FACETS
        }
        entries = max(64, _CACHED_BYTES // (len(rows) // 8 + 64))
        self._word = lru_cache(maxsize=entries)(self._read)
        self._beginning = lru_cache(maxsize=entries // 8)(self._read_beginning)
        self._spelling: Lexicon | None = None

    def __len__(self) -> int:
        return len(self._ids)

    def search(self, query: OfferQuery, now: datetime) -> Answer:
        """See OfferIndex.search."""
        clause = parsed(query.keywords)
        open_now = self._open.at(microseconds(now))
        worded = clause.matching(self) & open_now
        chosen = {facet: self._chosen(facet, query.chosen(facet)) for facet in FACETS}
        found = _all_of(worded, chosen)
        tiers = clause.tiers(found, self) if query.order is Order.relevance else [found]
        return Answer(
            ids=self._page(tiers, *query.window),
            total=found.bit_count(),
            facets=self._counts(worded, chosen),
            did_you_mean=None if worded else self._better(query.keywords, clause, open_now),
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
        """The keywords with the words that find nothing replaced, if then there are results.

        Where each word finds something and only together they find nothing, one of them is replaced
        by a word that differs in a single letter: titles hold misspelt words too.
        """
        wanted = sorted(clause.wanted(), key=lambda term: -term.start)
        unknown = [term for term in wanted if not any_of((term,), self) & open_now]
        for terms, mistakes in [(unknown, 2)] if unknown else [([term], 1) for term in wanted]:
            better = keywords
            for term in terms:
                if known := self._nearest(term.spelling, mistakes, open_now):
                    better = better[: term.start] + known.written + better[term.end :]
            if better != keywords and parsed(better).matching(self) & open_now:
                return better
        return None

    def _nearest(self, spelling: str, mistakes: int, among: int) -> Known | None:
        near = self._known_words().near(spelling, mistakes)
        return next((known for known in near if self._read_word(known) & among), None)

    def _read_word(self, known: Known) -> int:
        return reduce(or_, (self.with_key(word.key) for word in analysed(known.written)), 0)

    def _known_words(self) -> Lexicon:
        with self._lock:
            if self._spelling is None:
                self._spelling = Lexicon(
                    (spelling, written, leaf.reader.doc_frequency("spellings", f"{spelling} {written}"))
                    for leaf in self._leaves
                    for term in _decoded(leaf.reader.lexicon("spellings"))
                    for spelling, written in [term.split(" ", 1)]
                )
            return self._spelling

    def _lexicon(self, field: str) -> list[str]:
        return sorted({term for leaf in self._leaves for term in _decoded(leaf.reader.lexicon(field))})

    def _read(self, field: str, term: str) -> int:
        with self._lock:
            return bits_of(self._ranks(field, term), len(self))

    def _read_beginning(self, prefix: str) -> int:
        with self._lock:
            spellings = {
                term
                for leaf in self._leaves
                for term in _decoded(leaf.reader.expand_prefix("spellings", prefix))
            }
            return bits_of((rank for term in spellings for rank in self._ranks("spellings", term)), len(self))

    def _ranks(self, field: str, term: str) -> Iterator[int]:
        for leaf in self._leaves:
            with suppress(TermNotFound):
                for document in leaf.reader.postings(field, term).all_ids():
                    yield leaf.ranks[document]


def _columns(leaf: IndexReader) -> Iterator[tuple[int, bytes, int, int]]:
    published, offers, closing = (leaf.column_reader(name) for name in ("published", "offer", "closing"))
    for document in leaf.all_doc_ids():
        yield published[document], offers[document], closing[document], document


def _all_of(bits: int, chosen: dict[str, int]) -> int:
    for some in chosen.values():
        bits &= some
    return bits


def _decoded(terms: Iterator[bytes]) -> Iterator[str]:
    return (term.decode() for term in terms)
