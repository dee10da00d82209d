"""The one meaning of titles and keywords, for every index and for alerts (S4, L3)."""

from collections.abc import Iterable

from search.keywords import Clause, Term, parsed
from search.words import Terms, Word, analysed, terms

# Raise it with every change of what a title or a query means: indexes of another version are rebuilt.
ANALYSIS_VERSION = 1


def normalise(title: str) -> list[str]:
    """The keys by which `title` is found, in the order of its words.

    Case, accents, inclusive forms, gender markers, plurals and feminines make no difference; a joined
    word ("physico-chimie") gives the keys of its parts as well.
    """
    return [key for word in analysed(title) for key in word.keys]


def matches(titles: Iterable[str], keywords: str) -> bool:
    """Whether a search for `keywords` finds an offer with these titles."""
    return bool(parsed(keywords).matching(_OneOffer(terms(titles))))


def highlight(title: str, keywords: str) -> list[tuple[str, bool]]:
    """`title` cut in pieces, each with whether it is one of the words asked for.

    The pieces joined are the title, unescaped. An inclusive form is marked whole ("Ingénieur·e").
    """
    wanted = list(parsed(keywords).wanted())
    pieces: list[tuple[str, bool]] = []
    at = 0
    for word in analysed(title):
        start = max(at, word.start)  # a ligature may hold several words
        if any(_is_meant(word, term) for term in wanted):
            pieces += [(title[at:start], False), (title[start : word.end], True)]
            at = word.end
    pieces.append((title[at:], False))
    return [piece for piece in pieces if piece[0]]


def _is_meant(word: Word, term: Term) -> bool:
    if term.key in word.keys:
        return True
    return term.prefix and any(spelling.startswith(term.spelling) for spelling, _ in word.spellings)


class _OneOffer:
    """A single offer as postings of one bit."""

    everything = 1

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def with_key(self, key: str) -> int:
        return int(key in self._terms.keys)

    def with_pair(self, first: str, second: str) -> int:
        return int((first, second) in self._terms.pairs)

    def with_prefix(self, prefix: str) -> int:
        return int(any(spelling.startswith(prefix) for spelling, _ in self._terms.spellings))


__all__ = ["ANALYSIS_VERSION", "Clause", "highlight", "matches", "normalise", "parsed"]
