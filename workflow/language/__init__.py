"""English and French: the gettext catalogues of pages, labels, errors and mails.

A third language is one more catalogue beside `fr.po`. English sentences are their own ids; machines
name their texts by ids such as `application.state.rejected.candidate`, which `en.po` words.
"""

import gettext
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = {"en": "English", "fr": "Français"}
DEFAULT = "en"

_FOLDER = Path(__file__).parent


def N_(message: str) -> str:  # noqa: N802  # gettext's own name for it
    """Mark a sentence for translation where it is not yet known who reads it."""
    return message


@lru_cache(maxsize=8)
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language, read once; of English for a language that we do not have."""
    code = language if language in LANGUAGES else DEFAULT
    compiled = BytesIO()
    with (_FOLDER / f"{code}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    catalogue = gettext.GNUTranslations(compiled)
    if code != DEFAULT:
        catalogue.add_fallback(translations(DEFAULT))
    return catalogue


def say(language: str, message: str, **facts: object) -> str:
    """A sentence in a language, its `{name}` places filled."""
    return (
        translations(language).gettext(message).format_map(facts)
        if facts
        else translations(language).gettext(message)
    )
