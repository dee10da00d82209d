"""The one meaning of titles and keywords, for every index and for alerts (S4, L3)."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from search.canonical import canonical
from search.clauses import AllOf, Term, holding
from search.keywords import LONGEST_KEYWORDS, parsed, requirements
from search.synonyms import edition
from search.words import Terms, Word, analysed, terms

# Raise it with every change of what a title's keys are: indexes of another version are rebuilt.
ANALYSIS_VERSION = 2


def normalise(title: str) -> list[str]:
    """The keys by which `title` is found, in the order of its words.

    Case, accents, inclusive forms, gender markers, plurals and feminines make no difference; a joined
    word ("physico-chimie") gives the keys of its parts as well.
    """
    return [key for word in analysed(title) for key in word.keys]


def matches(titles: Iterable[str], keywords: str) -> bool:
    """Whether a search for `keywords` finds an offer with these titles."""
    return bool(holding(parsed(keywords).condition, _OneOffer(terms(titles))))


def highlight(title: str, keywords: str) -> list[tuple[str, bool]]:
    """`title` cut in pieces, each with whether it is one of the words asked for, or a synonym of it.

    The pieces joined are the title, unescaped. An inclusive form is marked whole ("Ingénieur·e").
    """
    words = _title_words(title)
    marked = {at for term in _terms_of(keywords, edition()) for at in _places(words, term)}
    pieces: list[tuple[str, bool]] = []
    end = 0
    for word in (words[at] for at in sorted(marked)):
        start = max(end, word.start)  # a ligature may hold several words
        pieces += [(title[end:start], False), (title[start : word.end], True)]
        end = word.end
    pieces.append((title[end:], False))
    return [piece for piece in pieces if piece[0]]


def meaning(keywords: str) -> str:
    """What `keywords` ask for, as one text for all ways to type it; '' when that is nothing.

    Case, accents, spaces, word forms and the order of words make a difference only where they change which
    offers can be found: the last word is the beginning of others ("info" and "infos" are not the same), and
    neighbours may have synonyms together. It is what words mean now: a text that was kept does not follow the
    house's synonyms, nor ANALYSIS_VERSION.
    """
    return canonical(AllOf(tuple(requirements(keywords))))


@lru_cache(maxsize=2048)
def _title_words(title: str) -> tuple[Word, ...]:
    """The same few hundred titles stand on most pages of results."""
    return tuple(analysed(title))


@lru_cache(maxsize=256)
def _terms_of(keywords: str, _edition: int) -> tuple[Term, ...]:
    """A page of results marks the words of one search in many titles."""
    return parsed(keywords[:LONGEST_KEYWORDS]).terms


def _places(words: Sequence[Word], term: Term) -> Iterator[int]:
    for at, word in enumerate(words):
        if term.key in word.keys or (term.prefix and word.begins_with(term.spelling)):
            yield at
        for run in term.synonyms:
            beside = words[at : at + len(run)]
            if len(beside) == len(run) and all(key in w.keys for key, w in zip(run, beside, strict=True)):
                yield from range(at, at + len(run))


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


__all__ = ["ANALYSIS_VERSION", "highlight", "matches", "meaning", "normalise"]
