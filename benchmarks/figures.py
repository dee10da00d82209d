"""One line of the result: two contenders, a ratio over 1 where ours is ahead, an aim; its table and its JSON."""

import dataclasses
import json
import statistics
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Literal

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


def table_of(figures: Sequence[Figure]) -> str:
    """The same for people: a heading for each thing that is measured, below it a line of 80 for each contender."""
    lines = ["Over 1: ours is ahead.", "", _line("against", "ours", "theirs", "ratio", "aim", "")]
    for name, held in groupby(figures, key=lambda figure: f"{figure.name} ({figure.unit})"):
        lines += [name, *map(_line_of, held)]
    return "\n".join(lines)


def _line_of(figure: Figure) -> str:
    verdict = "met" if figure.is_met else "missed"
    return _line(
        figure.against,
        _readable(figure.ours),
        _readable(figure.theirs),
        f"{figure.ratio:.2f}",
        f"{figure.aim:g}",
        verdict,
    )


def _line(against: str, ours: str, theirs: str, ratio: str, aim: str, verdict: str) -> str:
    return f"  {against:<36}{ours:>10}{theirs:>10}{ratio:>7}{aim:>6}  {verdict}".rstrip()


def _readable(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.2f}"
