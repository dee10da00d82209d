"""What an alert looks for, which choices lead to which other ones (L1), and when two alerts mean the same."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workflow.checks import Checks, clean_line
from workflow.language import N_, say
from workflow.reference.queries import SCIENTIFIC, TECHNICAL_ADMIN, Job, jobs, label

FREQUENCIES = {"daily": N_("Daily"), "weekly": N_("Weekly")}
"""How often an alert may tell, and what that is called."""

ALL = "all"
"""What forms and programs choose where it shall not matter; tables keep '' for it."""

LONGEST_KEYWORDS = 500
"""As many as a search takes."""

Facet = Literal["job_type", "industry", "job", "region"]

FACETS: tuple[Facet, ...] = ("job_type", "industry", "job", "region")

_FOLLOWING: Mapping[str, tuple[Facet, ...]] = {TECHNICAL_ADMIN: ("industry", "job"), SCIENTIFIC: ("job",)}

Meaning = Callable[[str], str]
"""Gives keywords that the search understands alike the same text."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """What an alert looks for: codes of `workflow.reference`, '' for all, and keywords as they were typed."""

    job_type: str = ""
    industry: str = ""
    job: str = ""
    region: str = ""
    keywords: str = ""


def facets_after(job_type: str) -> tuple[Facet, ...]:
    """What else must be chosen with a job type: nothing with all of them (L1)."""
    return _FOLLOWING.get(job_type, ())


def jobs_after(job_type: str, industry: str = "") -> tuple[Job, ...]:
    """The jobs to choose from: of the job type and, where one is chosen, of the industry (L1)."""
    return jobs(job_type, industry if industry and industry != ALL else None)


def checked_frequency(data: Mapping[str, Any]) -> str:
    """The frequency that a form holds. Raises InvalidInput."""
    checks = Checks(data)
    frequency = _frequency(checks, data)
    checks.finish()
    return frequency


def checked_alert(data: Mapping[str, Any]) -> tuple[str, Criteria]:
    """The frequency and the criteria that a form holds. Raises InvalidInput.

    Frequency, job type and region are always mandatory, industry and job where the job type asks for them; each
    of the choices may be `ALL` (L1). What the job type does not ask for may not be chosen.
    """
    checks = Checks(data)
    frequency = _frequency(checks, data)
    criteria = _criteria(checks, data)
    checks.finish()
    return frequency, criteria


def checked_criteria(data: Mapping[str, Any]) -> Criteria:
    """The same without the frequency. Raises InvalidInput."""
    checks = Checks(data)
    criteria = _criteria(checks, data)
    checks.finish()
    return criteria


def _frequency(checks: Checks, data: Mapping[str, Any]) -> str:
    frequency = clean_line(data.get("frequency"))
    if frequency not in FREQUENCIES:
        checks.fail("frequency", N_("Choose daily or weekly."))
    return frequency


def _criteria(checks: Checks, data: Mapping[str, Any]) -> Criteria:
    job_type = _choice(checks, data, "job_type", is_asked_for=True)
    following = facets_after(job_type)
    industry = _choice(checks, data, "industry", is_asked_for="industry" in following)
    job = _choice(checks, data, "job", is_asked_for="job" in following)
    if job and "job" in following and job in {each.code for each in jobs()}:
        _check_job(checks, job, job_type, industry if "industry" in following else "")
    return Criteria(
        job_type,
        industry,
        job,
        _choice(checks, data, "region", is_asked_for=True),
        checks.line("keywords", maximum=LONGEST_KEYWORDS),
    )


def _choice(checks: Checks, data: Mapping[str, Any], facet: Facet, *, is_asked_for: bool) -> str:
    """The code chosen, '' for all. What is not asked for may be `ALL`, and nothing else."""
    if clean_line(data.get(facet)) == ALL:
        return ""
    code = checks.choice(facet, facet, required=is_asked_for)
    if code and not is_asked_for and "job_type" not in {error.field for error in checks.errors}:
        checks.fail(facet, N_("This job type leaves no choice here. Leave it out."))
    return code


def _check_job(checks: Checks, job: str, job_type: str, industry: str) -> None:
    if job not in {each.code for each in jobs_after(job_type)}:
        checks.fail("job", N_("This job is not of that job type. Choose one of the list."))
    elif job not in {each.code for each in jobs_after(job_type, industry)}:
        checks.fail("job", N_("This job is not of that industry. Choose one of the list."))


def digest_of(criteria: Criteria, meaning: Meaning) -> str:
    """The same for all criteria that find the same offers, as far as one can tell; 64 characters.

    A job says its industry: with it or without it, the same is found.
    """
    industry = next((each.industry for each in jobs() if each.code == criteria.job), criteria.industry)
    means = [criteria.job_type, industry or "", criteria.job, criteria.region, meaning(criteria.keywords)]
    return hashlib.sha256(json.dumps(means).encode()).hexdigest()


def frequency_in_words(frequency: str, language: str) -> str:
    """“Daily”."""
    return say(language, FREQUENCIES[frequency])


def what_in_words(criteria: Criteria, language: str) -> str:
    """What is looked for, but for the place, as closely as it was chosen: “chemist”, Postdoctoral researcher."""
    words = say(language, N_("“{words}”"), words=criteria.keywords) if criteria.keywords else ""
    closest = next((name for name in ("job", "industry", "job_type") if getattr(criteria, name)), None)
    if closest is None:
        return words or say(language, N_("All jobs"))
    chosen = label(closest, getattr(criteria, closest), language)  # type: ignore[arg-type]  # facets are kinds
    return f"{words}, {chosen}" if words else chosen


def where_in_words(criteria: Criteria, language: str) -> str:
    """The region, or that all of them are meant."""
    return label("region", criteria.region, language) if criteria.region else say(language, N_("All regions"))


def criteria_in_words(criteria: Criteria, language: str) -> str:
    """All of it on one line, as mails say it: “chemist”, Scientific · Bretagne."""
    return f"{what_in_words(criteria, language)} · {where_in_words(criteria, language)}"
