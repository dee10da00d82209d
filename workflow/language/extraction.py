"""Gathering every sentence that people read, for `make messages` and for the test that none is untranslated."""

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from workflow.engine.errors import DomainError
from workflow.language import LANGUAGES
from workflow.machines import MACHINES, needed_texts

_ROOT = Path(__file__).parent.parent.parent
_FOLDER = Path(__file__).parent
_SOURCES = ("workflow", "web", "admin", "jobs")
_TEMPLATES = ("templates/**", "messages/**.html", "messages/**.txt")
_METHODS = [("**.py", "python"), *((pattern, "jinja2") for pattern in _TEMPLATES)]
_TEMPLATE_OPTIONS = {
    "extensions": "jinja2.ext.do",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}
_KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "say": (2,),
}
# Dates and versions are left out: the same sentences make the same file.
_HEADER = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: {language}\\n"
"Plural-Forms: {plural_forms}\\n"

"""


@dataclass(frozen=True, slots=True)
class Updated:
    """A catalogue that was brought up to date."""

    path: Path
    sentences: int
    waiting: int

    def __str__(self) -> str:
        wait = "1 waits" if self.waiting == 1 else f"{self.waiting or 'none'} wait"
        return f"{self.path.name}: {self.sentences} sentences, {wait} for a translation"


def machine_messages() -> Iterator[str]:
    """The ids that machines name their texts by; every language words them, English too."""
    for machine in MACHINES:
        yield from needed_texts(machine)


def messages(root: Path = _ROOT) -> Catalog:
    """All messages: of templates and code, of the errors' docstrings, of the machines.

    Raises jinja2's TemplateSyntaxError for a template that does not parse, and SyntaxError for code.
    """
    found = Catalog(charset="utf-8")
    for source in _SOURCES:
        for _, _, message, _, context in extract_from_dir(
            root / source,
            method_map=_METHODS,
            options_map=dict.fromkeys(_TEMPLATES, _TEMPLATE_OPTIONS),
            keywords=_KEYWORDS,
            directory_filter=_is_ours,
        ):
            found.add(message, context=context)
    for message in (*_error_messages(root), *machine_messages()):
        found.add(message)
    return found


def update_catalogues(folder: Path = _FOLDER) -> list[Updated]:
    """Bring the catalogues up to date: what is new stands there untranslated, what is gone goes."""
    everything, ids = messages(), Catalog(charset="utf-8")
    for message in machine_messages():
        ids.add(message)
    return [
        _rewrite(folder / f"{language}.po", language, ids if language == "en" else everything)
        for language in LANGUAGES
    ]


def _rewrite(path: Path, language: str, current: Catalog) -> Updated:
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language)
    catalogue.update(current, no_fuzzy_matching=True)
    with path.open("wb") as target:
        target.write(_HEADER.format(language=language, plural_forms=catalogue.plural_forms).encode())
        write_po(
            target,
            catalogue,
            width=110,
            sort_output=True,
            no_location=True,
            ignore_obsolete=True,
            omit_header=True,
        )
    said = [message.string for message in catalogue if message.id]
    return Updated(path, len(said), len([words for words in said if not all(_forms(words))]))


def _forms(words: Any) -> Sequence[str]:
    """The forms of a sentence, more than one where something is counted."""
    return words if isinstance(words, (list, tuple)) else (words,)


def _is_ours(folder: str) -> bool:
    """Babel alone would leave out folders such as `_layout`."""
    return Path(folder).name not in ("__pycache__", "static")


def _error_messages(root: Path) -> Iterator[str]:
    """The docstrings of all errors of the tree, but for its root, which is never raised."""
    classes = [
        node
        for source in _SOURCES
        for path in sorted((root / source).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_bytes(), path))
        if isinstance(node, ast.ClassDef)
    ]
    family = {DomainError.__name__}
    while grown := {node.name for node in classes if family & _parents(node)} - family:
        family |= grown
    for node in classes:
        if node.name in family - {DomainError.__name__} and (words := ast.get_docstring(node)):
            yield " ".join(words.split())


def _parents(node: ast.ClassDef) -> set[str]:
    return {base.attr if isinstance(base, ast.Attribute) else ast.unparse(base) for base in node.bases}


if __name__ == "__main__":
    sys.stdout.writelines(f"workflow/language/{updated}\n" for updated in update_catalogues())
