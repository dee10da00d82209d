"""The numbers behind the overview's charts, as rows of CSV."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from admin.kit.spreadsheets import Cell
from admin.kit.wording import Wording
from admin.overview.drawing import stages, waits_by_state
from admin.overview.figures import Overview
from workflow.applications.figures import Funnel
from workflow.applications.waiting import Waits
from workflow.language import N_, say

Table = tuple[Sequence[str], Sequence[Sequence[Cell]]]

_COUNTED = (
    N_("Came in"),
    N_("Ever taken under consideration"),
    N_("Successful now"),
    N_("Rejected now"),
    N_("Withdrawn now"),
    N_("Waiting"),
    N_("Overdue"),
)
_UNITS = (N_("Code"), N_("Unit"), *_COUNTED, N_("Overdue after how many days"))
_OFFERS = (N_("Reference"), N_("Offer"), N_("Unit"), *_COUNTED)
_WAITS = (
    N_("State"),
    N_("Number"),
    N_("Median in days"),
    N_("90th percentile in days"),
    N_("Longest in days"),
)


def _days(overview: Overview, words: Wording) -> Table:
    head = (say(words.language, "Day"), say(words.language, "Applications"))
    return head, list(overview.days.items())


def _funnel(overview: Overview, words: Wording) -> Table:
    head = (say(words.language, "State"), say(words.language, "Applications"))
    return head, [(say(words.language, text), number) for _, text, number in stages(overview.funnel)]


def _waits_table(overview: Overview, words: Wording) -> Table:
    found = waits_by_state(overview.ended, overview.under_way, words)
    return [say(words.language, name) for name in _WAITS], [
        (label, *_lengths(waits)) for label, _, waits in found
    ]


def _lengths(waits: Waits | None) -> Sequence[Cell]:
    if waits is None:
        return (0, None, None, None)
    day = timedelta(days=1)
    return (waits.number, waits.median / day, waits.ninetieth / day, waits.longest / day)


def _units(overview: Overview, words: Wording) -> Table:
    return [say(words.language, name) for name in _UNITS], [
        (
            each.unit.code,
            each.unit.name,
            *_counted(each.funnel),
            each.waiting,
            each.overdue,
            each.unit.waiting_days,
        )
        for each in overview.units
    ]


def _offers(overview: Overview, words: Wording) -> Table:
    codes = {each.unit.id: each.unit.code for each in overview.units}
    return [say(words.language, name) for name in _OFFERS], [
        (
            each.reference,
            each.title(words.language),
            codes[each.unit_id],
            *_counted(each.funnel),
            each.waiting,
            each.overdue,
        )
        for each in overview.offers
    ]


def _counted(funnel: Funnel) -> Sequence[int]:
    return (funnel.submitted, funnel.considered, funnel.successful, funnel.rejected, funnel.withdrawn)


TABLES: Mapping[str, Callable[[Overview, Wording], Table]] = {
    "days": _days,
    "funnel": _funnel,
    "waits": _waits_table,
    "units": _units,
    "offers": _offers,
}
"""Code → head and rows."""
