"""Reads a file of offers, CSV or JSON, into rows that know their place in it."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflow.errors import DomainError, FieldError
from workflow.language import N_

COLUMNS = frozenset(
    {
        "reference",
        "title",
        "title_fr",
        "title_en",
        "language",
        "description",
        "description_fr",
        "description_en",
        "contract_type",
        "contract_code",
        "unit_code",
        "unit_name",
        "city",
        "departement_code",
        "region_code",
        "region",
        "country",
        "date_published",
        "date_deadline",
        "date_start",
        "duration_months",
        "work_time",
        "salary_text",
        "education_level",
        "experience",
        "derived_bap",
        "derived_emploi_type_id",
        "derived_score",
        "scientific_kind",
        "contact_email",
        "positions",
    }
)

# Of each group, a file needs one column at least.
_NEEDED = (
    ("reference",),
    ("title", "title_fr", "title_en"),
    ("contract_code", "contract_type"),
    ("unit_code",),
    ("region_code", "region", "country"),
    ("date_published",),
    ("date_deadline",),
)

_MORE, _FEWER = "\0more", "\0fewer"
_RAGGED = N_(
    "This line has {found} cells, the header {columns} columns. "
    "Is a separator missing, or one too many in a text without quotes?"
)


class OffersFileUnreadable(DomainError):
    """This file cannot be imported: {reason}"""

    code = "offers-file-unreadable"

    def __init__(self, reason: str, **facts: Any) -> None:
        self.why = FieldError("", reason, facts)
        """The reason by itself, for other languages."""
        super().__init__(reason=reason.format_map(facts) if facts else reason)


@dataclass(frozen=True, slots=True)
class FileRow:
    """One offer of a file. `place` is the line it begins at, or its number in a list: "line 2", "item 1".

    `broken` says why it cannot be taken; of its cells there is then the reference at most.
    """

    place: str
    cells: Mapping[str, str]
    broken: FieldError | None = None


@dataclass(frozen=True, slots=True)
class OffersFile:
    """The rows of a file, and the names in it that mean nothing to an import."""

    rows: tuple[FileRow, ...]
    ignored: tuple[str, ...]


def read_offers_file(content: bytes) -> OffersFile:
    """Rows of a CSV file with a header, or of a JSON list of objects. Raises OffersFileUnreadable.

    CSV by RFC 4180, separated by commas, or by semicolons where the header is.
    """
    text = _decoded(content)
    rows = tuple(_json_rows(text) if text.lstrip().startswith(("[", "{")) else _csv_rows(text))
    if not rows:
        raise OffersFileUnreadable(N_("there is no offer in it."))
    named = {name for row in rows for name in row.cells}
    return OffersFile(rows, tuple(sorted(named - COLUMNS)))


def _decoded(content: bytes) -> str:
    if not content.strip():
        raise OffersFileUnreadable(N_("it is empty."))
    if b"\0" in content:
        raise OffersFileUnreadable(N_("it is not a text file. Save it as “CSV UTF-8” or JSON."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise OffersFileUnreadable(
            N_("line {line} is not UTF-8. Save it once more, as “CSV UTF-8” or JSON."), line=line
        ) from None


def _csv_rows(text: str) -> Iterator[FileRow]:
    header, _, _ = text.partition("\n")
    lines = csv.DictReader(
        io.StringIO(text, newline=""),
        delimiter=";" if header.count(";") > header.count(",") else ",",
        restkey=_MORE,
        restval=_FEWER,
        strict=True,
    )
    try:
        _require_columns([name.strip() for name in lines.fieldnames or ()])
        before = lines.line_num
        for cells in lines:
            yield _csv_row(f"line {before + 1}", cells)
            before = lines.line_num
    except csv.Error as error:
        line = lines.reader.line_num
        raise OffersFileUnreadable(
            N_("its CSV is broken at line {line}: {problem}."), line=line, problem=error
        ) from None


def _csv_row(place: str, cells: Mapping[str, Any]) -> FileRow:
    told = {name.strip(): text for name, text in cells.items() if name != _MORE and text != _FEWER}
    columns = len(cells) - (_MORE in cells)
    found = len(told) + len(cells.get(_MORE, ()))
    if found == columns:
        return FileRow(place, told)
    ragged = FieldError("", _RAGGED, {"found": found, "columns": columns})
    return FileRow(place, _reference_in(told), ragged)


def _reference_in(cells: Mapping[str, Any]) -> dict[str, str]:
    """What is left of a broken row: by what name its author finds it."""
    reference = cells.get("reference")
    return {"reference": str(reference)} if reference and _is_text(reference) else {}


def _require_columns(names: Iterable[str]) -> None:
    present = list(names)
    missing = [" or ".join(group) for group in _NEEDED if not set(group) & set(present)]
    if missing:
        raise OffersFileUnreadable(
            N_("its first line must name these columns, too: {columns}."), columns=", ".join(missing)
        )
    twice = sorted({name for name in present if present.count(name) > 1})
    if twice:
        raise OffersFileUnreadable(
            N_("its first line names a column twice: {columns}."), columns=", ".join(twice)
        )


def _json_rows(text: str) -> Iterator[FileRow]:
    try:
        for number, item in enumerate(_json_items(text), start=1):
            yield _json_row(f"item {number}", item)
    except json.JSONDecodeError as error:
        raise OffersFileUnreadable(
            N_("its JSON is broken at line {line}, column {column}: {problem}."),
            line=error.lineno,
            column=error.colno,
            problem=error.msg,
        ) from None
    except RecursionError:
        raise OffersFileUnreadable(N_("its JSON is nested too deeply.")) from None


def _json_items(text: str) -> Iterator[object]:
    """The items of a list, one by one."""
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
    position = _after_spaces(text, 0)
    if text[position] != "[":
        raise OffersFileUnreadable(N_("its JSON must be a list of objects: [{…}, {…}]."))
    position = _after_spaces(text, position + 1)
    while not text.startswith("]", position):
        item, end = decoder.raw_decode(text, position)
        yield item
        position = _after_spaces(text, end)
        if text.startswith(",", position):
            position = _after_spaces(text, position + 1)
        elif not text.startswith("]", position):
            raise json.JSONDecodeError("a comma or “]” is missing", text, position)
    end = _after_spaces(text, position + 1)
    if end != len(text):
        raise json.JSONDecodeError("there is more after the list", text, end)


def _after_spaces(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _json_row(place: str, item: object) -> FileRow:
    if not isinstance(item, dict):
        return FileRow(place, {}, FieldError("", N_("An offer is a JSON object, with braces.")))
    odd = sorted(repr(name) for name, value in item.items() if not _is_text(name) or not _is_text(value))
    if odd:
        text = N_("These must be a text or a number: {columns}.")
        return FileRow(place, _reference_in(item), FieldError("", text, {"columns": ", ".join(odd)}))
    return FileRow(place, {name: "" if value is None else str(value) for name, value in item.items()})


def _is_text(value: object) -> bool:
    """Half of a surrogate pair, which JSON can escape, is none: no database takes it."""
    return value is None or (isinstance(value, str) and not any("\ud800" <= c <= "\udfff" for c in value))
