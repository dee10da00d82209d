"""Corrections come from the titles' own words."""

import pytest

from search.spelling import Lexicon, distance

WORDS = Lexicon(
    [
        ("ingenieur", "ingénieur", 300),
        ("ingenieur", "ingenieur", 20),
        ("ingenieure", "ingénieure", 5),
        ("chimie", "chimie", 9),
        ("chimique", "chimique", 4),
        ("laser", "laser", 7),
        ("lasers", "lasers", 8),
        ("web", "web", 3),
    ]
)


@pytest.mark.parametrize(
    ("one", "other", "mistakes"),
    [("", "", 0), ("a", "", 1), ("chmie", "chimie", 1), ("ingeneiur", "ingenieur", 1), ("abc", "cba", 2)],
)
def test_distance_counts_mistakes_and_an_exchange_once(one: str, other: str, mistakes: int) -> None:
    assert (distance(one, other), distance(other, one)) == (mistakes, mistakes)


@pytest.mark.parametrize(
    ("typed", "most", "written"),
    [
        ("ingeneiur", 2, ["ingénieur", "ingénieure"]),
        ("ingeneiur", 1, ["ingénieur"]),
        ("chmie", 2, ["chimie"]),
        ("lazer", 2, ["laser"]),
        ("wbe", 2, []),
        ("laser", 2, ["lasers"]),
    ],
)
def test_near_words_come_nearest_first_as_mostly_written(typed: str, most: int, written: list[str]) -> None:
    assert [known.written for known in WORDS.near(typed, most)] == written
