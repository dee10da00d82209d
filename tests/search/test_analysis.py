"""What real titles are found by, and by what they are not."""

from pathlib import Path

import pytest

from search.analysis import highlight, matches, meaning, normalise
from search.canonical import LONGEST_TEXT
from search.words import fold, terms
from tests.search.test_keywords import HOSTILE

# "title => keys", a line each.
TITLES = [
    (title, keys.split())
    for line in Path(__file__).with_name("titles.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("# ")
    for title, _, keys in [line.partition(" => ")]
]

SAME = [
    ("ingénieure", "INGENIEUR"),
    ("Ingénieur·e", "ingénieur(e)"),
    ("ingénieur.e.s", "Ingénieures"),
    ("développeur/euse", "développeuse"),
    ("coordinateur(trice)", "coordinatrices"),
    ("technicien·ne", "techniciennes"),
    ("chargé.e", "chargées"),
    ("post-doc", "postdoctorat"),
    ("post doctorante", "post-doctoral"),
    ("PhD", "Ph.D."),
    ("thèse", "thesis"),
    ("nouveaux·elles", "nouveau"),
    ("réseaux", "réseau"),
    ("travaux", "travail"),
    ("généraux", "générale"),
    ("publique", "publics"),
    ("microscopie", "microscopy"),
    ("mathématiques", "mathematics"),
    ("analyses", "analysis"),
    ("archéologie", "archaeology"),
    ("activités", "activity"),
    ("plate-forme", "plateformes"),
    ("front-end", "front end"),
    ("semi-conducteurs", "semiconducteur"),
    ("bio\u2011informatique", "bioinformatique"),
    ("cœur", "coeur"),
    ("e\u0301tude", "étude"),
    ("l\u2019étude", "étude"),
    (".NET", "dotnet"),
]

DIFFERENT = [
    ("C", "C++"),
    ("C", "C#"),
    ("net", ".NET"),
    ("recherche", "chercheur"),
    ("biologie", "biologiste"),
    ("gestion", "gestionnaire"),
    ("vie", "6"),
    ("engineer", "ingénieur"),
    ("doctorant", "postdoctorant"),
    ("employé", "emploi"),
    ("SiGe", "SIG"),
    ("liées", "Li"),
]


@pytest.mark.parametrize(("title", "keys"), TITLES)
def test_normalise_gives_the_keys_of_a_title(title: str, keys: list[str]) -> None:
    assert normalise(title) == keys


@pytest.mark.parametrize(("one", "other"), SAME)
def test_forms_of_a_word_share_their_first_key(one: str, other: str) -> None:
    assert normalise(one)[0] == normalise(other)[0]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_words_share_no_key(one: str, other: str) -> None:
    assert not set(normalise(one)) & set(normalise(other))


@pytest.mark.parametrize("title", [title for title, _ in TITLES])
def test_every_title_is_found_by_itself_and_in_capitals(title: str) -> None:
    assert (matches([title], title), matches([title], title.upper())) == (True, True)


def test_parts_of_a_joined_word_find_it_but_not_the_other_way_round() -> None:
    found = [
        matches(["Physico-chimie"], words)
        for words in ("chimie", "physicochimie", "physico", "physico chimie")
    ]
    assert (found, matches(["Chimie"], "physico-chimie")) == ([True] * 4, False)


@pytest.mark.parametrize(
    ("title", "phrases"),
    [
        ("Ingénieur·e d'études (H/F)", {("ingenieur etudes", " d'")}),
        ("Responsable de la paie", {("responsable paie", " de la ")}),
        ("Gestion financière", {("gestion financiere", " ")}),
        ("Officier de liaison", {("officier liaison", " de ")}),
        ("Chef de l’atelier", {("chef atelier", " de l'")}),
        ("Biologie, chimie - physique (RMN) à Paris", set()),
        ("Chercheur chercheuse", set()),
    ],
)
def test_phrases_are_words_that_grammar_alone_parts(title: str, phrases: set[tuple[str, str]]) -> None:
    assert terms([title]).phrases == phrases


def test_highlight_marks_inclusive_forms_whole_and_keeps_the_title() -> None:
    assert highlight("Ingénieur·e d'études (H/F) & <b>", "ingenieures étude") == [
        ("Ingénieur·e", True),
        (" d'", False),
        ("études", True),
        (" (H/F) & <b>", False),
    ]


def test_highlight_marks_the_beginning_of_the_last_word_as_the_whole_word() -> None:
    assert highlight("Gestionnaire financier.e", "gest fin") == [
        ("Gestionnaire ", False),
        ("financier.e", True),
    ]


def test_highlight_marks_no_excluded_word_and_nothing_without_keywords() -> None:
    assert highlight("Post-doc laser", "laser -postdoc") == [("Post-doc ", False), ("laser", True)]
    assert (highlight("Post-doc", ""), highlight("", "laser")) == ([("Post-doc", False)], [])


def test_highlight_keeps_accents_that_are_written_on_their_own() -> None:
    assert highlight("e\u0301tude\u0301 !", "étude") == [("e\u0301tude\u0301", True), (" !", False)]


def test_highlight_marks_a_character_that_holds_several_words_once() -> None:
    assert highlight("½ temps", "1 2") == [("½", True), (" temps", False)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("laser  Chimie", "LASERS chimie "),
        ("Ingénieur·e biologie laser", "biologie ingénieure laser"),
        ("laser OR biologie", "biologie OU laser OR biologie"),
        ("« chimie fine »", '"Chimies fines"'),
        ("chimie laser laser", '"laser" chimie laser chimie'),
        ("laser -postdoc -chimie", "laser -chimie -post-doctorante"),
        ("de la", ""),
        ("*", "   "),
    ],
)
def test_keywords_of_one_meaning_are_one_text(one: str, other: str) -> None:
    assert meaning(one) == meaning(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("laser", "chimie"),
        ("laser", "-laser"),
        ("laser", '"laser"'),
        ("info", "infos"),  # only one of them begins "informatique"
        ("info", "info info"),  # the first of them is a whole word
        ("chimie laser", "laser chimie"),
        ("laser chimie", "laser OR chimie"),
        ("chimie laser", '"chimie laser"'),
        ("ressources humaines -laser", "humaines ressources -laser"),  # only neighbours mean "RH"
        ('"a b" c', 'a "b c"'),
        ("c++", "c"),
        ("laser", ""),
    ],
)
def test_keywords_of_another_meaning_are_another_text(one: str, other: str) -> None:
    assert meaning(one) != meaning(other)


@pytest.mark.parametrize("keywords", HOSTILE, ids=range(len(HOSTILE)))
def test_meanings_are_bounded_and_always_the_same(keywords: str) -> None:
    assert len(meaning(keywords)) <= LONGEST_TEXT
    assert meaning(keywords) == meaning(keywords + " ")


def test_long_keywords_that_differ_have_meanings_that_differ() -> None:
    numbers = [" ".join(map(str, range(first, first + 39))) for first in (1000, 1001)]
    assert meaning(numbers[0]) != meaning(numbers[1])


def test_ascii_is_folded_as_every_other_character() -> None:
    signs = "".join(map(chr, range(128)))
    assert fold(signs) == fold(signs + "é")[:-1]
