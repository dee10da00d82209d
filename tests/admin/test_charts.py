"""Charts: axes from zero, lengths in proportion, words that say the same, nothing cut."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from admin.kit.charts import NARROW, WIDE, Bar, Caption, Column, bars_chart, columns_chart, ticks
from workflow.engine.drawing.lettering import text_width

CAPTION = Caption("c", "Applications <a day>", "From 1 to 3 & on")


def parsed(drawn: str) -> list[ET.Element]:
    """Both drawings, each by its own as a program reads it."""
    return [ET.fromstring(each) for each in re.findall("<svg.*?</svg>", drawn)]  # noqa: S314  # our own


def number(value: float) -> str:
    return f"{value:g}"


def boxes(svg: ET.Element, look: str = "fill") -> list[tuple[float, float, float, float]]:
    found = [rect for rect in svg.iter("rect") if str(rect.get("class")).split()[0] == look]
    return [tuple(float(str(rect.get(name))) for name in ("x", "y", "width", "height")) for rect in found]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("largest", "marks"),
    [
        (0, (0, 1)),
        (0.3, (0, 1)),
        (1, (0, 1)),
        (4, (0, 1, 2, 3, 4)),
        (6, (0, 2, 4, 6)),
        (11, (0, 5, 10, 15)),
        (37, (0, 10, 20, 30, 40)),
        (101, (0, 50, 100, 150)),
        (1_000_000, (0, 200_000, 400_000, 600_000, 800_000, 1_000_000)),
    ],
)
def test_ticks_are_round_begin_at_zero_and_reach_the_largest(
    largest: float, marks: tuple[float, ...]
) -> None:
    assert ticks(largest) == marks


def test_columns_stand_on_zero_and_are_as_high_as_their_numbers() -> None:
    columns = [Column(str(value), value, f"day {value}") for value in (0, 3, 12, 6)]
    for svg in parsed(columns_chart(CAPTION, columns, number)):
        found = boxes(svg)
        assert {round(y + height, 1) for _, y, _, height in found} == {192.0}
        heights = [height for *_, height in found]
        assert [round(height / heights[2], 3) for height in heights] == [0, 0.25, 1, 0.5]
        texts = [text.text for text in svg.iter("text")]
        assert texts[:4] == ["0", "5", "10", "15"]
        assert [each.text for each in svg.iter("title")][1:] == ["day 0", "day 3", "day 12", "day 6"]


def test_bars_are_as_long_as_their_numbers_and_the_line_goes_on() -> None:
    bars = [Bar("A", 2, "2", "submitted", 8), Bar("B", 4, "4"), Bar("C", 0, "none")]
    for svg in parsed(bars_chart(CAPTION, bars, number)):
        width = float(str(svg.get("viewBox")).split()[2])
        assert [(x, round(length / width, 3)) for x, _, length, _ in boxes(svg)] == [
            (0, 0.25),
            (0, 0.5),
            (0, 0),
        ]
        (line,) = [path for path in svg.iter("path") if str(path.get("class")).startswith("beyond")]
        assert f"H{width:.1f}" in str(line.get("d"))
        assert line.get("class") == "beyond tone-submitted"
    for svg in parsed(bars_chart(CAPTION, bars[1:])):
        assert boxes(svg)[0][2] == float(str(svg.get("viewBox")).split()[2])


def test_a_chart_says_what_it_shows_and_escapes_it() -> None:
    wide, narrow = parsed(columns_chart(CAPTION, [Column("<1>", 1, "<b>")], number))
    assert (wide.get("viewBox"), narrow.get("viewBox")) == (f"0 0 {WIDE:g} 214.8", f"0 0 {NARROW:g} 214.8")
    for svg, name in ((wide, "wide"), (narrow, "narrow")):
        assert (svg.get("role"), svg.get("aria-labelledby")) == ("img", f"c-{name}-title")
        assert svg.get("aria-describedby") == f"c-{name}-desc"
        title, desc = svg[0], svg[1]
        assert (title.get("id"), title.text) == (f"c-{name}-title", "Applications <a day>")
        assert (desc.get("id"), desc.text) == (f"c-{name}-desc", "From 1 to 3 & on")


LONG = "Laboratoire d’histoire des techniques et des archives, sous considération depuis longtemps"


@pytest.mark.parametrize("count", [1, 2, 7, 30, 92, 366])
def test_no_text_is_cut_or_lies_on_another(count: int) -> None:
    columns = [Column(f"{day} septembre", day, "x") for day in range(count)]
    bars = [Bar(LONG, 3, "24 jours ; 9 sur 10 en 26 jours (1 234)"), Bar("Reçues", 1, "100 %")]
    drawings = parsed(columns_chart(CAPTION, columns, lambda value: f"{value:,.0f}"))
    drawings += parsed(bars_chart(CAPTION, bars, lambda value: f"{value:g} jours"))
    for svg in drawings:
        _, _, width, height = (float(each) for each in str(svg.get("viewBox")).split())
        lines: dict[float, list[tuple[float, float]]] = {}
        for text in svg.iter("text"):
            size, x, y = (float(str(text.get(name))) for name in ("font-size", "x", "y"))
            length = text_width(str(text.text), size, bold=text.get("class") == "text-label")
            begins = x - {"start": 0, "middle": 0.5, "end": 1}[str(text.get("text-anchor"))] * length
            assert begins >= -0.1
            assert begins + length <= width + 0.1
            assert size <= y <= height
            lines.setdefault(y, []).append((begins, begins + length))
        for spans in lines.values():
            assert all(before[1] <= after[0] for before, after in pairwise(sorted(spans)))


def test_a_chart_of_nothing_is_drawn_too() -> None:
    for drawn in (
        columns_chart(CAPTION, [], number),
        bars_chart(CAPTION, [], number),
        bars_chart(CAPTION, []),
    ):
        assert len(parsed(drawn)) == 2
