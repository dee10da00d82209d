"""Other words for the same thing: what the file may hold, and how a search takes it."""

import pytest

from search.analysis import highlight, matches
from search.synonyms import BadSynonyms, read, synonyms

MEET = [
    ("RH", "Chargé-e des ressources humaines (H/F)"),
    ("human resources", "Assistant RH"),
    ("engineer", "Ingénieur-e en calcul"),
    ("technician", "Technicien(ne) de laboratoire"),
    ("PhD", "Thèse en chimie"),
    ("thésard", "PhD student in biology"),
    ("chercheur postdoctoral", "Post-doc (H/F)"),
    ("postdoctoral researcher", "Postdoctorant·e"),
    ("sysadmin", "Administrateur.trice Systèmes et Réseau (H/F)"),
    ("software engineer", "Développeur•euse H/F"),
    ("NMR", "Chercheur en RMN"),
    ("cell biology", "Technicien(ne) en biologie moléculaire et cellulaire"),
    ("technicienne biologiste", "Technicien(ne) en biologie à mi-temps"),
    ("géologie", "Géologue de terrain"),
    ("chemist", "Ingénieur chimiste"),
    ("assistant", "Secrétaire de laboratoire"),
    ("gestionnaire RH", "Gestionnaire des Ressources Humaines H/F"),
    ("gestionnaire ressources humaines paris", "Gestionnaire RH à Paris"),
    ("DRH", "Chargé-e des ressources humaines (H/F)"),
    ("admin sys", "Administrateur.trice Systèmes et Réseau (H/F)"),
    ("bio chimie", "Chercheur en biochimie"),
    ("ingénieure bio informatique paris", "Ingénieur bioinformatique à Paris"),
]

APART = [
    ("postdoc", "Doctorant en chimie"),
    ("doctorant", "Post-doctorant"),
    ("ressources", "Assistant RH"),
    ('"human resources"', "Assistant RH"),
    ("human* resources*", "Ressources minérales"),
    ("-RH assistant", "Chargé RH"),
    ("ingénieur", "Technicien"),
    ("secrétaire", "Assistant ingénieur en archéologie"),
    ("assistante de direction", "Assistant ingénieur en archéologie"),
    ("technicien", "Assistant ingénieur en biologie"),
    ("RH", "Secrétaire de la DRH"),
    ('"bio chimie"', "Chercheur en biochimie"),
    ("chimie bio", "Chercheur en biochimie"),
    ("électron libre", "Électronique libre"),
]


@pytest.mark.parametrize(("keywords", "title"), MEET)
def test_a_search_finds_titles_in_other_words(keywords: str, title: str) -> None:
    assert matches([title], keywords)


@pytest.mark.parametrize(("keywords", "title"), APART)
def test_other_meanings_stay_apart(keywords: str, title: str) -> None:
    assert not matches([title], keywords)


def test_what_is_excluded_is_the_word_and_not_its_synonyms() -> None:
    assert matches(["Assistant RH"], 'assistant -"ressources humaines"')


def test_highlight_marks_the_words_that_a_synonym_found() -> None:
    assert highlight("Gestionnaire des ressources humaines (H/F)", "RH gestionnaire") == [
        ("Gestionnaire", True),
        (" des ", False),
        ("ressources", True),
        (" ", False),
        ("humaines", True),
        (" (H/F)", False),
    ]


def test_a_line_goes_both_ways_and_an_arrow_one_way() -> None:
    lines = ["# a remark", "", "RH, ressources humaines", "C# => développeur"]
    assert read(lines) == {
        ("rh",): (("ressourc", "humain"),),
        ("ressourc", "humain"): (("rh",),),
        ("c#",): (("developpeu",),),
    }


def test_a_synonym_that_holds_the_words_already_adds_nothing() -> None:
    assert read(["postdoc, chercheur postdoctoral"]) == {("chercheu", "postdoc"): (("postdoc",),)}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("laser", "'laser' stands alone"),
        ("ingénieur, ingénieure", "'ingénieure' and 'ingénieur' are the same already"),
        ("laser, ", "'' is not one to 4 words"),
        ("laser, de la", "'de la' is not one to 4 words"),
        ("laser => ", "'' is not one to 4 words"),
        ("un deux trois quatre cinq six, laser", "is not one to 4 words"),
    ],
)
def test_a_bad_line_is_told_by_its_number(line: str, said: str) -> None:
    with pytest.raises(BadSynonyms, match=said) as caught:
        read(["RH, ressources humaines", line])
    assert str(caught.value).startswith("Line 2 ")


def test_no_word_has_more_synonyms_than_a_query_can_bear() -> None:
    words = [
        "chercheur",
        "postdoc",
        "développeur",
        "ingénieur",
        "biologie",
        "chimie",
        "technicien",
        "gestion",
    ]
    assert max(len(synonyms((word,))) for word in words) < 30
