"""The words and phrases that titles use: what a misspelt word may mean, what a beginning may become."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from heapq import nlargest
from os.path import commonprefix

from search.gentle import gently_sorted

# A form with accents counts for so many without: capitals are often written without them.
_ACCENTED = 3


@dataclass(frozen=True, slots=True)
class Known:
    """A word or phrase of the titles: folded, as it is mostly written, and about how many offers use it."""

    spelling: str
    written: str
    offers: int


class Lexicon:
    """The words of all titles and their phrases of two words. Some may be of closed offers only."""

    def __init__(
        self, words: Iterable[tuple[str, str, int]], phrases: Iterable[tuple[str, str, int]] = ()
    ) -> None:
        """Words are folded spelling, written form, number of offers; phrases two folded spellings, what is
        written between them, number of offers.
        """
        self._words, self._phrases = _Entries(words), _Entries(phrases)

    def word(self, spelling: str) -> Known | None:
        """The word of that folded spelling."""
        return self._words.known.get(spelling)

    def words_from(self, beginning: str, most: int) -> list[Known]:
        """The commonest words that begin so, commonest first."""
        return self._words.beginning(beginning, most)

    def phrases_from(self, beginning: str, most: int) -> list[Known]:
        """The commonest phrases that begin so, commonest first."""
        return [self._written(known) for known in self._phrases.beginning(beginning, most)]

    def _written(self, phrase: Known) -> Known:
        """The phrase with each word as it is mostly written, wherever it stands."""
        first, second = (self.word(spelling) for spelling in phrase.spelling.split(" "))
        words = [first.written, second.written] if first and second else phrase.spelling.split(" ")
        return replace(phrase, written=phrase.written.join(words))

    def near(self, spelling: str, most: int = 2) -> list[Known]:
        """Words within one mistake, or `most` from eight letters on, nearest and then commonest first.

        A mistake is a letter too many, missing, wrong, or two neighbours exchanged. Words of three
        letters and less have no neighbours.
        """
        allowed = 0 if len(spelling) < 4 else min(most, 1 if len(spelling) < 8 else 2)
        letters = _letters(spelling)
        found = [
            (away, -known.offers, known.spelling, known)
            for length in range(len(spelling) - allowed, len(spelling) + allowed + 1)
            for known, used in self._words.by_length.get(length, ())
            # each mistake changes at most two of the letters used: most words end here
            if (used ^ letters).bit_count() <= 2 * allowed
            and 0 < (away := distance(spelling, known.spelling, allowed)) <= allowed
        ]
        return [known for *_, known in sorted(found, key=lambda entry: entry[:3])]


class _Entries:
    """Made whole at once: a snapshot is opened beside the one that answers, and no visitor waits for it."""

    def __init__(self, entries: Iterable[tuple[str, str, int]]) -> None:
        best: dict[str, tuple[int, str]] = {}
        total: dict[str, int] = {}
        for spelling, written, offers in entries:
            total[spelling] = total.get(spelling, 0) + offers
            weight = offers if written.isascii() else offers * _ACCENTED
            best[spelling] = max(best.get(spelling, (0, "")), (weight, written))
        self.known = {
            spelling: Known(spelling, best[spelling][1], offers) for spelling, offers in total.items()
        }
        self._sorted = gently_sorted(self.known)
        self.by_length: dict[int, list[tuple[Known, int]]] = {}
        for spelling, known in self.known.items():
            self.by_length.setdefault(len(spelling), []).append((known, _letters(spelling)))

    def beginning(self, letters: str, most: int) -> list[Known]:
        first = bisect_left(self._sorted, letters)
        last = bisect_left(self._sorted, letters + chr(0x10FFFF), first)
        found = (self.known[spelling] for spelling in self._sorted[first:last])
        return nlargest(most, found, key=lambda known: known.offers)


def _letters(spelling: str) -> int:
    bits = 0
    for char in spelling:
        bits |= 1 << (ord(char) & 31)
    return bits


def distance(one: str, other: str, most: int) -> int:
    """The number of mistakes between two words (optimal string alignment); more than `most` is any number above."""
    one, other = _different(one, other)
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        older, before, row = before, row, [i]
        least = i
        for j, letter in enumerate(other, 1):
            cost = before[j - 1] + (char != letter)
            cost = min(cost, before[j] + 1, row[j - 1] + 1)
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == letter:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
            least = min(least, cost)
        if least > most and min(before) >= most:  # an exchange reaches back over two rows
            return least
    return row[-1]


def _different(one: str, other: str) -> tuple[str, str]:
    """Without what both begin and end with."""
    start = len(commonprefix((one, other)))  # noqa: RUF071  # of letters: these are no paths
    one, other = one[start:], other[start:]
    end = len(commonprefix((one[::-1], other[::-1])))  # noqa: RUF071  # the same
    return (one[:-end], other[:-end]) if end else (one, other)
