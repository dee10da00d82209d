"""Says what a row of an import means in the portal's own words and codes."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from workflow.checks import Checks, clean_line
from workflow.errors import FieldError, InvalidInput
from workflow.language import N_
from workflow.offers.fields import checked_reference
from workflow.reference.queries import (
    ABROAD,
    SCIENTIFIC,
    TECHNICAL_ADMIN,
    Choice,
    contracts,
    experiences,
    levels,
    regions,
    work_times,
)

TRUSTED_SCORE = 0.2
"""Below it, the job that was derived from a title is a guess, and left out."""

# Kinds of contract of the source, and what they are here.
_CONTRACTS = {
    "ITCDD": (TECHNICAL_ADMIN, "fixed_term"),
    "ITCDDM": (TECHNICAL_ADMIN, "project"),
    "ITCDI": (TECHNICAL_ADMIN, "permanent"),
    "ITCDIM": (TECHNICAL_ADMIN, "permanent"),
    "FILDELEAU": (TECHNICAL_ADMIN, "mobility"),
    "NOEMI": (TECHNICAL_ADMIN, "mobility"),
    "FSEP": (TECHNICAL_ADMIN, "mobility"),
    "STAG": (TECHNICAL_ADMIN, "internship"),
    "APPR": (TECHNICAL_ADMIN, "apprenticeship"),
    "CHRCDD": (SCIENTIFIC, "fixed_term"),
    "CHRCDDM": (SCIENTIFIC, "project"),
    "CHRCDI": (SCIENTIFIC, "permanent"),
    "CHRCDIM": (SCIENTIFIC, "permanent"),
    "DOCTOR": (SCIENTIFIC, "doctoral"),
    "CPJ": (SCIENTIFIC, "fixed_term"),
}
_JOB_TYPES = {
    "cdd technique/administratif": TECHNICAL_ADMIN,
    "cdd scientifique": SCIENTIFIC,
    TECHNICAL_ADMIN: TECHNICAL_ADMIN,
    SCIENTIFIC: SCIENTIFIC,
}
_SCIENTIFIC_JOBS = {
    "phd": "phd_student",
    "postdoc": "postdoctoral_researcher",
    "researcher_ftc": "researcher",
}
_OTHER_LEVEL_NAMES = {"ingenieur": "ING"}

# Which columns a complaint about one of our fields may belong to: the first that says something, or else the last.
_COLUMNS_OF = {
    "title_fr": ("title_fr", "title"),
    "title_en": ("title_en", "title"),
    "description_fr": ("description_fr", "description"),
    "description_en": ("description_en", "description"),
    "job_type": ("contract_code",),
    "contract": ("contract_code",),
    "region": ("region_code", "region"),
    "level": ("education_level",),
    "industry": ("derived_bap",),
    "job": ("scientific_kind", "derived_emploi_type_id"),
    "salary": ("salary_text",),
    "starts_on": ("date_start",),
    "closes_on": ("date_deadline",),
}


@dataclass(frozen=True, slots=True)
class ImportedOffer:
    """One row, read but for the checks of an offer's own fields. `data` holds only what the row says."""

    reference: str
    unit_code: str
    unit_name: str
    published_on: date
    data: Mapping[str, Any]


def read_row(
    cells: Mapping[str, str], shift: timedelta = timedelta()
) -> tuple[ImportedOffer, list[FieldError]]:
    """What a row says, its days moved by `shift`; and what cannot be read, its fields named as the columns are."""
    row = {name: clean_line(value) for name, value in cells.items()}
    checks = Checks(row)
    published_on = _day(checks, row, "date_published", shift)
    unit_code = checks.line("unit_code", maximum=40, required=True)
    unit_name = checks.line("unit_name", maximum=300)
    data = _offer_data(checks, row, cells, shift)
    if date.min < data["closes_on"] < published_on:  # the least day stands for one that could not be read
        checks.fail("date_deadline", N_("The last day to apply is before the day of publication."))
    reference = ""
    try:
        reference = checked_reference(row.get("reference", ""))
    except InvalidInput as error:
        checks.errors.extend(error.errors)
    return ImportedOffer(reference, unit_code, unit_name, published_on, data), checks.errors


def published_on(cells: Mapping[str, str]) -> date | None:
    """The day of publication as the file says it, if it is one."""
    try:
        return date.fromisoformat(clean_line(cells.get("date_published")))
    except ValueError:
        return None


def column_error(error: FieldError, cells: Mapping[str, str]) -> FieldError:
    """The same complaint, about the column that the row's author knows."""
    columns = _COLUMNS_OF.get(error.field, (error.field,))
    name = next((column for column in columns if cells.get(column)), columns[-1])
    return FieldError(name, error.message, error.facts)


def _offer_data(
    checks: Checks, row: Mapping[str, str], cells: Mapping[str, str], shift: timedelta
) -> dict[str, Any]:
    job_type, contract = _contract(checks, row)
    data: dict[str, Any] = {
        **_texts(checks, row, cells),
        **_place(row),
        **_job(checks, row, job_type),
        "job_type": job_type,
        "contract": contract,
        "level": _code(row, "education_level", levels(), _OTHER_LEVEL_NAMES),
        "work_time": _code(row, "work_time", work_times()),
        "experience": _code(row, "experience", experiences()),
        "salary": row.get("salary_text", ""),
        "duration_months": row.get("duration_months", ""),
        "positions": row.get("positions", ""),
        "contact_email": row.get("contact_email", ""),
        "closes_on": _day(checks, row, "date_deadline", shift),
        "starts_on": _day(checks, row, "date_start", shift) if row.get("date_start") else None,
    }
    return {name: value for name, value in data.items() if value not in ("", None)}


def _texts(checks: Checks, row: Mapping[str, str], cells: Mapping[str, str]) -> dict[str, str]:
    language = row.get("language") or "fr"
    if language not in {"fr", "en"}:
        checks.fail("language", N_("Write fr or en."))
        language = "fr"  # so that its title is not called missing
    texts = {f"title_{language}": row.get("title", "")}
    texts[f"description_{language}"] = cells.get("description", "")
    for name in ("title_fr", "title_en", "description_fr", "description_en"):
        if row.get(name):
            texts[name] = cells[name]
    return texts


def _contract(checks: Checks, row: Mapping[str, str]) -> tuple[str, str]:
    """Job type and contract; the type alone may be told by `contract_type`."""
    code = row.get("contract_code", "")
    if code.upper() in _CONTRACTS:
        return _CONTRACTS[code.upper()]
    told = row.get("contract_type", "")
    job_type = _JOB_TYPES.get(told.casefold(), "")
    contract = _code(row, "contract_code", contracts())
    if told and not job_type:
        text = N_("“{value}” is no type of contract that we know. Write technical_admin or scientific.")
        checks.fail("contract_type", text, value=told[:60])
    elif not job_type and any(contract == each.code for each in contracts()):
        checks.fail(
            "contract_type", N_("Write technical_admin or scientific: the contract does not say which.")
        )
    elif not job_type:
        checks.fail("contract_code", N_("“{value}” is no kind of contract that we know."), value=code[:60])
    return job_type, contract


def _place(row: Mapping[str, str]) -> dict[str, str]:
    country = (row.get("country") or "FR").upper()
    code = row.get("region_code", "")
    if country != "FR":
        region = ABROAD
    elif code:
        region = code.zfill(2)  # spreadsheets eat the nought of 01 to 06
    else:
        region = _code(row, "region", regions())
    return {"city": row.get("city", ""), "country": country, "region": region}


def _job(checks: Checks, row: Mapping[str, str], job_type: str) -> dict[str, str]:
    if job_type == SCIENTIFIC:
        kind = row.get("scientific_kind", "")
        return {"job": _SCIENTIFIC_JOBS.get(kind, kind)}
    if not row.get("derived_score"):
        return {}
    try:
        score = float(row["derived_score"])
    except ValueError:
        checks.fail("derived_score", N_("Write a number from 0 to 1, such as 0.25."))
        return {}
    if not score >= TRUSTED_SCORE:
        return {}
    return {"industry": row.get("derived_bap", ""), "job": row.get("derived_emploi_type_id", "")}


def _day(checks: Checks, row: Mapping[str, str], column: str, shift: timedelta) -> date:
    try:
        return date.fromisoformat(row.get(column, "")) + shift
    except (ValueError, OverflowError):
        checks.fail(column, N_("Write the day as year-month-day, such as 2026-12-31."))
        return date.min


def _code(
    row: Mapping[str, str],
    column: str,
    choices: tuple[Choice, ...],
    others: Mapping[str, str] | None = None,
) -> str:
    """The code whose name, in any language, stands in the cell; or the cell's own words."""
    words = row.get(column, "")
    return _codes_by_name(choices).get(_folded(words)) or (others or {}).get(_folded(words), words)


@cache
def _codes_by_name(choices: tuple[Choice, ...]) -> dict[str, str]:
    return {
        _folded(name): choice.code for choice in choices for name in (*choice.labels.values(), choice.code)
    }


def _folded(words: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", words) if not unicodedata.combining(c))
    return bare.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
