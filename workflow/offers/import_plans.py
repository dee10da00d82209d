"""Decides, before anything is written, what an import does with each row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from workflow.checks import clean_line
from workflow.errors import FieldError, InvalidInput
from workflow.offers.commands import checked_offer
from workflow.offers.import_files import FileRow
from workflow.offers.import_rows import ImportedOffer, column_error, published_on, read_row
from workflow.offers.machine import FINDABLE

Known = Mapping[str, Mapping[str, Any]]
"""Rows of offers that exist, with their `unit_code`, by reference."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was not taken: the field as the file names it, and an English sentence."""

    place: str
    reference: str
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A row that will be taken: the columns of its offer, and which of them differ from `known`, if there is one."""

    offer: ImportedOffer
    values: dict[str, Any]
    changes: dict[str, Any]
    known: Mapping[str, Any] | None

    @property
    def moves_unit(self) -> bool:
        """Whether a known offer goes to another unit."""
        return self.known is not None and self.known["unit_code"] != self.offer.unit_code

    @property
    def is_changed(self) -> bool:
        """Whether the row says something new of a known offer."""
        return self.known is not None and (bool(self.changes) or self.moves_unit)

    def is_open(self, today: date) -> bool:
        """Whether one can apply, once the plan is carried out."""
        closes_on: date = self.values["closes_on"]
        return closes_on >= today and (self.known is None or self.known["status"] in FINDABLE)


def reference_of(row: FileRow) -> str:
    """What stands as reference in a row, checked or not."""
    return clean_line(row.cells.get("reference"))


def shift_of(rows: Sequence[FileRow], known: Known, today: date, zone: ZoneInfo) -> timedelta:
    """How far these offers were moved when they came in first; for new ones, from the newest to today."""
    days = {reference_of(row): day for row in rows if (day := published_on(row.cells))}
    moved_before: Counter[timedelta] = Counter(
        published_at.astimezone(zone).date() - day
        for reference, day in days.items()
        if reference in known and (published_at := known[reference]["published_at"])
    )
    if moved_before:
        return moved_before.most_common(1)[0][0]
    return today - max(days.values(), default=today)


def plan(
    rows: Sequence[FileRow], known: Known, shift: timedelta, today: date
) -> tuple[tuple[Planned, ...], tuple[Refusal, ...]]:
    """What to do with the rows that can be taken, and why the others cannot."""
    planned: list[Planned] = []
    refused: list[Refusal] = []
    places: dict[str, str] = {}
    for row in rows:
        try:
            item = _planned(row, known, shift, today)
            first = places.setdefault(item.offer.reference, row.place)
            _require_once(first, row.place)
        except InvalidInput as invalid:
            refused += [_refusal(row, error) for error in invalid.errors]
        else:
            planned.append(item)
    return tuple(planned), tuple(refused)


def _planned(row: FileRow, known: Known, shift: timedelta, today: date) -> Planned:
    """Raises InvalidInput."""
    if row.broken:
        raise InvalidInput([FieldError("", row.broken)])
    offer = read_row(row.cells, shift)
    before = known.get(offer.reference)
    if before is None:
        _require_published(offer.published_on, today)
        return Planned(offer, checked_offer(offer.data), {}, None)
    values = checked_offer(_merged(before, offer.data))
    changes = {name: value for name, value in values.items() if value != before[name]}
    return Planned(offer, values, changes, before)


def _merged(before: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """What the row leaves empty stays; but a new job brings its own industry, and a new job type voids both."""
    void = {"industry"} if "job" in data else set()
    if data["job_type"] != before["job_type"]:
        void = {"industry", "job"}
    return {name: value for name, value in before.items() if name not in void} | dict(data)


def _require_published(day: date, today: date) -> None:
    if day > today:
        sentence = "This offer is to be published on {day}: import it then."
        raise InvalidInput([FieldError("date_published", sentence, {"day": day})])


def _require_once(first: str, place: str) -> None:
    if first != place:
        sentence = "{place} has the same reference."
        raise InvalidInput([FieldError("reference", sentence, {"place": first.capitalize()})])


def _refusal(row: FileRow, error: FieldError) -> Refusal:
    told = column_error(error, row.cells)
    message = told.message.format_map(told.facts) if told.facts else told.message
    return Refusal(row.place, reference_of(row), told.field, message)
