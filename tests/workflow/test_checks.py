"""What people send is bounded before it costs anything."""

import csv
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.support.real_data import INPUTS, needs_real_data
from workflow.checks import Checks, clean_line, clean_text

NAME_COLUMNS = ("given", "family", "Localized Name", "Romanized Name")


@pytest.mark.parametrize(
    "address", ["a" * 5_000_000, "a" * 5_000_000 + "@example.org", "é" * 1_000_000 + "@b.org"]
)
@pytest.mark.timeout(10)  # the validator alone would take longer
def test_an_endless_address_is_refused_at_once(address: str) -> None:
    checks = Checks({"email": address})
    checks.email("email")
    assert [error.message for error in checks.errors] == [
        "Use {maximum} characters at most; there are {length}."
    ]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("camille@exämple.org", []),
        ("a" * 64 + "@example.org", []),
        (
            "a" * 65 + "@example.org",
            [
                (
                    "Before the @ there may be {maximum} characters at most; there are {length}.",
                    {"maximum": 64, "length": 65},
                )
            ],
        ),
        (
            "é@exämple.org",
            [("Before the @ we can only take letters without accents, digits and ordinary signs.", {})],
        ),
        (
            "é@example.org",
            [("Before the @ we can only take letters without accents, digits and ordinary signs.", {})],
        ),
        ("Zoé <zoe@example.org>", [("Write the address in the form name@example.org.", {})]),
        ("é", [("Write the address in the form name@example.org.", {})]),
    ],
)
def test_what_stands_before_the_at_must_reach_somebody(address: str, said: list[Any]) -> None:
    checks = Checks({"email": address})
    checks.email("email")
    assert [(error.message, error.facts) for error in checks.errors] == said


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("2026-12-31", date(2026, 12, 31)),
        (date(2026, 12, 31), date(2026, 12, 31)),
        ("", None),
        (None, None),
        ("9999-12-31", "wrong"),
        (date(9999, 12, 31), "wrong"),
        ("1999-12-31", "wrong"),
        ("31/12/2026", "wrong"),
        ("2026-02-30", "wrong"),
    ],
)
def test_a_day_is_one_of_this_century(given: Any, read: Any) -> None:
    checks = Checks({"day": given})
    value = checks.day("day")
    assert ("wrong" if checks.errors else value) == read


def test_what_no_database_can_keep_is_left_out() -> None:
    assert clean_line("a\x00b\ud800c\u202ed\n e") == "abcd e"
    assert clean_text(" a\r\nb\ud83d\x00 ") == "a\nb"


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ("", True),
        ("+33 1 23 45 67 89", True),
        ("(0033) 1.23.45.67.89", True),
        ("01-23-45-67-89 poste 12", True),
        ("+1 (415) 555-0100 ext. 7", True),
        ("٠١٢٣٤٥٦٧٨٩", True),
        ("17 15", False),
        ("call me", False),
        ("+33 1 23 45 67 89<script>", False),
        ("1" * 21, False),
        ("+" * 39 + "1", False),
        ("1 " * 1_000_000, False),
    ],
)
@pytest.mark.timeout(10)
def test_a_phone_number_is_taken_as_people_write_it(given: str, is_taken: bool) -> None:
    checks = Checks({"phone": given})
    assert checks.phone("phone") == clean_line(given)
    assert len(checks.errors) == (0 if is_taken else 1)


@pytest.mark.parametrize(
    ("given", "is_taken"), [("", True), ("français, 日本語", True), ("123", False), ("-", False)]
)
def test_words_have_a_letter_in_them(given: str, is_taken: bool) -> None:
    checks = Checks({"languages": given})
    checks.words("languages", maximum=300)
    assert len(checks.errors) == (0 if is_taken else 1)


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ("Jean-Michel d’Ormesson", True),
        ("J.R.R. Tolkien", True),
        ("J.Smith s/o R.Kumar", True),
        ("M. l’abbé", True),
        (" Zoé \n", True),
        ("Click http://evil.example", False),
        ("ftp://evil.example", False),
        ("Win at WWW.evil.example", False),
        ("\uff57\uff57\uff57.evil.example", False),
        ("evil.example/prize", False),
        ("Zoé\nYou have won", False),
        ("Zoé\u2028You have won", False),
        ("Zoé\r\nBcc: a@example.org", False),
    ],
)
def test_a_name_is_a_name(given: str, is_taken: bool) -> None:
    checks = Checks({"name": given})
    checks.name("name", maximum=100)
    refused = ["Write a name on one line, without a web address."]
    assert [error.message for error in checks.errors] == ([] if is_taken else refused)


def names_of_the_world() -> Iterator[str]:
    for path in sorted((INPUTS / "names").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                yield from (row.get(column) or "" for column in NAME_COLUMNS)


@needs_real_data
def test_every_name_of_the_world_is_a_name() -> None:
    names = {name for name in names_of_the_world() if name.strip()}
    refused = []
    for name in names:
        checks = Checks({"name": name})
        checks.name("name", maximum=100)
        refused += [name for _ in checks.errors]
    assert (len(names) > 3000, refused) == (True, [])
