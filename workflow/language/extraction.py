"""Gathering every sentence that people read, for `make messages` and for the test that none is untranslated."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from workflow import errors
from workflow.applications.machine import ApplicationMachine
from workflow.engine.machine import Machine
from workflow.language import LANGUAGES
from workflow.offers.machine import OfferMachine

MACHINES: tuple[type[Machine], ...] = (ApplicationMachine, OfferMachine)
AUDIENCES = ("candidate", "recruiter")

_ROOT = Path(__file__).parent.parent.parent
_FOLDER = Path(__file__).parent
_SOURCES = ("workflow", "web", "admin", "jobs")
_METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
_OPTIONS = {
    "**.html": {"extensions": "jinja2.ext.do", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"},
    "**.txt": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"},
}
_KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "say": (2,)}


def machine_messages() -> Iterator[str]:
    """The ids that machines name their texts by; every language words them, English too."""
    for machine in MACHINES:
        for state in machine.state_ids():
            yield from (machine.state_message(state, audience) for audience in AUDIENCES)
        yield from (machine.event_message(event) for event in machine.rules)


def _error_messages(kind: type[errors.DomainError] = errors.DomainError) -> Iterator[str]:
    yield kind.template()
    for more in kind.__subclasses__():
        yield from _error_messages(more)


def messages() -> Catalog:
    """All messages: of templates and code, of the errors' docstrings, of the machines."""
    found = Catalog(charset="utf-8")
    for source in _SOURCES:
        for _, _, message, _, context in extract_from_dir(
            _ROOT / source, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS
        ):
            found.add(message, context=context)
    for message in (*_error_messages(), *machine_messages()):
        found.add(message)
    return found


def update_catalogues() -> None:
    """Bring the catalogues up to date: what is new stands there untranslated, what is gone goes."""
    everything, ids = messages(), Catalog(charset="utf-8")
    for message in machine_messages():
        ids.add(message)
    for language in LANGUAGES:
        path = _FOLDER / f"{language}.po"
        with path.open("rb") as source:
            catalogue = read_po(source, locale=language)
        catalogue.update(ids if language == "en" else everything, no_fuzzy_matching=True)
        with path.open("wb") as target:
            write_po(target, catalogue, width=110, sort_output=True, no_location=True, ignore_obsolete=True)


if __name__ == "__main__":
    update_catalogues()
