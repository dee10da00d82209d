"""Both catalogues are complete, agree with the code and are written as French and English are."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import TemplateSyntaxError

from workflow.language import LANGUAGES, extraction, say, translations
from workflow.language.extraction import machine_messages, messages, update_catalogues

FOLDER = Path(extraction.__file__).parent
PERCENT = re.compile(r"%\((\w+)\)s")
BRACE = re.compile(r"\{(\w+)\}")
BADLY_SET = re.compile(r"""['"“”]|[^\u00a0\u202f][!?;»]|[^\u00a0\u202f]:(?=\s|$)|«[^\u00a0\u202f]""")
CANDIDATES = ("submitted", "under_consideration", "rejected", "successful", "withdrawn")


def catalogue(language: str) -> Catalog:
    with (FOLDER / f"{language}.po").open("rb") as source:
        return read_po(source, locale=language)


def ids(found: Catalog) -> set[Any]:
    return {(message.context, message.id) for message in found if message.id}


def forms(words: Any) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


def french() -> Iterator[Message]:
    return (message for message in catalogue("fr") if message.id)


def places(words: str) -> tuple[list[str], list[str]]:
    return sorted(set(PERCENT.findall(words))), sorted(set(BRACE.findall(words)))


def test_french_translates_every_message() -> None:
    assert [message.id for message in french() if not all(forms(message.string or ""))] == []


def test_french_has_all_plural_forms() -> None:
    assert [
        message.id for message in french() if message.pluralizable and len(forms(message.string)) != 2
    ] == []


def test_every_language_words_every_id_of_the_machines() -> None:
    unworded = {
        language: [message for message in machine_messages() if say(language, message) == message]
        for language in LANGUAGES
    }
    assert unworded == {language: [] for language in LANGUAGES}


def test_placeholders_of_a_translation_are_those_of_its_message() -> None:
    wrong, worded_in_english = [], set(machine_messages())
    for message in french():
        said = forms(message.string)
        meant = forms(say("en", message.id) if message.id in worded_in_english else message.id)
        # Where "one" is written out, French may say it or count it; more than one is always counted.
        firsts = (places(meant[0]), places(meant[-1]))
        if places(said[0]) not in firsts or any(places(form) != places(meant[-1]) for form in said[1:]):
            wrong.append(message.id)
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_hold_exactly_what_is_gathered(language: str) -> None:
    gathered = {(None, each) for each in machine_messages()} if language == "en" else ids(messages())
    assert ids(catalogue(language)) == gathered


def test_updating_changes_nothing_when_nothing_is_new(tmp_path: Path) -> None:
    for language in LANGUAGES:
        shutil.copy(FOLDER / f"{language}.po", tmp_path)
    updated = update_catalogues(tmp_path)
    assert [str(each).partition(", ")[2] for each in updated] == ["none wait for a translation"] * 2
    unchanged = {
        language: (tmp_path / f"{language}.po").read_bytes() == (FOLDER / f"{language}.po").read_bytes()
        for language in LANGUAGES
    }
    assert unchanged == dict.fromkeys(LANGUAGES, True)


def test_updating_adds_what_is_new_untranslated_and_drops_what_is_gone(tmp_path: Path) -> None:
    header = (FOLDER / "en.po").read_text().partition("\n\n")[0]
    for language in LANGUAGES:
        (tmp_path / f"{language}.po").write_text(
            f'{header}\n\nmsgid "offer.event.close"\nmsgstr "Shut"\n\nmsgid "offer.event.burn"\nmsgstr "Burn"\n'
        )
    english, french = update_catalogues(tmp_path)
    ours, all_of_it = len(list(machine_messages())), len(ids(messages()))
    assert str(english) == f"en.po: {ours} sentences, {ours - 1} wait for a translation"
    assert str(french) == f"fr.po: {all_of_it} sentences, {all_of_it - 1} wait for a translation"
    with (tmp_path / "en.po").open("rb") as source:
        updated = read_po(source, locale="en")
    assert {message.id: message.string for message in updated if message.id} == {
        **dict.fromkeys(machine_messages(), ""),
        "offer.event.close": "Shut",
    }
    assert "offer.event.burn" not in (tmp_path / "en.po").read_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_hold_nothing_fuzzy_and_nothing_obsolete(language: str) -> None:
    found = catalogue(language)
    assert ([message.id for message in found if message.fuzzy and message.id], list(found.obsolete)) == (
        [],
        [],
    )


def test_french_is_set_as_french_is() -> None:
    """Curved apostrophes, guillemets, and spaces that do not break inside them and before : ; ! ?"""
    wrong = [form for each in french() for form in forms(each.string) if BADLY_SET.search(form)]
    assert wrong == []


def test_states_are_called_as_candidates_were_promised() -> None:
    labels = {
        language: [say(language, f"application.state.{state}.candidate") for state in CANDIDATES]
        for language in LANGUAGES
    }
    assert labels == {
        "en": [
            "Application submitted",
            "Application under consideration",
            "Application rejected",
            "Application successful",
            "Candidate withdrawn",
        ],
        "fr": [
            "Candidature envoyée",
            "Candidature en cours d’examen",
            "Candidature non retenue",
            "Candidature retenue",
            "Candidature retirée",
        ],
    }


def test_gathering_fails_on_a_template_that_does_not_parse(tmp_path: Path) -> None:
    (tmp_path / "web" / "templates").mkdir(parents=True)
    (tmp_path / "web" / "templates" / "page.html").write_text('{{ _("Fine") }}{% if %}')
    with pytest.raises(TemplateSyntaxError):
        messages(tmp_path)


def test_gathering_finds_templates_code_and_errors(tmp_path: Path) -> None:
    layout = tmp_path / "workflow" / "messages" / "_layout"
    layout.mkdir(parents=True)
    (layout / "mail.txt").write_text('{{ _("From the layout") }}')
    (tmp_path / "admin" / "templates").mkdir(parents=True)
    (tmp_path / "admin" / "templates" / "feed.xml").write_text('{{ ngettext("one", "%(num)s", n) }}')
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "refusals.py").write_text(
        'WORD = N_("From code")\n\n\n'
        'class Kind(Conflict):\n    """From an error,\n    two lines."""\n\n\n'
        'class Conflict(errors.DomainError):\n    """Its parent."""\n\n\n'
        'class Other(RuntimeError):\n    """For developers."""\n'
    )
    assert {words for _, words in ids(messages(tmp_path))} - set(machine_messages()) == {
        "From the layout",
        ("one", "%(num)s"),
        "From code",
        "From an error, two lines.",
        "Its parent.",
    }


def test_say_translates_and_fills_the_places() -> None:
    said = {
        language: say(language, "Write a whole number from {least} to {most}.", least=1, most=9)
        for language in LANGUAGES
    }
    assert said == {
        "en": "Write a whole number from 1 to 9.",
        "fr": "Écrivez un nombre entier de 1 à 9.",
    }


def test_say_leaves_braces_alone_where_there_is_nothing_to_fill() -> None:
    assert say("fr", "a {set} of its own") == "a {set} of its own"


@pytest.mark.parametrize(
    ("language", "counted"),
    [
        ("en", {0: "0 offers", 1: "1 offer", 2: "2 offers"}),
        ("fr", {0: "0 offre", 1: "1 offre", 2: "2 offres"}),
    ],
)
def test_plurals_are_those_of_the_language(language: str, counted: dict[int, str]) -> None:
    ngettext = translations(language).ngettext
    assert {n: ngettext("%(num)s offer", "%(num)s offers", n) % {"num": n} for n in counted} == counted


def test_an_unknown_language_is_answered_in_english() -> None:
    assert (say("de", "offer.event.publish"), say("", "Covering letter")) == ("Publish", "Covering letter")


def test_french_falls_back_to_english_for_what_it_does_not_know() -> None:
    assert translations("fr").gettext("A sentence of tomorrow.") == "A sentence of tomorrow."
