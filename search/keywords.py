"""What people type, understood as a clause."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from search.clauses import Clause, Condition, Not, Term, all_of, any_of, phrase
from search.morphology import JOINED_BY_HYPHEN, stem
from search.synonyms import MOST_WORDS, most_words, synonyms
from search.words import Word, analysed

LONGEST_KEYWORDS = 500
MOST_TERMS = 40
MOST_PREFIXES = 3
SHORTEST_PREFIX = 2

_FIRST_PARTS = frozenset(JOINED_BY_HYPHEN.split("|"))


@dataclass(frozen=True, slots=True)
class _Quoted:
    """Words that must stand side by side, as they are: without beginnings, without synonyms."""

    terms: tuple[Term, ...]

    @property
    def whole(self) -> Condition:
        return phrase(term.key for term in self.terms)

    begun = named = meant = whole


_Group: TypeAlias = Sequence[Term | _Quoted]
"""Alternatives of which one must hold; mostly there is but one."""

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

    The last word is also taken as the beginning of a word, and words mean their synonyms too, but for
    those quoted or excluded (S4). Never an error: what has no meaning is passed over, and only the first
    LONGEST_KEYWORDS characters, MOST_TERMS words and MOST_PREFIXES beginnings count.
    """
    reading = _read(keywords)
    return _clause(list(_with_synonyms(reading.groups)), reading.excluded)


def requirements(keywords: str) -> Iterator[Condition]:
    """One after the other, what must all hold of an offer for `parsed(keywords)` to find it.

    Whoever ranks nothing, and stops where nothing is left, is spared most of the work.
    """
    reading = _read(keywords)
    yield from map(_meant, _with_synonyms(reading.groups))
    yield from map(_without, reading.excluded)


def _read(keywords: str) -> "_Reading":
    text = keywords[:LONGEST_KEYWORDS].translate(_QUOTES)
    reading = _Reading()
    at = 0
    for piece in _PIECE.finditer(text):
        reading.add_words(text, at, piece.start(), is_last=False)
        reading.add_piece(text, piece)
        at = piece.end()
    reading.add_words(text, at, len(text), is_last=True)
    return reading


class _Reading:
    """What has been understood so far."""

    def __init__(self) -> None:
        self.groups: list[list[Term | _Quoted]] = []
        self.excluded: list[_Quoted] = []
        self._either = False
        self._words_left = MOST_TERMS
        self._prefixes_left = MOST_PREFIXES

    def add_words(self, text: str, start: int, end: int, *, is_last: bool) -> None:
        words = self._words(text, start, end)
        for number, word in enumerate(words, 1):
            starred = text.startswith("*", start + word.end)
            is_prefix = starred or (is_last and number == len(words))
            self._require(_term(word, start, prefix=is_prefix and self._spend_prefix(word)))

    def add_piece(self, text: str, piece: re.Match[str]) -> None:
        if piece["either"]:
            self._either = bool(self.groups)
            return
        name = "quoted" if piece["quoted"] is not None else "unwanted"
        words = self._words(text, *piece.span(name))
        if not words:
            return
        quoted = _Quoted(tuple(_term(word, piece.start(name)) for word in words))
        if name == "unwanted" or piece["minus"]:
            self.excluded.append(quoted)
        else:
            self._require(quoted)

    def _words(self, text: str, start: int, end: int) -> list[Word]:
        words = analysed(text[start:end])[: self._words_left]
        self._words_left -= len(words)
        return words

    def _spend_prefix(self, word: Word) -> bool:
        if len(word.spellings[0][0]) < SHORTEST_PREFIX or not self._prefixes_left:
            return False
        self._prefixes_left -= 1
        return True

    def _require(self, choice: Term | _Quoted) -> None:
        if self._either:
            self.groups[-1].append(choice)
        else:
            self.groups.append([choice])
        self._either = False


def _term(word: Word, offset: int, *, prefix: bool = False) -> Term:
    return Term(word.key, word.spellings[0][0], prefix, (), offset + word.start, offset + word.end)


def _with_synonyms(groups: Sequence[_Group]) -> Iterator[_Group]:
    """Each word with what means the same as it, or as a run of words that it is part of."""
    plain = [_plain_key(group) for group in groups]
    for at, group in enumerate(groups):
        alone = len(group) == 1
        yield [
            choice.meaning(_around(groups, plain, at) if alone else synonyms((choice.key,)))
            if isinstance(choice, Term)
            else choice
            for choice in group
        ]


def _around(groups: Sequence[_Group], plain: Sequence[str], at: int) -> Iterator[tuple[str, ...]]:
    yield from _joined(groups[max(0, at - 1) : at + 1])
    yield from _joined(groups[at : at + 2])
    for start in range(max(0, at - MOST_WORDS + 1), at + 1):
        for end in range(at + 1, min(start + most_words(plain[start]), len(groups)) + 1):
            yield from synonyms(tuple(plain[start:end]))


def _joined(pair: Sequence[_Group]) -> Iterator[tuple[str, ...]]:
    """ "bio chimie" as one word, which titles mostly make of it."""
    match pair:
        case [[Term(spelling=first)], [Term(spelling=second)]] if first in _FIRST_PARTS:
            yield (stem(first + second),)


def _plain_key(group: _Group) -> str:
    # no synonym has an empty key: a run across quotes or alternatives has none
    return group[0].key if len(group) == 1 and isinstance(group[0], Term) else ""


def _meant(group: _Group) -> Condition:
    return any_of(choice.meant for choice in group)


def _without(quoted: _Quoted) -> Condition:
    return Not(quoted.whole)


def _clause(groups: Sequence[_Group], excluded: Sequence[_Quoted]) -> Clause:
    condition = all_of(map(_meant, groups))
    tiers = [
        all_of(any_of(choice.whole for choice in group) for group in groups),
        all_of(any_of(choice.named for choice in group) for group in groups),
        all_of(any_of(choice.begun for choice in group) for group in groups),
    ]
    terms = tuple(term for group in groups for choice in group for term in choice.terms)
    if groups and all(len(group) == 1 for group in groups):
        tiers.insert(0, phrase(term.key for term in terms))
    without = list(map(_without, excluded))
    return Clause(
        all_of([condition, *without]) if without else condition,
        tuple(tier for tier in dict.fromkeys(tiers) if tier != condition),
        terms,
    )
