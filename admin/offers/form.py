"""The form of an offer: what its lists offer, and how rows become fields and fields data."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from web.kit.forms import options
from workflow.offers.fields import OFFER_FIELDS
from workflow.offers.queries import OfferView
from workflow.reference import queries as reference
from workflow.reference.queries import Choice, Kind

# Imported offers hold words instead of codes in these; a word stays a choice of its own.
_WORDED: tuple[Kind, ...] = ("contract", "work_time", "experience")


def form_from(offer: OfferView) -> dict[str, str]:
    """The fields of an offer as it is stored."""
    values = {name: getattr(offer, name) for name in OFFER_FIELDS}
    fields = {name: "" if value is None else str(value) for name, value in values.items()}
    return fields | {"unit": str(offer.unit_id), "tells_contact": "yes" if offer.tells_contact else ""}


def schedule_form(offer: OfferView, zone: ZoneInfo) -> dict[str, str]:
    """The fields of the day and the hour at which a draft publishes itself; without any the office's first hour."""
    at = offer.publish_at.astimezone(zone) if offer.publish_at else None
    return {
        "publish_day": at.date().isoformat() if at else "",
        "publish_hour": at.strftime("%H:%M") if at else "09:00",
    }


def choices(form: Mapping[str, Any], language: str) -> dict[str, list[tuple[str, str]]]:
    """The lists of the form: field → codes and names."""
    lists: dict[Kind, tuple[Choice, ...]] = {
        "job_type": reference.job_types(),
        "industry": reference.industries(),
        "job": reference.jobs(),
        "level": reference.levels(),
        "region": reference.regions(),
        "country": reference.alphabetical(reference.countries(), language),
        "contract": reference.contracts(),
        "work_time": reference.work_times(),
        "experience": reference.experiences(),
    }
    listed = {str(kind): options(each, language) for kind, each in lists.items()}
    for kind in _WORDED:
        word = form.get(kind)
        if word and not reference.is_known(kind, word):
            listed[kind].append((word, word))
    return listed
