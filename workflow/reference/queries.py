"""Answers what may be chosen in the portal's forms and filters, and how a stored code is called."""

import csv
import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from babel import Locale

DATA = Path(__file__).parent / "data"
LANGUAGES = ("fr", "en")
ABROAD = "abroad"
TECHNICAL_ADMIN = "technical_admin"
SCIENTIFIC = "scientific"

# Codes that CLDR names and ISO 3166-1 does not count among the countries; Kosovo's XK stays, being in use.
_NOT_COUNTRIES = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]
)

Kind = Literal[
    "region",
    "job_type",
    "level",
    "industry",
    "job",
    "contract",
    "work_time",
    "experience",
    "country",
    "language",
    "title",
    "secret_question",
    "situation",
]


@dataclass(frozen=True)
class Choice:
    """One entry of a list: the code that tables and addresses keep, and its names by language code."""

    code: str
    labels: Mapping[str, str] = field(hash=False)

    def label(self, language: str) -> str:
        """The name in that language; in English, then French, where the language has none."""
        return self.labels.get(language) or self.labels.get("en") or self.labels["fr"]


@dataclass(frozen=True)
class Job(Choice):
    """A job of the national repertoire (REFERENS III; its English names are ours) or a scientific one.

    Scientific jobs belong to no industry (L1) and no corps (IR, IE, AI, TECH, ATRF: from research
    engineer to technical assistant).
    """

    job_type: str
    industry: str | None = None
    corps: str | None = None


def regions() -> tuple[Choice, ...]:
    """Regions by INSEE code: metropolitan ones, those overseas, then `abroad`."""
    return _listed("region")


def job_types() -> tuple[Choice, ...]:
    """The two types of S1 and L1."""
    return _listed("job_type")


def levels() -> tuple[Choice, ...]:
    """Levels of qualification, lowest first (S3)."""
    return _listed("level")


def industries() -> tuple[Choice, ...]:
    """Branches A to G and J of the national repertoire (L1); H and I do not exist."""
    return _listed("industry")


def jobs(job_type: str | None = None, industry: str | None = None) -> tuple[Job, ...]:
    """Jobs in the repertoire's order, then the scientific ones; narrowed as the alert form does (L1)."""
    return tuple(
        job for job in _all_jobs() if job_type in (None, job.job_type) and industry in (None, job.industry)
    )


def contracts() -> tuple[Choice, ...]:
    """Kinds of contract that an offer may propose."""
    return _listed("contract")


def work_times() -> tuple[Choice, ...]:
    """Full or part time."""
    return _listed("work_time")


def experiences() -> tuple[Choice, ...]:
    """Years of experience that an offer may ask for, fewest first."""
    return _listed("experience")


@cache
def countries() -> tuple[Choice, ...]:
    """Countries and territories by ISO 3166-1 alpha-2 code, in the order of their codes."""
    return _from_locale("territories", except_codes=_NOT_COUNTRIES)


@cache
def languages() -> tuple[Choice, ...]:
    """Languages that a candidate may speak, by ISO 639-1 code, in the order of their codes."""
    return _from_locale("languages", except_codes=frozenset())


def titles() -> tuple[Choice, ...]:
    """Civilities (A2)."""
    return _listed("title")


def secret_questions() -> tuple[Choice, ...]:
    """Questions proposed at registration; a candidate may also write one (A2)."""
    return _listed("secret_question")


def situations() -> tuple[Choice, ...]:
    """Current situation of a candidate (A8)."""
    return _listed("situation")


def alphabetical(choices: Iterable[Choice], language: str) -> tuple[Choice, ...]:
    """The same choices as a reader of that language looks for them: accents and case do not count."""
    return tuple(sorted(choices, key=lambda choice: _folded(choice.label(language))))


def label(kind: Kind, code: str, language: str) -> str:
    """What to call a code. An unknown one is its own label, so that pages about old rows still show."""
    choice = _by_code(kind).get(code)
    return choice.label(language) if choice else code


def is_known(kind: Kind, code: str) -> bool:
    """Whether the list holds that code."""
    return code in _by_code(kind)


@cache
def _by_code(kind: Kind) -> Mapping[str, Choice]:
    return {choice.code: choice for choice in _choices(kind)}


def _choices(kind: Kind) -> tuple[Choice, ...]:
    match kind:
        case "job":
            return jobs()
        case "country":
            return countries()
        case "language":
            return languages()
        case _:
            return _listed(kind)


@cache
def _listed(name: str) -> tuple[Choice, ...]:
    return tuple(Choice(code, MappingProxyType(labels)) for code, labels in _file()[name].items())


@cache
def _file() -> dict[str, dict[str, dict[str, str]]]:
    content: dict[str, dict[str, dict[str, str]]] = json.loads((DATA / "choices.json").read_text("utf-8"))
    return content


@cache
def _all_jobs() -> tuple[Job, ...]:
    with (DATA / "jobs.csv").open(encoding="utf-8", newline="") as lines:
        technical = tuple(
            Job(
                row["code"],
                {language: row[language] for language in LANGUAGES},
                TECHNICAL_ADMIN,
                row["industry"],
                row["corps"],
            )
            for row in csv.DictReader(lines)
        )
    return technical + tuple(Job(each.code, each.labels, SCIENTIFIC) for each in _listed("scientific_job"))


def _from_locale(names: str, *, except_codes: frozenset[str]) -> tuple[Choice, ...]:
    by_language = {language: getattr(Locale(language), names) for language in LANGUAGES}
    codes = sorted(code for code in by_language["en"] if len(code) == 2 and code.isalpha())
    return tuple(
        Choice(code, {language: _capitalised(by_language[language][code]) for language in LANGUAGES})
        for code in codes
        if code not in except_codes
    )


def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


def _folded(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
