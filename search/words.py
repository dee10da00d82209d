"""How a text is cut into words, each with the keys that find it and the place where it is written."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from search.morphology import (
    ENDINGS,
    JOINED_BY_HYPHEN,
    JOINED_BY_SPACE,
    PAIRS_OF_WORDS,
    SMALL_WORDS,
    STOP_WORDS,
    feminine,
    stem,
)

LONGEST_WORD = 64

_SIGNS = (
    dict.fromkeys("\u2019\u2018\u02bc\u2032\u00b4`", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2212", "-")
    | dict.fromkeys("\u2022\u2027\u2219\u22c5\u30fb", "\u00b7")
    | dict.fromkeys("™®©", "")
    | {"_": " ", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d"}
    | {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"}
)

_ASCII_SIGNS = str.maketrans({sign: plain for sign, plain in _SIGNS.items() if sign.isascii()})

_TOKEN = re.compile(
    rf"""
    (?P<nothing>
        \b(?:h\ ?/\ ?f|f\ ?/\ ?h|hommes?/femmes?|m/f|f/m|m/w|w/m)\b    # (H/F), H/F/autres
          (?:/(?:\+|autres?\b|nb\b|[xdn]\b))?
      | \b(?:[ldsnjcmt]|qu|jusqu|lorsqu|puisqu)'(?=\w)                 # elisions
      | (?<=\w)'s\b )
  | (?P<special>
        \bc\+\+ | \b[cf]\# | \.net\b | \bph\.?\ ?d\b\.? | \br\ ?&\ ?d\b | \b(?:[a-z]\.){{2,}}(?:[a-z]\b)? )
  | (?P<postdoc> \bposto?[-\ ]?d(?:o|oc(?:s|t\w*)?)?\b(?!') )
  | (?P<joined> \b(?:(?:{JOINED_BY_HYPHEN})-)+(?=[a-z]{{2}})\w+
      | \b(?:{JOINED_BY_SPACE})\ (?=[a-z]{{3}})(?!(?:{SMALL_WORDS})\b)\w+
      | \b(?:{PAIRS_OF_WORDS})\b )
  | (?P<word> \w+ )
    """,
    re.VERBOSE,
)
_ENDING = re.compile(
    rf"""
    (?: \ ?\( (?P<bracketed> (?:{"|".join(ENDINGS)})s? ) \) (?:s\b)?
      | (?: \ -|[·\-./] ) (?P<plain> (?:{"|".join(ENDINGS)})s? ) \b (?: [·\-./]s\b )? )
    """,
    re.VERBOSE,
)
# What may stand between the two words of a phrase, as in "responsable de la paie".
_BETWEEN = re.compile(r" (?:(?:de|du|des|en|et|of|in|and|for) )?(?:(?:la|les|the) |d'|(?:de )?l')?")


class Word(NamedTuple):
    """One word of a text, between `start` and `end` of it.

    `key` is what the word is searched by and `others` further keys that find it where it is indexed
    (the parts of "physico-chimie"). `spellings` pairs each folded form with how it is written.
    """

    key: str
    others: tuple[str, ...]
    spellings: tuple[tuple[str, str], ...]
    start: int
    end: int

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key, *self.others)

    def begins_with(self, letters: str) -> bool:
        return any(spelling.startswith(letters) for spelling, _ in self.spellings)


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    if (sign := _SIGNS.get(char)) is not None:
        return sign
    if unicodedata.category(char) == "Cf":
        return ""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    return "".join(c for c in plain if unicodedata.category(c) != "Mn")


def fold(text: str) -> str:
    """`text` without case, accents, ligatures and invisible characters."""
    if text.isascii():
        return text.lower().translate(_ASCII_SIGNS)
    return "".join(map(_folded, text))


def analysed(text: str) -> list[Word]:
    """The words of `text` that carry meaning, in order; whatever the text, never an error.

    Inclusive forms are one word, "(H/F)" and grammar are none.
    """
    places: Sequence[int] = range(len(text) + 1)
    if text.isascii():
        return list(_words(text, fold(text), places))
    pieces = [_folded(char) for char in text]
    folded = "".join(pieces)
    if len(folded) != len(text) or "" in pieces:
        places = [at for at, piece in enumerate(pieces) for _ in piece] + [len(text)]
    return list(_words(text, folded, places))


def _words(text: str, folded: str, places: Sequence[int]) -> Iterator[Word]:
    at = 0
    while token := _TOKEN.search(folded, at):
        at = token.end()
        kind, found = str(token.lastgroup), token.group()
        if kind == "nothing":
            continue
        start, end = places[token.start()], _end(text, places, token.end())
        written = _written(text[start:end])[:LONGEST_WORD]
        spellings = [(_spelling(kind, found), written)]
        if ending := _ENDING.match(folded, at):
            change = feminine(spellings[0][0], ending["bracketed"] or ending["plain"])
            if change:
                at = ending.end()
                end = _end(text, places, at)
                spellings.append(_feminine_spelling(*spellings[0], *change))
        if kind == "joined":
            spellings += _parts(found, written)
        if found not in STOP_WORDS:
            yield _word(kind, spellings, start, end)


def _end(text: str, places: Sequence[int], folded_end: int) -> int:
    end = places[folded_end - 1] + 1
    while end < len(text) and unicodedata.combining(text[end]):  # accents written on their own
        end += 1
    return end


def _written(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).lower()


def _spelling(kind: str, found: str) -> str:
    if kind == "special" and found != ".net":
        found = re.sub(r"[. ]+", "", found)
    if kind in ("joined", "postdoc"):
        found = re.sub(r"[- ]", "", found)
    return found[:LONGEST_WORD]


def _feminine_spelling(spelling: str, written: str, cut: int, added: str) -> tuple[str, str]:
    return (
        spelling[: len(spelling) - cut] + fold(added),
        written[: len(written) - cut] + added,
    )


def _parts(found: str, written: str) -> Iterator[tuple[str, str]]:
    parts = re.split(r"[- ]", found)
    pieces = re.split(r"\W", written)
    if len(parts) == len(pieces):
        yield from zip(parts, pieces, strict=True)


def _word(kind: str, spellings: list[tuple[str, str]], start: int, end: int) -> Word:
    first = spellings[0][0]
    is_postdoc = kind == "postdoc" and first.startswith(("postdoc", "postodoc"))
    key = "postdoc" if is_postdoc else stem(first)
    others = [stem(spelling) for spelling, _ in spellings[1:]] if kind == "joined" else []
    return Word(key, tuple(k for k in dict.fromkeys(others) if k != key), tuple(spellings), start, end)


@dataclass(frozen=True, slots=True)
class Terms:
    """All that an index needs of an offer's titles: keys, neighbouring keys, spellings, and phrases.

    A phrase is two folded spellings side by side, for suggestions, with what is written between them:
    ("ingenieur etudes", " d'").
    """

    keys: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    spellings: frozenset[tuple[str, str]]
    phrases: frozenset[tuple[str, str]]


def terms(titles: Iterable[str]) -> Terms:
    """What the titles of one offer are found by; neighbours are never taken from two titles."""
    titles = list(titles)
    texts = [analysed(title) for title in titles]
    words = [word for text in texts for word in text]
    return Terms(
        frozenset(key for word in words for key in word.keys),
        frozenset(pair for text in texts for pair in _neighbours(text)),
        frozenset(spelling for word in words for spelling in word.spellings),
        frozenset(
            phrase for title, text in zip(titles, texts, strict=True) for phrase in _phrases(title, text)
        ),
    )


def _phrases(title: str, text: list[Word]) -> Iterator[tuple[str, str]]:
    for word, after in pairwise(text):
        between = title[word.end : after.start]
        if word.key != after.key and _BETWEEN.fullmatch(fold(between)):
            spellings = (word.spellings[0][0], after.spellings[0][0])
            yield " ".join(spellings), _written(between).replace("\u2019", "'")


def _neighbours(text: list[Word]) -> Iterator[tuple[str, str]]:
    # "Chercheur / chercheuse postdoc": a key repeated at once counts as one word
    distinct = [word for at, word in enumerate(text) if not at or word.key != text[at - 1].key]
    for word, after in pairwise(distinct):
        yield from ((one, two) for one in word.keys for two in after.keys)
