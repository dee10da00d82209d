"""What people type, understood as a clause that any kind of index can evaluate."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby, pairwise
from operator import and_, or_
from typing import Protocol

from search.words import Word, analysed

LONGEST_KEYWORDS = 500
MOST_TERMS = 40
SHORTEST_PREFIX = 2


@dataclass(frozen=True, slots=True)
class Term:
    """One word asked for, by its key; with `prefix`, also as the beginning of a word.

    `start` and `end` say where it stands in what was typed.
    """

    key: str
    spelling: str
    prefix: bool = False
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of which every two neighbours must stand side by side in the same title."""

    terms: tuple[Term, ...]


class Postings(Protocol):
    """What a clause is evaluated on: sets of offers, as integers with one bit an offer."""

    @property
    def everything(self) -> int: ...

    def with_key(self, key: str) -> int: ...

    def with_pair(self, first: str, second: str) -> int: ...

    def with_prefix(self, prefix: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Clause:
    """All of `required` must hold, each by any one of its alternatives, and none of `excluded`."""

    required: tuple[tuple[Term | Phrase, ...], ...] = ()
    excluded: tuple[Phrase, ...] = ()

    def matching(self, offers: Postings) -> int:
        """The offers that the clause finds; all of them when nothing is asked."""
        found = reduce(and_, (any_of(group, offers) for group in self.required), offers.everything)
        return found & ~reduce(or_, (_with_phrase(phrase, offers) for phrase in self.excluded), 0)

    def tiers(self, found: int, offers: Postings) -> list[int]:
        """`found` cut in disjoint sets, best first: as a phrase, with whole words, with beginnings."""
        terms = [group[0] for group in self.required if len(group) == 1 and isinstance(group[0], Term)]
        if not terms or len(terms) < len(self.required):
            return [found]
        whole = found & offers.with_key(terms[-1].key)
        phrase = whole & _with_phrase(Phrase(tuple(terms)), offers)
        return [phrase, whole & ~phrase, found & ~whole]

    def wanted(self) -> Iterator[Term]:
        """The words whose presence is asked for, those of phrases and alternatives included."""
        for group in self.required:
            for choice in group:
                yield from (choice,) if isinstance(choice, Term) else choice.terms


def any_of(group: tuple[Term | Phrase, ...], offers: Postings) -> int:
    """The offers that hold one of the alternatives."""
    return reduce(or_, (_with(choice, offers) for choice in group))


def _with(choice: Term | Phrase, offers: Postings) -> int:
    if isinstance(choice, Phrase):
        return _with_phrase(choice, offers)
    found = offers.with_key(choice.key)
    return found | offers.with_prefix(choice.spelling) if choice.prefix else found


def _with_phrase(phrase: Phrase, offers: Postings) -> int:
    keys = [key for key, _ in groupby(term.key for term in phrase.terms)]
    if len(keys) == 1:
        return offers.with_key(keys[0])
    return reduce(and_, (offers.with_pair(first, second) for first, second in pairwise(keys)))


_PIECE = re.compile(
    r"""
      (?P<minus>(?<!\S)-)? "(?P<quoted>[^"]*)"
    | (?<!\S)-(?!(?:e|s|es|ne|se|euse|trice)\b)  # "Ingénieur -e" excludes nothing
      (?P<unwanted>\w\S*)
    | (?<!\S)(?P<either>OR|OU|\|\|?)(?!\S)
    """,
    re.VERBOSE,
)
_QUOTES = str.maketrans(dict.fromkeys("“”„«»\uff02", '"'))


def parsed(keywords: str) -> Clause:
    """Understand `keywords`: words that must all be present, "phrases", -exclusions, OR (or OU), word*.

    The last word is also taken as the beginning of a word (S4). Never an error: what has no meaning
    is passed over, and only the first LONGEST_KEYWORDS characters and MOST_TERMS words are read.
    """
    text = keywords[:LONGEST_KEYWORDS].translate(_QUOTES)
    reading = _Reading()
    at = 0
    for piece in _PIECE.finditer(text):
        reading.add_words(text, at, piece.start(), is_last=False)
        reading.add_piece(text, piece)
        at = piece.end()
    reading.add_words(text, at, len(text), is_last=True)
    return Clause(tuple(map(tuple, reading.groups)), tuple(reading.excluded))


class _Reading:
    """What has been understood so far."""

    def __init__(self) -> None:
        self.groups: list[list[Term | Phrase]] = []
        self.excluded: list[Phrase] = []
        self.either = False
        self.left = MOST_TERMS

    def add_words(self, text: str, start: int, end: int, *, is_last: bool) -> None:
        words = self._words(text, start, end)
        for number, word in enumerate(words, 1):
            starred = text[start + word.end :].startswith("*")
            is_prefix = starred or (is_last and number == len(words))
            self._require(_term(word, start, is_prefix=is_prefix))

    def add_piece(self, text: str, piece: re.Match[str]) -> None:
        if piece["either"]:
            self.either = bool(self.groups)
            return
        name = "quoted" if piece["quoted"] is not None else "unwanted"
        words = self._words(text, *piece.span(name))
        if not words:
            return
        phrase = Phrase(tuple(_term(word, piece.start(name)) for word in words))
        if name == "unwanted" or piece["minus"]:
            self.excluded.append(phrase)
        else:
            self._require(phrase)

    def _words(self, text: str, start: int, end: int) -> list[Word]:
        words = analysed(text[start:end])[: self.left]
        self.left -= len(words)
        return words

    def _require(self, choice: Term | Phrase) -> None:
        if self.either:
            self.groups[-1].append(choice)
        else:
            self.groups.append([choice])
        self.either = False


def _term(word: Word, offset: int, *, is_prefix: bool = False) -> Term:
    spelling = word.spellings[0][0]
    is_prefix = is_prefix and len(spelling) >= SHORTEST_PREFIX
    return Term(word.key, spelling, is_prefix, offset + word.start, offset + word.end)
