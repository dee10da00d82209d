"""Decides, before anything is written, what an import does with each row."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from workflow.checks import clean_line
from workflow.errors import FieldError, InvalidInput
from workflow.language import N_
from workflow.offers.fields import checked_offer
from workflow.offers.import_files import FileRow
from workflow.offers.import_rows import ImportedOffer, column_error, published_on, read_row
from workflow.offers.machine import FINDABLE

Known = Mapping[str, Mapping[str, Any]]
"""Rows of offers that exist, with their `unit_code`, by reference."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was not taken; the error's field is named as the file does."""

    place: str
    reference: str
    error: FieldError

    @property
    def field(self) -> str:
        """The column, "" where it is the row itself."""
        return self.error.field

    @property
    def message(self) -> str:
        """The reason in English."""
        return self.error.message.format_map(self.error.facts) if self.error.facts else self.error.message


@dataclass(frozen=True, slots=True)
class Planned:
    """A row that will be taken: the columns of its offer, and which of them differ from `known`, if there is one."""

    place: str
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


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with the rows that can be taken, and why the others cannot."""

    planned: tuple[Planned, ...]
    refused: tuple[Refusal, ...]

    def digest(self, today: date) -> str:
        """Changes with everything that carrying it out would do."""
        told = [
            (
                each.place,
                each.offer.reference,
                each.offer.unit_code,
                each.is_open(today),
                each.known and each.known["id"],
                each.changes if each.known else each.values,
            )
            for each in self.planned
        ]
        refused = [(each.place, each.reference, each.field, each.message) for each in self.refused]
        return hashlib.sha256(repr((told, refused)).encode()).hexdigest()


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
    rows: Sequence[FileRow],
    known: Known,
    shift: timedelta,
    today: date,
    unit_codes: Collection[str] | None = None,
) -> Plan:
    """What to do with each row. `unit_codes`: those of the importer's units, where others are out of reach."""
    planned: list[Planned] = []
    refused: list[Refusal] = []
    places: dict[str, str] = {}
    for row in rows:
        try:
            item = _planned(row, known, shift, today, unit_codes, places)
        except InvalidInput as invalid:
            refused += [_refusal(row, error) for error in invalid.errors]
        else:
            places[item.offer.reference] = row.place
            planned.append(item)
    return Plan(tuple(planned), tuple(refused))


def _planned(
    row: FileRow,
    known: Known,
    shift: timedelta,
    today: date,
    unit_codes: Collection[str] | None,
    places: Mapping[str, str],
) -> Planned:
    """Raises InvalidInput with all that is wrong. `places`: where the references stand that were taken before."""
    if row.broken:
        raise InvalidInput([row.broken])
    offer, errors = read_row(row.cells, shift)
    before = known.get(offer.reference)
    if before is None:
        errors += _too_early(offer.published_on, today)
    elif unit_codes is not None and before["unit_code"] not in unit_codes:
        # No more is told of others' offers than a form would tell.
        taken = N_("There is an offer with this reference already, in another unit.")
        errors.append(FieldError("reference", taken))
        before = None
    errors += _out_of_reach(offer, unit_codes) + _told_twice(offer, places)
    values: dict[str, Any] = {}
    try:
        values = checked_offer(_merged(before, offer.data) if before else offer.data)
    except InvalidInput as invalid:
        errors += _further(invalid.errors, errors, offer, row)
    if errors:
        raise InvalidInput(errors)
    if before is None:
        return Planned(row.place, offer, values, {}, None)
    return Planned(row.place, offer, values, _changes(before, values, offer.data), before)


def _further(
    found: Sequence[FieldError], told: Sequence[FieldError], offer: ImportedOffer, row: FileRow
) -> list[FieldError]:
    """Of what is wrong with an offer that which does not merely follow from what is told of its row already."""
    columns = {error.field for error in told}
    unknown = set() if "job_type" in offer.data else {"job_type", "job", "industry"}
    return [
        error
        for error in found
        if error.field not in unknown and column_error(error, row.cells).field not in columns
    ]


def _changes(before: Mapping[str, Any], values: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """What the row says otherwise; other spaces within a line are no change. A job brings or voids its industry."""
    told = {*data, "job", "industry"}
    return {
        name: value
        for name, value in values.items()
        if name in told and value != before[name] and value != _on_one_line(before[name])
    }


def _on_one_line(value: Any) -> Any:
    return clean_line(value) if isinstance(value, str) and "\n" not in value else value


def _merged(before: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """What the row leaves empty stays; but a new job brings its own industry, and a new job type voids both."""
    void = {"industry"} if "job" in data else set()
    if data.get("job_type") != before["job_type"]:
        void = {"industry", "job"}
    return {name: value for name, value in before.items() if name not in void} | dict(data)


def _too_early(day: date, today: date) -> list[FieldError]:
    sentence = N_("This offer is to be published on {day}: import it then.")
    return [FieldError("date_published", sentence, {"day": day})] if day > today else []


def _out_of_reach(offer: ImportedOffer, unit_codes: Collection[str] | None) -> list[FieldError]:
    if unit_codes is None or not offer.unit_code or offer.unit_code in unit_codes:
        return []
    strange = N_("“{code}” is none of your units.")
    return [FieldError("unit_code", strange, {"code": offer.unit_code[:40]})]


def _told_twice(offer: ImportedOffer, places: Mapping[str, str]) -> list[FieldError]:
    if offer.reference not in places:
        return []
    kind, _, number = places[offer.reference].partition(" ")
    sentence = (
        N_("Item {number} has the same reference.")
        if kind == "item"
        else N_("Line {number} has the same reference.")
    )
    return [FieldError("reference", sentence, {"number": number})]


def _refusal(row: FileRow, error: FieldError) -> Refusal:
    return Refusal(row.place, reference_of(row), column_error(error, row.cells))
