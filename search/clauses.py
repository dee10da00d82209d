"""What a search asks for, in six small conditions that any kind of index can evaluate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby, pairwise
from operator import and_, or_
from typing import Protocol, TypeAlias

LONGEST_ABBREVIATION = 3


@dataclass(frozen=True, slots=True)
class Key:
    """The offer holds a word with this key."""

    key: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two keys stand side by side in one of the offer's titles."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """A word of the offer begins with these folded letters."""

    prefix: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """All parts hold; without parts it is every offer."""

    parts: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; without parts it is no offer."""

    parts: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Condition"


Condition: TypeAlias = Key | Pair | Beginning | AllOf | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Term:
    """One word asked for: its key, its folded spelling, and where it stands in what was typed.

    `prefix`: the beginning of a word will do. `synonyms`: so will one of these runs of keys.
    """

    key: str
    spelling: str
    prefix: bool = False
    synonyms: tuple[tuple[str, ...], ...] = ()
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def terms(self) -> tuple["Term", ...]:
        return (self,)

    @property
    def whole(self) -> Condition:
        return Key(self.key)

    @property
    def begun(self) -> Condition:
        """The word itself, or the beginning of one where that will do."""
        return AnyOf((Key(self.key), Beginning(self.spelling))) if self.prefix else Key(self.key)

    @property
    def named(self) -> Condition:
        """The word, or what means the same; the beginning of one only where it is more than an abbreviation."""
        if not self.synonyms or len(self.spelling) > LONGEST_ABBREVIATION:
            return self.begun
        return AnyOf((Key(self.key), *map(phrase, self.synonyms)))

    @property
    def meant(self) -> Condition:
        """The word, its beginning, or what means the same."""
        if not self.synonyms:
            return self.begun
        return AnyOf((self.begun, *map(phrase, self.synonyms)))

    def meaning(self, synonyms: Iterable[tuple[str, ...]]) -> "Term":
        found = tuple(dict.fromkeys(synonyms))
        return Term(self.key, self.spelling, self.prefix, found, self.start, self.end) if found else self


@dataclass(frozen=True, slots=True)
class Clause:
    """`condition` finds the offers; all of them when nothing is asked.

    `tiers` rank them, best first: as a phrase, by all words, by what abbreviations mean, by beginnings of words.
    An offer belongs to
    the first that it fulfils, and comes last when it fulfils none (it is found by a synonym). `terms` are
    the words whose presence is asked for, those of phrases and alternatives included.
    """

    condition: Condition
    tiers: tuple[Condition, ...]
    terms: tuple[Term, ...]


def phrase(keys: Iterable[str]) -> Condition:
    """Every two neighbours stand side by side in one title; a key repeated at once counts as one."""
    distinct = [key for key, _ in groupby(keys)]
    if len(distinct) == 1:
        return Key(distinct[0])
    return all_of(Pair(first, second) for first, second in pairwise(distinct))


def all_of(parts: Iterable[Condition]) -> Condition:
    """All of `parts`, written as simply as can be."""
    every = _distinct(parts)
    return every[0] if len(every) == 1 else AllOf(every)


def any_of(parts: Iterable[Condition]) -> Condition:
    """Any of `parts`, written as simply as can be."""
    every = _distinct(parts)
    return every[0] if len(every) == 1 else AnyOf(every)


def _distinct(parts: Iterable[Condition]) -> tuple[Condition, ...]:
    every = tuple(parts)
    return every if len(every) < 2 else tuple(dict.fromkeys(every))  # conditions are dear to compare


class Postings(Protocol):
    """What a condition is evaluated on in memory: sets of offers, as integers with one bit an offer."""

    @property
    def everything(self) -> int: ...

    def with_key(self, key: str) -> int: ...

    def with_pair(self, first: str, second: str) -> int: ...

    def with_prefix(self, prefix: str) -> int: ...


def holding(condition: Condition, offers: Postings) -> int:
    """The offers of which `condition` holds."""
    match condition:
        case Key(key):
            return offers.with_key(key)
        case Pair(first, second):
            return offers.with_pair(first, second)
        case Beginning(prefix):
            return offers.with_prefix(prefix)
        case AllOf(parts):
            return reduce(and_, (holding(part, offers) for part in parts), offers.everything)
        case AnyOf(parts):
            return reduce(or_, (holding(part, offers) for part in parts), 0)
        case Not(part):
            return offers.everything & ~holding(part, offers)


def ranked(found: int, tiers: Sequence[Condition], offers: Postings) -> list[int]:
    """`found` cut in disjoint sets, best first."""
    sets = []
    for tier in tiers:
        best = found & holding(tier, offers)
        sets.append(best)
        found &= ~best
    return [*sets, found]
