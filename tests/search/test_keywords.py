"""What people type is understood somehow, within bounds."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import highlight, matches
from search.clauses import AllOf, AnyOf, Beginning, Clause, Condition, Key, Not, Pair, Term
from search.keywords import LONGEST_KEYWORDS, MOST_PREFIXES, MOST_TERMS, parsed

TITLES = [
    "Ingénieur en biologie cellulaire",
    "Post-doc en biologie végétale",
    "Chargé de communication",
    "Développeur C++ et biologie",
]

UNDERSTOOD = {
    "": [0, 1, 2, 3],
    "biologie": [0, 1, 3],
    "biologie ingénieure": [0],
    "bio": [0, 1, 3],
    "bio cellulaire": [],
    "bio* cellulaire": [0],
    '"biologie cellulaire"': [0],
    '"cellulaire biologie"': [],
    "« biologie cellulaire »": [0],
    '"ingénieur biologie"': [0],
    '"chargé communication"': [2],
    "biologie -postdoc": [0, 3],
    "-biologie": [2],
    'biologie -"biologie végétale"': [0, 3],
    "végétale OR cellulaire": [0, 1],
    "biologie végétale OU cellulaire": [0, 1],
    'communication | "biologie végétale"': [1, 2],
    "c++": [3],
    "c": [],
    "OR": [0, 1, 2, 3],
    "biologie OR": [0, 1, 3],
    "(biologie AND végétale)": [1],
    '"biologie cellu': [0],
    "de la": [0, 1, 2, 3],
    "*": [0, 1, 2, 3],
    "Ingénieur -e en biologie": [0],
    "biologie - cellulaire": [0],
    "biologie\x00cellulaire": [0],
}

HOSTILE = [
    "*" * 10_000,
    "?" * 10_000,
    "(" * 5_000 + ")" * 5_000,
    '"' * 9_999,
    "-" * 10_000,
    "a " * 5_000,
    "a OR " * 2_000,
    '-"a" ' * 2_000,
    "é" * 10_000,
    "e\u0301" * 5_000,
    "ﷺ" * 10_000,
    "\x00\ud800\uffff\u202e\u200b",
    "x'; DROP TABLE offer; --",
    "titles:[a TO z] id:* ~5 ^9 \\ /re.*/ {!x}",
    "a-" * 5_000,
    "post-" * 2_000,
    "n.e." * 2_500,
    " ".join(f"ab{number}*" for number in range(100)),
    "ressources humaines " * 30,
    "chercheur postdoctoral OR " * 40,
    "\U0001d55a\U0001d55f\U0001d558 \U0001f469\u200d\U0001f52c 日本語 عربى",
    " \t\r\n\u3000",
]


@pytest.mark.parametrize("keywords", UNDERSTOOD)
def test_keywords_find_the_titles_that_they_mean(keywords: str) -> None:
    assert [n for n, title in enumerate(TITLES) if matches([title], keywords)] == UNDERSTOOD[keywords]


@pytest.mark.parametrize("keywords", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.timeout(20)  # what is not bounded takes minutes
def test_hostile_keywords_are_bounded_and_never_an_error(keywords: str) -> None:
    asked = list(_leaves(parsed(keywords).condition))
    assert len(parsed(keywords).terms) <= MOST_TERMS
    assert sum(isinstance(each, Beginning) for each in asked) <= MOST_PREFIXES
    assert len(asked) <= MOST_TERMS * 60
    assert "".join(piece for piece, _ in highlight(keywords, keywords)) == keywords


def _leaves(condition: Condition) -> Iterator[Condition]:
    match condition:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _leaves(part)
        case Not(part):
            yield from _leaves(part)
        case leaf:
            yield leaf


def test_a_clause_names_the_tiers_best_first() -> None:
    laser, optic = Key("laser"), AnyOf((Key("optic"), Beginning("optique")))
    clause = parsed("laser optique")
    assert clause.tiers == (
        Pair("laser", "optic"),
        AllOf((laser, Key("optic"))),
        AllOf((laser, optic)),
    )
    assert [(term.key, term.start, term.end) for term in clause.terms] == [("laser", 0, 5), ("optic", 6, 13)]


def test_what_an_abbreviation_means_comes_before_words_that_begin_like_it() -> None:
    human, rh = Pair("ressourc", "humain"), Key("rh")
    meant, begun, found = parsed("RH").tiers[1], parsed("RH").tiers[2], parsed("RH").condition
    assert parsed("RH").tiers[0] == rh
    assert begun == AnyOf((rh, Beginning("rh")))
    assert isinstance(meant, AnyOf)
    assert isinstance(found, AnyOf)
    assert (human in meant.parts, Beginning("rh") in meant.parts, begun in found.parts) == (True, False, True)
    assert len(parsed("ingénieur").tiers) == 2  # a word that goes on, more likely than one that means another


def test_a_clause_of_one_whole_word_without_synonyms_needs_no_tiers() -> None:
    assert parsed('"zoom"') == Clause(Key("zoom"), (), (Term("zoom", "zoom"),))
    assert parsed("") == Clause(AllOf(), (), ())


def test_what_is_excluded_is_no_beginning_and_has_no_synonyms() -> None:
    assert parsed('-RH -"human resources"').condition == AllOf(
        (AllOf(), Not(Key("rh")), Not(Pair("human", "resourc")))
    )


def test_only_the_beginning_of_long_keywords_is_read() -> None:
    assert parsed("laser " + " " * LONGEST_KEYWORDS + "other") == parsed("laser ")


def test_words_of_two_titles_are_found_together_but_are_no_phrase() -> None:
    titles = ["Ingénieur laser", "Optical scientist"]
    assert (matches(titles, "ingénieur scientist"), matches(titles, '"laser optical"')) == (True, False)


@given(st.text(max_size=200), st.text(max_size=60))
def test_any_text_is_understood_and_highlighted_without_loss(title: str, keywords: str) -> None:
    assert "".join(piece for piece, _ in highlight(title, keywords)) == title
    assert matches([title], keywords) in {True, False}


@given(st.text("aeinrsuéèœ(),./·'& EIRXV12cCdDhfH", max_size=60))
def test_any_plain_text_finds_itself(title: str) -> None:
    assert matches([title], title)
