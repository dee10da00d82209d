"""What real titles are found by, and by what they are not."""

import pytest

from search.analysis import highlight, matches, normalise

# Titles as employers wrote them, each with the keys that find it.
TITLES = {
    "H/F Postdoctorat 3 ans Biologie de l'infection": "postdoc 3 ans biologi infection",
    "Assistant(e) en gestion financière de l'INP (H/F)": "assistant gestion financier inp",
    "INGENIEUR H/F \u2013 déploiement grande échelle": "ingenieu deploiement grand echel",
    "Gestionnaire des Ressources Humaines H/F": "gestionnair ressourc humain",
    "H/F Technicien(ne) en gestion administrative": "technicien gestion administratif",
    "Chercheur F/H. Documenter la diversité (H/F)": "chercheu documenter diversit",
    "Post-doctorant(e) H/F en synthèse organique": "postdoc synthes organic",
    "Développement de logiciels open source C++ sous la plateforme Qt": (
        "developpement logiciel open sourc c++ plateform qt"
    ),
    "(H/F) Post-doctorant — Phononique, micro-nanosystèmes": (
        "postdoc phononic micronanosystem micro nanosystem"
    ),
    "CDD Ingénieur-e d'études en techniques expérimentales H/F": "cdd ingenieu etud technic experimental",
    "H/F Expert.e données FAIR en science de l'environnement\"": "expert don fair scienc environnement",
    "H/F Chargé-e de veille et assistant-e à l'animation": "charg veil assistant animation",
    "Assistant·e de communication et de médiation": "assistant communication mediation",
    "GESTIONNAIRE ADMINISTRATIF ET FINANCIER(H/F)": "gestionnair administratif financier",
    'Chargé(e)s d\'affaires "Ingénierie cognitive" H/F': "charg affair ingenieri cognitif",
    "Chercheur(euse) en électrochimie (H/F)": "chercheu electrochimi",
    "Chercheur (se) Post-doctotant H/F en synthèse organique": "chercheu postdoc synthes organic",
    "Chercheur / chercheuse post doctorant(e) en perception": "chercheu chercheu postdoc perception",
    "H/F Ingénieur -e en conception instrumentalle optique": "ingenieu conception instrumental optic",
    "Technicien/ne en expérimentation animale (H/F)": "technicien experimentation animal",
    "Développeur•euse Applications Web H/F": "developpeu application web",
    "Administrateur.trice Systèmes et Réseau (H/F)": "administrateu system reseau",
    "Infirmier-ère (H/F)": "infirmier",
    "Chef-fe de projet en ingénierie (H/F)": "chef projet ingenieri",
    "Adjoint(e) administratif(ve)": "adjoint administratif",
    "Ingénieur-e-s en calcul": "ingenieu calcul",
    "Acheteur/se et gestionnaire marchés publics_H/F": "acheteu gestionnair march public",
    "CDD chercheur en Li-ion, spectroscopie III-V (H/F/autres)": "cdd chercheu li ion spectroscopi 3 v",
    "Caractérisation de matériaux, étude d'un matériau": "caracterisation material etud material",
    "H/F Ingénieur R&D, projet H.E.S.S.": "ingenieu r&d projet hes",
    "INGENIEUR systèmes LINUX pour Webcontrat_H/F": "ingenieu system linux webcontrat",
    "Postodoctorant en Arithmétique à l'Université Paris Saclay H/F": (
        "postdoc arithmetic universit pari saclai"
    ),
    "dispositifs à base de nanomatériaux pour FCC-ee": "dispositif bas nanomaterial fcc ee",
    "Remplacement Ingénieur, main-d'œuvre, Cyrène™": "remplacement ingenieu main oeuvr cyren",
    "Projet SVOM/ECLAIR's, XIXe siècle": "projet svom eclair 19 siecl",
    "NLP/ASR engineer M/F": "nlp asr ingenieu",
}

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
    ("PhD", "doctorant·e"),
    ("Ph.D.", "thèse"),
    ("réseaux", "réseau"),
    ("travaux", "travail"),
    ("généraux", "générale"),
    ("publique", "publics"),
    ("microscopie", "microscopy"),
    ("mathématiques", "mathematics"),
    ("engineers", "ingénieur"),
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
    ("liées", "Li"),
]


@pytest.mark.parametrize("title", TITLES)
def test_normalise_gives_the_keys_of_a_title(title: str) -> None:
    assert normalise(title) == TITLES[title].split()


@pytest.mark.parametrize(("one", "other"), SAME)
def test_forms_of_a_word_share_their_first_key(one: str, other: str) -> None:
    assert normalise(one)[0] == normalise(other)[0]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_words_share_no_key(one: str, other: str) -> None:
    assert not set(normalise(one)) & set(normalise(other))


@pytest.mark.parametrize("title", TITLES)
def test_every_title_is_found_by_itself_and_in_capitals(title: str) -> None:
    assert (matches([title], title), matches([title], title.upper())) == (True, True)


def test_parts_of_a_joined_word_find_it_but_not_the_other_way_round() -> None:
    found = [
        matches(["Physico-chimie"], words)
        for words in ("chimie", "physicochimie", "physico", "physico chimie")
    ]
    assert (found, matches(["Chimie"], "physico-chimie")) == ([True] * 4, False)


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
