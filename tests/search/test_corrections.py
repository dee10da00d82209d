"""Keywords are corrected where they find nothing, or little where another word finds much."""

from collections.abc import Sequence

import pytest

from search.clauses import Condition, holding
from search.corrections import better
from search.keywords import parsed
from search.spelling import Lexicon
from search.words import Terms, terms

TITLES = [
    *["Développement logiciel"] * 30,
    *["Dévelopement web"] * 2,
    *["Bioinformatique et machine learning"] * 3,
    "Chimie du solide",
    "Chimique",
    "Laser",
]


class _Offers:
    """Titles as postings, with a count of how much was asked."""

    def __init__(self, titles: Sequence[str]) -> None:
        self._offers: list[Terms] = [terms([title]) for title in titles]
        self.everything = (1 << len(titles)) - 1
        self.asked: list[int] = []
        words = [(*spelling, 1) for each in self._offers for spelling in each.spellings]
        self.lexicon = Lexicon(words)

    def with_key(self, key: str) -> int:
        return sum(1 << at for at, offer in enumerate(self._offers) if key in offer.keys)

    def with_pair(self, first: str, second: str) -> int:
        return sum(1 << at for at, offer in enumerate(self._offers) if (first, second) in offer.pairs)

    def with_prefix(self, prefix: str) -> int:
        return sum(
            1 << at
            for at, offer in enumerate(self._offers)
            if any(spelling.startswith(prefix) for spelling, _ in offer.spellings)
        )

    def counts(self, conditions: Sequence[Condition]) -> list[int]:
        self.asked.append(len(conditions))
        return [holding(condition, self).bit_count() for condition in conditions]

    def better(self, keywords: str) -> str | None:
        return better(keywords, parsed(keywords), self.lexicon, self.counts)


OFFERS = _Offers(TITLES)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("chmie", "chimie"),
        ("Chmie du solid", "chimie du solid"),
        ("chmie lasre", None),
        ("dévelopement", "développement"),
        ("développement", None),
        ("laser", None),
        ("chimique", None),
        ("bio informatique", None),  # found already, in one word
        ("logi ciel", "logiciel"),
        ("machinelearning bioinformatique", "machine learning bioinformatique"),
        ('"chmie solide" -laser', '"chimie solide" -laser'),
        ("lazer OR chimie", None),
        ("-chmie", None),
        ("", None),
    ],
)
def test_keywords_are_corrected_only_for_the_better(typed: str, meant: str | None) -> None:
    assert OFFERS.better(typed) == meant


def test_what_is_corrected_finds_ten_times_as_many() -> None:
    assert _Offers(TITLES[11:]).better("dévelopement") is None


def test_nothing_more_is_asked_where_enough_is_found() -> None:
    offers = _Offers(TITLES)
    assert (offers.better("développement logiciel"), offers.asked) == (None, [3])


def test_corrections_ask_within_bounds() -> None:
    offers = _Offers(TITLES)
    assert offers.better("chmie " * 5) == "chimie " * 5
    assert offers.better("chmie " * 100) is None
    assert offers.better("abcdefgh " * 100) is None
    assert offers.better("chimie laser machine web solide informatique " * 10) is None
    assert (max(offers.asked) <= 41, len(offers.asked) < 40) == (True, True)
