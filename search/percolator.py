"""The search the other way round: a few offers are held, and any number of saved searches are put to them (L3)."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from search.bitsets import bits_of, ranks_from_top
from search.clauses import holding
from search.documents import OfferDocument
from search.keywords import requirements
from search.queries import FACETS
from search.remembered import Remembered
from search.words import terms

_LAST = "\U0010ffff"  # no word has it


class SavedSearch(NamedTuple):
    """Keywords, which mean what they mean in a search `as_typed`, and one choice a facet; '' stands for all."""

    keywords: str = ""
    region: str = ""
    job_type: str = ""
    level: str = ""
    industry: str = ""
    job: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        """By facet, in the order of FACETS."""
        return self[1:]


class Percolator:
    """Holds `offers` and says which of them a saved search finds, by the same reading of words as every index.

    A set of offers is an integer: bit n is the n-th that was given. Whether an offer is open is not asked.
    Keywords are understood once, however many ask for them, as long as there is `room` (bytes) to keep what they
    find. Words mean what they meant when they were first asked for: make a new one for each run.
    """

    def __init__(self, offers: Iterable[OfferDocument], *, room: int = 160 << 20) -> None:
        self.offers = tuple(offers)
        self.everything = (1 << len(self.offers)) - 1
        self._keys: dict[str, list[int]] = {}
        self._pairs: dict[tuple[str, str], list[int]] = {}
        self._spelt: dict[str, list[int]] = {}
        chosen: dict[tuple[str, str], list[int]] = {}
        for position, offer in enumerate(self.offers):
            self._take_in(position, offer)
            for choice in _choices_of(offer):
                chosen.setdefault(choice, []).append(position)
        self._spellings = sorted(self._spelt)
        self._facets = {choice: self._bits(found) for choice, found in chosen.items()}
        self._worded = Remembered(self._all_of, room * 5 // 8)
        self._chosen = Remembered(self._with_choices, room // 8)
        self._keyed = Remembered(self._key, room // 8)
        self._begun = Remembered(self._prefix, room // 8)

    def matching(self, saved: SavedSearch) -> int:
        """The offers that a search with these keywords and these filters finds."""
        found = self._worded(saved[0])
        return found and found & self._chosen(saved[1:])

    def offers_of(self, found: int, most: int | None = None) -> Iterator[OfferDocument]:
        """Those of the set, the last given first; not more than `most`."""
        take = len(self.offers) if most is None else most
        return map(self.offers.__getitem__, ranks_from_top(found, 0, take))

    def _all_of(self, keywords: str) -> int:
        found = self.everything
        for condition in requirements(keywords):
            found &= holding(condition, self)
            if not found:
                break
        return found

    def with_key(self, key: str) -> int:
        return self._keyed(key)

    def with_pair(self, first: str, second: str) -> int:
        return self._bits(self._pairs.get((first, second), ()))  # few have them

    def with_prefix(self, prefix: str) -> int:
        return self._begun(prefix)

    def _with_choices(self, choices: tuple[str, ...]) -> int:
        found = self.everything
        for choice in zip(FACETS, choices, strict=True):
            if choice[1]:
                found &= self._facets.get(choice, 0)
        return found

    def _key(self, key: str) -> int:
        return self._bits(self._keys.get(key, ()))

    def _prefix(self, prefix: str) -> int:
        first, end = (bisect_left(self._spellings, bound) for bound in (prefix, prefix + _LAST))
        return self._bits(chain.from_iterable(map(self._spelt.__getitem__, self._spellings[first:end])))

    def _take_in(self, position: int, offer: OfferDocument) -> None:
        """Positions are listed, not made bits of: most words have few offers."""
        found = terms(offer.titles)
        for key in found.keys:
            self._keys.setdefault(key, []).append(position)
        for pair in found.pairs:
            self._pairs.setdefault(pair, []).append(position)
        for spelling, _ in found.spellings:
            self._spelt.setdefault(spelling, []).append(position)

    def _bits(self, positions: Iterable[int]) -> int:
        return bits_of(positions, len(self.offers))


def _choices_of(offer: OfferDocument) -> Iterator[tuple[str, str]]:
    for facet in FACETS:
        if value := offer.facet(facet):
            yield facet, value
