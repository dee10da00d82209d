"""A ratio over 1 means that ours is ahead, whichever way is better; noise that hits a pair alike cancels out."""

import json
from pathlib import Path

import pytest

from benchmarks.figures import Better, Figure, compared, table_of, write_json


@pytest.mark.parametrize(
    ("better", "ours", "theirs", "ratio", "is_met"),
    [
        ("higher", [300.0], [100.0], 3.0, True),
        ("higher", [100.0], [300.0], 0.33, False),
        ("lower", [1.0], [2.0], 2.0, True),
        ("lower", [4.0], [2.0], 0.5, False),
    ],
)
def test_ratio_over_one_means_that_ours_is_ahead(
    better: Better, ours: list[float], theirs: list[float], ratio: float, is_met: bool
) -> None:
    figure = compared("moves", ours, theirs, against="SQL", unit="ms", aim=2, better=better)
    assert (figure.ratio, figure.is_met) == (ratio, is_met)


def test_ratio_is_of_rounds_that_took_turns() -> None:
    ours, theirs = [200.0, 20.0, 190.0], [100.0, 10.0, 100.0]
    assert compared("moves", ours, theirs, against="SQL", unit="moves/s", aim=2, better="higher") == Figure(
        "moves", ours=190.0, theirs=100.0, against="SQL", unit="moves/s", ratio=2.0, aim=2, better="higher"
    )


def test_rounds_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compared("moves", [1.0, 2.0], [1.0], against="SQL", unit="ms", aim=2, better="lower")


def test_file_has_the_form_that_others_rely_on(tmp_path: Path) -> None:
    figure = compared("é", [2.0], [4.0], against="SQL", unit="ms", aim=0.4, better="lower")
    write_json([figure], tmp_path / "var" / "bench.json")
    assert json.loads((tmp_path / "var" / "bench.json").read_text(encoding="utf-8")) == [
        {
            "name": "é",
            "ours": 2.0,
            "theirs": 4.0,
            "against": "SQL",
            "unit": "ms",
            "ratio": 2.0,
            "aim": 0.4,
            "better": "lower",
        }
    ]


def test_table_keeps_names_whole_in_eighty_columns() -> None:
    name, limit, django = (
        "PostgreSQL, 8 at once: latency, 95th of 100",
        "SQL by hand, asyncpg 0.31.0",
        "Django",
    )
    figures = [
        compared(name, [12345.6], [9.5], against=limit, unit="ms", aim=0.4, better="lower"),
        compared(name, [3.0], [9.0], against=django, unit="ms", aim=2, better="lower"),
        compared("Computing", [3.0], [9.0], against=django, unit="ms a move", aim=2, better="lower"),
    ]
    assert table_of(figures) == (
        "Over 1: ours is ahead.\n"
        "\n"
        "  against                                   ours    theirs  ratio   aim\n"
        "PostgreSQL, 8 at once: latency, 95th of 100 (ms)\n"
        "  SQL by hand, asyncpg 0.31.0             12,346      9.50   0.00   0.4  missed\n"
        "  Django                                    3.00      9.00   3.00     2  met\n"
        "Computing (ms a move)\n"
        "  Django                                    3.00      9.00   3.00     2  met"
    )
