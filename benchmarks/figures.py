"""One line of the result: two contenders, a ratio over 1 where ours is ahead, an aim; its table and its JSON."""

import dataclasses
import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

Better = Literal["higher", "lower"]


@dataclasses.dataclass(frozen=True, slots=True)
class Figure:
    """Medians over the rounds; `ratio` is the median of the rounds' own ratios, not the ratio of the medians."""

    name: str
    ours: float
    theirs: float
    against: str
    unit: str
    ratio: float
    aim: float
    better: Better

    @property
    def is_met(self) -> bool:
        return self.ratio >= self.aim


def compared(
    name: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    *,
    against: str,
    unit: str,
    aim: float,
    better: Better,
) -> Figure:
    """Hold two series of rounds against each other, pair by pair. Raises ValueError when they do not pair."""
    pairs = list(zip(ours, theirs, strict=True))
    ratios = [mine / other if better == "higher" else other / mine for mine, other in pairs]
    return Figure(
        name=name,
        ours=round(statistics.median(ours), 3),
        theirs=round(statistics.median(theirs), 3),
        against=against,
        unit=unit,
        ratio=round(statistics.median(ratios), 2),
        aim=aim,
        better=better,
    )


def write_json(figures: Sequence[Figure], path: Path) -> None:
    """The list that other programs read; its form stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    listed = [dataclasses.asdict(figure) for figure in figures]
    path.write_text(json.dumps(listed, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def print_table(figures: Sequence[Figure], console: Console) -> None:
    """The same for people."""
    table = Table("", "ours", "theirs", "unit", "against", "ratio", "aim", "", title="Over 1: ours is ahead")
    for column in (1, 2, 5, 6):
        table.columns[column].justify = "right"
    for figure in figures:
        table.add_row(
            figure.name,
            _readable(figure.ours),
            _readable(figure.theirs),
            figure.unit,
            figure.against,
            f"{figure.ratio:.2f}",
            f"{figure.aim:g}",
            "met" if figure.is_met else "missed",
        )
    console.print(table)


def _readable(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.2f}"
