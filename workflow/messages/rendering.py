"""Turning a kind of mail and its parameters into words, so that a preview shows what will be sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, meta, select_autoescape

from workflow.checks import clean_line, clean_text
from workflow.language import DEFAULT, LANGUAGES, translations

_FOLDER = Path(__file__).parent
_SECRETS = frozenset({"path", "password"})
_SEVERAL_LINES = frozenset({"message", "paragraph"})
_inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

MARK_ID = "mark@vivier"
"""The content id under which the HTML shows the mark; the mail carries its picture."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The words of one mail. `subject` is one line; `html` has its styles inline."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class House:
    """Who writes: the address of the portal, the employer's name, where to ask."""

    base_url: str
    employer: str
    contact_email: str


def kinds() -> frozenset[str]:
    """Every kind of mail there is: the folders."""
    return frozenset(
        folder.name for folder in _FOLDER.iterdir() if folder.is_dir() and folder.name[0] not in "_."
    )


@lru_cache(maxsize=1)
def mark() -> bytes:
    """The picture of the mark, a PNG."""
    return (_FOLDER / "_layout" / "mark.png").read_bytes()


def render(kind: str, language: str | None, params: Mapping[str, Any], *, house: House) -> Rendered:
    """The mail in a language, or in English for one that we do not have.

    Parameters are words of people: line breaks and control characters in them do not reach the mail,
    but for those of `message` and `paragraph`. Raises jinja2's UndefinedError when a parameter is missing and
    TemplateNotFound for an unknown kind.
    """
    environment = _environment(language)
    facts = {
        **{name: _cleaned(name, value) for name, value in params.items()},
        "base_url": house.base_url,
        "employer": house.employer,
        "contact_email": house.contact_email,
    }
    subject = subject_of(kind, language, params)
    text, html = (
        environment.get_template(f"{kind}/{part}").render(facts) for part in ("body.txt", "body.html")
    )
    plain = re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n"
    return Rendered(subject, plain, _inliner.inline(html))


def subject_of(kind: str, language: str | None, params: Mapping[str, Any]) -> str:
    """The subject alone: it needs no secret, and can so be made again when that is wiped."""
    facts = {name: _cleaned(name, value) for name, value in params.items()}
    return clean_line(_environment(language).get_template(f"{kind}/subject.txt").render(facts))


def carries_secret(kind: str) -> bool:
    """Whether the words of a kind of mail hold a link or a password, which lie sealed beside its parameters."""
    source = (_FOLDER / kind / "body.txt").read_text(encoding="utf-8")
    return not _SECRETS.isdisjoint(meta.find_undeclared_variables(_environment(None).parse(source)))


def subject_line(kind: str, language: str) -> str:
    """The subject of a kind of mail for the documentation: the names of its parameters stand in brackets."""
    environment, name = _environment(language), f"{kind}/subject.txt"
    source = (_FOLDER / name).read_text(encoding="utf-8")
    names = meta.find_undeclared_variables(environment.parse(source)) - environment.globals.keys()
    return clean_line(environment.get_template(name).render({name: _Place(name) for name in names}))


class _Place(int):
    """Stands for a parameter, also for one that is counted: in a sentence it is its name in brackets."""

    def __new__(cls, name: str) -> "_Place":
        place = super().__new__(cls, 2)
        place.name = name
        return place

    name: str

    def __str__(self) -> str:
        return f"[{self.name}]"


def _cleaned(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_cleaned(name, each) for each in value]
    if not isinstance(value, str):
        return value
    return clean_text(value) if name in _SEVERAL_LINES else clean_line(value)


def _environment(language: str | None) -> Environment:
    return _environment_of(language if language in LANGUAGES else DEFAULT)


@lru_cache(maxsize=len(LANGUAGES))
def _environment_of(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {"language": language, "mark_id": MARK_ID}
    return environment
