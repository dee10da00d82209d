"""What an offer says: its fields, how they are checked, and what two people who edit it at once are told by."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from workflow.checks import Checks, clean_line
from workflow.errors import FieldError, InvalidInput
from workflow.language import N_
from workflow.reference.queries import jobs

_LIMITS = {
    "title_fr": 300,
    "title_en": 300,
    "city": 120,
    "contract": 120,
    "work_time": 120,
    "salary": 300,
    "experience": 120,
}

OFFER_FIELDS = (
    "title_fr",
    "title_en",
    "description_fr",
    "description_en",
    "job_type",
    "industry",
    "job",
    "level",
    "region",
    "city",
    "country",
    "contract",
    "duration_months",
    "work_time",
    "salary",
    "experience",
    "starts_on",
    "closes_on",
    "positions",
    "contact_email",
    "tells_contact",
)
"""What an offer says, and recruiters may change: the columns that `checked_offer` reads."""

_TAKEN_ADDRESSES = frozenset({"advanced", "import", "new"})
"""Pages that stand where an offer of this reference would."""

REFERENCE_LENGTH = 60


def checked_offer(data: Mapping[str, Any]) -> dict[Any, Any]:
    """The columns of an offer from a form or an import. Raises InvalidInput with all that is wrong."""
    checks = Checks(data)
    values: dict[str, Any] = {name: checks.line(name, maximum=maximum) for name, maximum in _LIMITS.items()}
    values |= {name: checks.text(name, maximum=20_000) for name in ("description_fr", "description_en")}
    if not values["title_fr"] and not values["title_en"]:
        checks.fail("title_fr", N_("Write a title in French or in English."))
    values["job_type"] = checks.choice("job_type", "job_type", required=True)
    values["region"] = checks.choice("region", "region", required=True)
    values["country"] = checks.choice("country", "country") or "FR"
    for name in ("industry", "job", "level"):
        values[name] = checks.choice(name, name) or None  # type: ignore[arg-type]  # the names are kinds
    _check_job(checks, values)
    values["duration_months"] = checks.number("duration_months", least=1, most=600)
    values["positions"] = checks.number("positions", least=1, most=999) or 1
    values["starts_on"] = checks.day("starts_on")
    values["closes_on"] = checks.day("closes_on", required=True)
    values["contact_email"] = checks.email("contact_email") if data.get("contact_email") else None
    values["tells_contact"] = data.get("tells_contact", True) in (True, "true", "yes", "on", "1")
    checks.finish()
    return values


def _check_job(checks: Checks, values: dict[str, Any]) -> None:
    """A job belongs to a job type, and a technical one to an industry."""
    job = next((job for job in jobs() if job.code == values["job"]), None)
    if job and job.job_type != values["job_type"]:
        checks.fail("job", N_("This job does not belong to the job type. Choose another job or job type."))
    elif job and job.industry:
        values["industry"] = values["industry"] or job.industry
        if values["industry"] != job.industry:
            checks.fail("industry", N_("This industry is not the job's."))


def checked_reference(reference: str) -> str:
    """The reference of an offer as it is kept: part of its address. Raises InvalidInput."""
    name = clean_line(reference)
    has_substance = any(character.isalnum() for character in name)
    is_long = len(name) > REFERENCE_LENGTH
    if is_long or not has_substance or not name.isprintable() or "/" in name or "\\" in name:
        text = N_("Write a reference of 1 to 60 letters and digits, without a slash.")
        raise InvalidInput([FieldError("reference", text)])
    if name.lower() in _TAKEN_ADDRESSES:
        raise InvalidInput([FieldError("reference", N_("This word has another use here. Choose another."))])
    return name


def fingerprint(values: Mapping[str, Any]) -> str:
    """Changes with everything that an offer says, so that a form knows whether somebody saved since it was made."""
    told = json.dumps([values[name] for name in OFFER_FIELDS], default=str, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:32]
