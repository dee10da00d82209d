"""Composes what a demonstration offer says: its own words, its unit's, and the usual conditions."""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

from workflow.demo.texts import read

# Branches whose work can partly be done from home.
_OFFICE_BRANCHES = frozenset("DEFJ")

_THOUSANDS = {"fr": "\N{NO-BREAK SPACE}", "en": ","}


def amount(euros: int, language: str) -> str:
    """A whole number of euros as the language groups its digits."""
    return f"{euros:,}".replace(",", _THOUSANDS[language])


def working_conditions(industry: str | None, *, is_abroad: bool) -> str:
    """Which of the usual endings fits; an offer without an industry is scientific."""
    if is_abroad:
        return "abroad"
    if industry is None:
        return "scientific"
    return "office" if industry in _OFFICE_BRANCHES else "on_site"


def described(
    record: Mapping[str, Any], presentation: str, pay: tuple[int, int], conditions: str, language: str
) -> str:
    """Mission, tasks, profile, unit, conditions: five paragraphs, a blank line apart."""
    endings = read("conditions")[conditions][language]
    ending = endings[crc32(record["title_fr"].encode()) % len(endings)]
    return "\n\n".join(
        [
            *(record[f"{part}_{language}"] for part in ("mission", "tasks", "profile")),
            presentation,
            f"{_pay_sentence(pay, language)} {ending}",
        ]
    )


def _pay_sentence(pay: tuple[int, int], language: str) -> str:
    low, high = (amount(euros, language) for euros in pay)
    return str(read("conditions")["pay"]["fixed" if low == high else "range"][language]).format(
        low=low, high=high
    )
