"""The form of an offer: what its lists offer, and how rows become fields and fields data."""

from collections.abc import Mapping
from typing import Any

from workflow.offers.queries import OfferView
from workflow.reference import queries as reference
from workflow.reference.queries import Choice, Kind

_FIELDS = (
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
)

# Imported offers hold words instead of codes in these; a word stays a choice of its own.
_WORDED: tuple[Kind, ...] = ("contract", "work_time", "experience")


def form_from(offer: OfferView) -> dict[str, str]:
    """The fields of an offer as it is stored."""
    values = {name: getattr(offer, name) for name in _FIELDS}
    fields = {name: "" if value is None else str(value) for name, value in values.items()}
    return fields | {"unit": str(offer.unit_id), "tells_contact": "yes" if offer.tells_contact else ""}


def submitted(form: Mapping[str, str]) -> dict[str, str]:
    """The data of a form; a box that is not ticked is not sent, and means no."""
    return {"tells_contact": "no", **form}


def choices(form: Mapping[str, Any], language: str) -> dict[str, list[tuple[str, str]]]:
    """The lists of the form: field → codes and names."""
    lists: dict[Kind, tuple[Choice, ...]] = {
        "job_type": reference.job_types(),
        "industry": reference.industries(),
        "job": reference.jobs(),
        "level": reference.levels(),
        "region": reference.regions(),
        "country": reference.countries(),
        "contract": reference.contracts(),
        "work_time": reference.work_times(),
        "experience": reference.experiences(),
    }
    options = {
        str(kind): [(each.code, each.label(language)) for each in listed] for kind, listed in lists.items()
    }
    for kind in _WORDED:
        word = form.get(kind)
        if word and not reference.is_known(kind, word):
            options[kind].append((word, word))
    return options
