"""CSV as spreadsheets read it: in UTF-8 with a mark that says so, and with nothing in it that they would carry out.

A cell that begins with =, +, -, @ or one of their full-width forms is a formula to Excel, LibreOffice or Google
Sheets, and names and titles are whatever strangers typed: `=HYPERLINK(…)` could send the sheet away. Such a cell
gets an apostrophe before it (OWASP, CSV injection), and so does one that begins with a tab or a carriage return, or
with spaces before any of these. The same goes for what follows a separator or a line break within a cell: a
program that is set to another separator begins a cell there. What is nothing but a number stays as it is, such as
a telephone number: it can do nothing.
"""

import csv
import re
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from datetime import date, datetime
from io import StringIO
from zoneinfo import ZoneInfo

from babel.numbers import get_decimal_symbol
from litestar.response import Stream

from web.kit.downloads import disposition
from workflow.language.days import locale_of

MARK = "\ufeff"
"""Without it Excel takes UTF-8 for an older encoding."""

_BEGINS = r"(\A|[;,|\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029])"
_UNSEEN = r"[\s\"\u200b-\u200f\u2060\ufeff]*"
_FORMULA = re.compile(rf"{_BEGINS}(?={_UNSEEN}[=+\-@\uff1d\uff0b\uff0d\uff20])")
_SPACE = re.compile(r"\A(?=[\t\r])")
_NUMBER = re.compile(r"[+-]?\d[\d .,()\u00a0\u202f]*", re.ASCII)

Cell = str | int | float | date | None


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    if _NUMBER.fullmatch(text):
        return text
    guarded = _FORMULA.sub(r"\1'", text.replace("\0", ""))
    return _SPACE.sub("'", guarded)


class Sheet:
    """Rows as lines of CSV for a reader: French spreadsheets part cells by semicolons, and write 4,5 for 4.5."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self._zone = zone
        self._decimal = get_decimal_symbol(locale_of(language))
        self._separator = ";" if self._decimal == "," else ","

    def lines(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """Some rows."""
        text = StringIO(newline="")
        writer = csv.writer(text, delimiter=self._separator, lineterminator="\r\n")
        writer.writerows([[self._written(cell) for cell in row] for row in rows])
        return text.getvalue().encode()

    def _written(self, cell: Cell) -> str:
        match cell:
            case None:
                return ""
            case str():
                return safe(cell)
            case float():
                return f"{cell:.1f}".replace(".", self._decimal)
            case datetime():
                return f"{cell.astimezone(self._zone):%Y-%m-%d %H:%M}"
            case _:
                return str(cell)


def sheet_response(
    sheet: Sheet, head: Sequence[str], rows: AsyncIterable[Iterable[Sequence[Cell]]], *, name: str
) -> Stream:
    """Rows as a file to be saved, sent part by part as they are read; `name` without its ending."""

    async def pieces() -> AsyncIterator[bytes]:
        yield MARK.encode() + sheet.lines([head])
        async for some in rows:
            yield sheet.lines(some)

    return Stream(
        pieces(),
        media_type="text/csv",
        headers={
            "Content-Disposition": disposition(f"{name}.csv"),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


async def at_once(rows: Iterable[Sequence[Cell]]) -> AsyncIterator[Iterable[Sequence[Cell]]]:
    """Rows that are all there."""
    yield rows
