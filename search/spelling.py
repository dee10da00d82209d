"""What a misspelt word may have been meant to be, among the words that titles use."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A word of the titles: folded, as it is mostly written, and how many offers use it."""

    spelling: str
    written: str
    offers: int
    letters: int


class Lexicon:
    """The words of all titles, for correcting what is typed."""

    def __init__(self, words: Iterable[tuple[str, str, int]]) -> None:
        """`words` are folded spelling, written form and number of offers; the commonest form is kept."""
        best: dict[str, tuple[int, str]] = {}
        total: dict[str, int] = {}
        for spelling, written, offers in words:
            total[spelling] = total.get(spelling, 0) + offers
            best[spelling] = max(best.get(spelling, (0, "")), (offers, written))
        self._by_length: dict[int, list[Known]] = {}
        for spelling, (_, written) in best.items():
            known = Known(spelling, written, total[spelling], _letters(spelling))
            self._by_length.setdefault(len(spelling), []).append(known)

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
            for known in self._by_length.get(length, ())
            # each mistake changes at most two of the letters used: most words end here
            if (known.letters ^ letters).bit_count() <= 2 * allowed
            and 0 < (away := distance(spelling, known.spelling)) <= allowed
        ]
        return [known for *_, known in sorted(found, key=lambda entry: entry[:3])]


def _letters(spelling: str) -> int:
    bits = 0
    for char in spelling:
        bits |= 1 << (ord(char) & 31)
    return bits


def distance(one: str, other: str) -> int:
    """The number of mistakes between two words (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, letter in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != letter))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == letter:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
