"""The elements of a drawing, written as SVG; every text is escaped."""

from collections.abc import Mapping, Sequence
from html import escape

from workflow.engine.drawing.layout import Box, Point, Route
from workflow.engine.drawing.lettering import Line
from workflow.engine.drawing.looks import BOXES, DOT, LINES, MARKS, TEXTS

MARK = 14.0
"""The size of the mark before a state's label."""

_MARK_DRAWN = 16.0
_BASELINE = 0.98
"""Where letters stand in their line, counted from its top in sizes of the font."""


def attributes(values: Mapping[str, str]) -> str:
    """For a tag, with a space before each."""
    return "".join(f' {name}="{escape(value)}"' for name, value in values.items())


def middle(box: Box) -> Point:
    """The centre of a rectangle."""
    return box.x + box.width / 2, box.y + box.height / 2


def arrow(route: Route, look: str) -> str:
    """A link's line in one look, with its head."""
    line = " ".join(_path(curve) for curve in route.curves)
    head = " L".join(_at(point) for point in route.head)
    colour = LINES[look]["stroke"]
    return (
        f'<path class="link link-{look}" d="{line}" fill="none"{attributes(LINES[look])}/>'
        f'<path d="M{head}Z" fill="{colour}"/>'
    )


def dot(box: Box) -> str:
    """Where everything begins."""
    x, y = middle(box)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{min(box.width, box.height) / 2:.1f}"{attributes(DOT)}/>'


def frame(box: Box, look: str) -> str:
    """The box of a state."""
    sizes = {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "rx": 4.0}
    return (
        f"<rect{attributes({name: f'{size:.1f}' for name, size in sizes.items()})}{attributes(BOXES[look])}/>"
    )


def mark(inner: str, x: float, y: float, look: str) -> str:
    """A drawn mark with its left edge at x and its middle at y; `inner` is trusted."""
    scale = MARK / _MARK_DRAWN
    place = f"translate({x:.1f} {y - MARK / 2:.1f}) scale({scale:g})"
    return f'<g{attributes(MARKS[look])}><g class="mark" transform="{place}">{inner}</g></g>'


def text(lines: Sequence[Line], x: float, y: float, *, anchor: str = "middle") -> str:
    """Lines under each other around a height, each centred at x, or beginning there (`anchor="start"`)."""
    top, written = y - sum(line.height for line in lines) / 2, []
    for line in lines:
        baseline = top + line.gap + line.size * _BASELINE
        look = attributes(TEXTS[line.look])
        written.append(
            f'<text class="text-{line.look}" x="{x:.1f}" y="{baseline:.1f}" font-size="{line.size:g}"'
            f' text-anchor="{anchor}"{look}>{escape(line.text)}</text>'
        )
        top += line.height
    return "".join(written)


def _path(curve: Sequence[Point]) -> str:
    pieces = []
    for index in range(1, len(curve), 3):
        before, one, two, end = curve[index - 1 : index + 3]
        straight = before[0] == one[0] == two[0] == end[0] or before[1] == one[1] == two[1] == end[1]
        pieces.append(f"L{_at(end)}" if straight else f"C{_at(one)} {_at(two)} {_at(end)}")
    return f"M{_at(curve[0])}{''.join(pieces)}"


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
