"""From a search to an alert (S5): what of a search fits into one alert, and in words what does not."""

from collections.abc import Iterable
from typing import Any

from litestar.datastructures import MultiDict

from workflow.alerts.criteria import ALL, LONGEST_KEYWORDS, facets_after, jobs_after
from workflow.checks import clean_line
from workflow.language import N_, say
from workflow.reference.queries import TECHNICAL_ADMIN, Kind, is_known, jobs, label

_LABELS: dict[Kind, str] = {
    "job_type": N_("Job type"),
    "industry": N_("Industry"),
    "job": N_("Job"),
    "region": N_("Region"),
    "level": N_("Level of qualification"),
}
_SEVERAL = N_("{label}: you searched for {values}. An alert looks for one of them, or for all: choose below.")
_LEFT_OUT = N_("{label}: an alert cannot look for {values}, so we left that out.")


def taken_over(params: MultiDict[Any], language: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """A form filled with the search that an address holds, and sentences about what does not fit.

    What the search left open is `ALL`; where it had several values, that is left to be chosen.
    """
    found = {facet: _codes(params, facet) for facet in _LABELS}
    notes: list[str] = []

    def one_of(facet: Kind, fitting: Iterable[str]) -> str:
        allowed = set(fitting)
        fit = [code for code in found[facet] if code in allowed]
        unfit = [code for code in found[facet] if code not in allowed]
        if unfit:
            notes.append(_note(_LEFT_OUT, facet, unfit, language))
        if len(fit) > 1:
            notes.append(_note(_SEVERAL, facet, fit, language))
            return ""
        return fit[0] if fit else ALL

    job_type = _job_type(found)
    form = {"keywords": clean_line(params.get("keywords"))[:LONGEST_KEYWORDS].rstrip(), "job_type": job_type}
    following = facets_after(job_type)
    form["industry"] = one_of("industry", found["industry"] if "industry" in following else ())
    fitting_jobs = jobs_after(job_type, form["industry"]) if "job" in following else ()
    form["job"] = one_of("job", [job.code for job in fitting_jobs])
    form["region"] = one_of("region", found["region"])
    one_of("level", ())
    return form, tuple(notes)


def _codes(params: MultiDict[Any], facet: Kind) -> list[str]:
    values = dict.fromkeys(clean_line(value) for value in params.getall(facet, []))
    return [value for value in values if value and is_known(facet, value)]


def _job_type(found: dict[Kind, list[str]]) -> str:
    """The one that was chosen, or that all else which was chosen belongs to."""
    implied = {job.job_type for job in jobs() if job.code in found["job"]}
    implied |= {TECHNICAL_ADMIN} if found["industry"] else set()
    for types in (found["job_type"], list(implied)):
        if len(types) == 1:
            return types[0]
    return ALL


def _note(sentence: str, facet: Kind, codes: Iterable[str], language: str) -> str:
    values = ", ".join(label(facet, code, language) for code in codes)
    return say(language, sentence, label=say(language, _LABELS[facet]), values=values)
