"""Keywords in better spelling, by the words of the titles, for every index alike (S4)."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from search.clauses import Clause, Condition, Term, all_of
from search.keywords import parsed
from search.spelling import Lexicon
from search.words import analysed

Counts = Callable[[Sequence[Condition]], Sequence[int]]
"""The number of open offers that fulfil each condition, asked for at once."""

# Corrections are offered where this many offers or fewer are found, when there are so many times more.
FEW, MANY = 3, 10

_CANDIDATES = 8
_CORRECTED_WORDS = 5
_SHORTEST_PART = 3


def better(keywords: str, clause: Clause, lexicon: Lexicon, counts: Counts) -> str | None:
    """The keywords with words replaced, where they find nothing, or few offers and the better ones many.

    A word that finds nothing is replaced by the nearest that does, beside the others. Where each word
    finds something and only together they do not, one of them is replaced by a word that differs in a
    single letter: titles hold misspelt words too. So it is where they find few.
    """
    if not clause.terms:
        return None
    found, *finding = counts([clause.condition, *(term.meant for term in clause.terms)])
    if found > FEW:
        return None
    unknown = [term for term, offers in zip(clause.terms, finding, strict=True) if not offers]
    if unknown:
        tried = [_without_unknown(keywords, clause, unknown[:_CORRECTED_WORDS], lexicon, counts)]
    else:
        tried = list(_one_replaced(keywords, clause.terms, lexicon, counts))
    tried += _joined(keywords, clause.terms, lexicon)
    usable = [text for text in tried if text]
    totals = counts([parsed(text).condition for text in usable])
    enough = max(1, found * MANY)
    return next((text for text, total in zip(usable, totals, strict=True) if total >= enough), None)


def _without_unknown(
    keywords: str, clause: Clause, unknown: Sequence[Term], lexicon: Lexicon, counts: Counts
) -> str | None:
    beside = [term.meant for term in clause.terms if term not in unknown]
    for term in sorted(unknown, key=lambda term: -term.start):
        candidates = [*_near(term, lexicon, 2), *_split(term.spelling, lexicon)][:_CANDIDATES]
        totals = counts([all_of([*beside, *_words(text)]) for text in candidates])
        best = next((text for text, total in zip(candidates, totals, strict=True) if total), None)
        if best is None:
            return None
        beside += _words(best)
        keywords = keywords[: term.start] + best + keywords[term.end :]
    return keywords


def _one_replaced(
    keywords: str, terms: Sequence[Term], lexicon: Lexicon, counts: Counts
) -> Iterator[str | None]:
    for term in terms[:_CORRECTED_WORDS]:
        beside = [other.meant for other in terms if other is not term]
        candidates = _near(term, lexicon, 1)[:_CANDIDATES]
        totals = counts([all_of([*beside, *_words(text)]) for text in candidates])
        for text, total in zip(candidates, totals, strict=True):
            if total:
                yield keywords[: term.start] + text + keywords[term.end :]


def _near(term: Term, lexicon: Lexicon, mistakes: int) -> list[str]:
    """Words like it that are not the same word."""
    near = [known.written for known in lexicon.near(term.spelling, mistakes)[: 2 * _CANDIDATES]]
    return [text for text in near if [word.key for word in analysed(text)] != [term.key]]


def _split(spelling: str, lexicon: Lexicon) -> list[str]:
    """The word cut in two words that are known ("machinelearning"), the commonest first."""
    cuts = range(_SHORTEST_PART, len(spelling) - _SHORTEST_PART + 1)
    halves = [(lexicon.word(spelling[:cut]), lexicon.word(spelling[cut:])) for cut in cuts]
    known = [
        (min(one.offers, two.offers), f"{one.written} {two.written}") for one, two in halves if one and two
    ]
    return [text for _, text in sorted(known, reverse=True)]


def _joined(keywords: str, terms: Sequence[Term], lexicon: Lexicon) -> Iterator[str]:
    """Two neighbours written as the one word that is known ("bio informatique")."""
    for one, two in pairwise(terms[:_CORRECTED_WORDS]):
        if known := lexicon.word(one.spelling + two.spelling):
            yield keywords[: one.start] + known.written + keywords[two.end :]


def _words(text: str) -> list[Condition]:
    return [term.meant for term in parsed(text).terms]
