"""Which days, which unit and which offer the overview is about, as its form asks for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from admin.kit.wording import Wording
from workflow.applications.board import Filters, filters_from
from workflow.applications.periods import Period
from workflow.checks import Checks
from workflow.errors import FieldError
from workflow.language import N_

PERIODS = {
    "30": N_("Last 30 days"),
    "90": N_("Last 90 days"),
    "year": N_("This year"),
    "own": N_("Other days"),
}
"""The choices of the form."""

_LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the overview is about. `choice`: one of PERIODS; `errors`: what of the days could not be understood."""

    choice: str
    period: Period
    filters: Filters
    errors: Sequence[FieldError] = ()

    @property
    def form(self) -> dict[str, str]:
        """The form's fields as they are shown again."""
        days = {"first": self.period.first.isoformat(), "last": self.period.last.isoformat()}
        return {"period": self.choice, **days, "unit": "", "offer": "", **self.filters.fields}

    @property
    def query(self) -> str:
        """The address's part after the question mark: the same days, also tomorrow."""
        days = {"first": self.period.first.isoformat(), "last": self.period.last.isoformat()}
        return urlencode({"period": "own", **days, **self.filters.fields})


def asked_for(query: Mapping[str, str], words: Wording) -> Asked:
    """What an address asks for; the last 30 days where it says nothing that makes sense. No day is in the future."""
    every = filters_from(query)
    filters = Filters(offer=every.offer, unit=every.unit)
    today = words.now.astimezone(words.zone).date()
    choice = query.get("period") or ("own" if query.get("first") or query.get("last") else "30")
    errors: Sequence[FieldError] = ()
    if choice == "own":
        first, last, errors = _own_days(query, today)
        if first and last and not errors:
            return Asked(choice, Period(first, last, words.zone), filters)
    elif choice == "year":
        return Asked(choice, Period(today.replace(month=1, day=1), today, words.zone), filters)
    elif choice not in PERIODS:
        choice = "30"
    days = int(choice) if choice.isdecimal() else 30
    return Asked(choice, Period(today - timedelta(days=days - 1), today, words.zone), filters, errors)


def _own_days(query: Mapping[str, str], today: date) -> tuple[date | None, date | None, Sequence[FieldError]]:
    checks = Checks(query)
    first, last = checks.day("first", required=True), checks.day("last", required=True)
    if first and last and first > last:
        checks.fail("last", N_("Choose a day that is not before the first one."))
    elif first and first > today:
        checks.fail("first", N_("Choose a day that is not in the future."))
    elif first and last and min(last, today) - first > _LONGEST:
        checks.fail("first", N_("Choose ten years at most."))
    return first, min(last, today) if last else None, checks.errors
