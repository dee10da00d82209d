"""Corrections come from the titles' own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        ("etudes", "études", 2),
    ],
    [
        ("ingenieur etudes", " d'", 6),
        ("ingenieur laser", " ", 7),
        ("chimie laser", " et ", 9),
        ("inconnu laser", " ", 1),
    ],
)


@pytest.mark.parametrize(
    ("one", "other", "mistakes"),
    [("", "", 0), ("a", "", 1), ("chmie", "chimie", 1), ("ingeneiur", "ingenieur", 1), ("abc", "cba", 2)],
)
def test_distance_counts_mistakes_and_an_exchange_once(one: str, other: str, mistakes: int) -> None:
    assert (distance(one, other, 9), distance(other, one, 9)) == (mistakes, mistakes)


@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.integers(0, 3))
def test_what_is_too_far_away_may_be_counted_short(one: str, other: str, most: int) -> None:
    whole = distance(one, other, 99)
    assert min(distance(one, other, most), most + 1) == min(whole, most + 1)


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


def test_words_that_begin_so_come_commonest_first() -> None:
    assert [known.written for known in WORDS.words_from("ingenieu", 5)] == ["ingénieur", "ingénieure"]
    assert [known.written for known in WORDS.words_from("", 2)] == ["ingénieur", "chimie"]
    assert (WORDS.words_from("zzz", 5), WORDS.word("zzz")) == ([], None)


def test_phrases_are_written_with_their_words_as_these_are_mostly_written() -> None:
    assert [known.written for known in WORDS.phrases_from("ingenieur ", 5)] == [
        "ingénieur laser",
        "ingénieur d'études",
    ]
    assert [known.written for known in WORDS.phrases_from("inc", 5)] == ["inconnu laser"]


def test_accents_are_kept_when_many_write_without_them() -> None:
    words = Lexicon(
        [("modele", "modele", 5), ("modele", "modèle", 2), ("robot", "robót", 1), ("robot", "robot", 9)]
    )
    assert [words.word(each).written for each in ("modele", "robot")] == ["modèle", "robot"]  # type: ignore[union-attr]
