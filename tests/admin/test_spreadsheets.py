"""CSV that no spreadsheet carries out, whatever strangers typed and whichever separator it is set to (C8)."""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import StringIO
from random import Random

import pytest

from admin.kit.spreadsheets import Sheet, safe
from tests.support.house import ZONE
from tests.support.real_data import naughty_strings, needs_real_data

NUMBER = re.compile(r"[+-]?\d[\d .,()\u00a0\u202f]*", re.ASCII)
DANGEROUS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
UNSEEN = ' "\t\r\n\v\f\u00a0\u200b\u200e\u2060\ufeff\u2028\u2029\x1c\x1d\x1e\x85'


def cells(content: bytes) -> Iterator[str]:
    """Every cell of it, as programs with other separators find them."""
    text = content.decode()
    for separator in (",", ";", "\t", "|"):
        for row in csv.reader(StringIO(text, newline=""), delimiter=separator):
            yield from row


def formulas(content: bytes) -> list[str]:
    """What a spreadsheet might carry out."""
    return [
        cell
        for cell in cells(content)
        if cell.lstrip(UNSEEN).startswith(DANGEROUS) and not NUMBER.fullmatch(cell.lstrip(UNSEEN))
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("\tname", "'\tname"),
        ("\rname", "'\rname"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\uff0b1x", "'\uff0b1x"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff20x", "'\uff20x"),
        ("  =1+1", "'  =1+1"),
        ("\u200b=1+1", "'\u200b=1+1"),
        ("\0=1+1", "'=1+1"),
        ("a;=1+1", "a;'=1+1"),
        ('a;"=1+1', "a;'\"=1+1"),
        ("a\n=1+1", "a\n'=1+1"),
        ("-1", "-1"),
        ("+33 1 23 45 67 89", "+33 1 23 45 67 89"),
        ("+33 (0)1 23 45 67 89", "+33 (0)1 23 45 67 89"),
        ("-4,5", "-4,5"),
        ("a=b+c-d@e.org", "a=b+c-d@e.org"),
        ("O'Brien-Smith, Zoé", "O'Brien-Smith, Zoé"),
        ("Chargé-e d'études (H/F)", "Chargé-e d'études (H/F)"),
        ("", ""),
    ],
)
def test_formulas_get_an_apostrophe_and_all_else_stays(text: str, written: str) -> None:
    assert safe(text) == written


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_text_is_a_formula_for_any_separator(language: str) -> None:
    random = Random(5)
    parts = [*"=+-@;,|\t\r\n\" '\0a1\uff1d\u200b\u00a0\u2028\x1c", "cmd"]
    texts = ["".join(random.choices(parts, k=random.randrange(1, 9))) for _ in range(20_000)]
    rows = [["x", *texts[first : first + 7]] for first in range(0, len(texts), 7)]
    assert formulas(Sheet(language, ZONE).lines(rows)) == []


@needs_real_data
@pytest.mark.parametrize("language", ["en", "fr"])
def test_naughty_strings_are_no_formulas_and_come_back(language: str) -> None:
    strings = naughty_strings()
    content = Sheet(language, ZONE).lines([["x", text, text] for text in strings])
    assert formulas(content) == []
    rows = list(
        csv.reader(StringIO(content.decode(), newline=""), delimiter=";" if language == "fr" else ",")
    )
    assert [row[1].replace("'", "") for row in rows] == [
        text.replace("'", "").replace("\0", "") for text in strings
    ]
    assert {row[0] for row in rows} == {"x"}


def test_numbers_and_days_are_written_as_the_reader_does() -> None:
    row = ("Zoé", -3, 4.25, None, date(2026, 3, 2), datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
    assert Sheet("en", ZONE).lines([row]).decode() == "Zoé,-3,4.2,,2026-03-02,2026-03-03 00:30\r\n"
    assert Sheet("fr", ZONE).lines([row]).decode() == "Zoé;-3;4,2;;2026-03-02;2026-03-03 00:30\r\n"
