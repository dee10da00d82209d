"""A drawing read back from its SVG, and what is wrong with it: things that overlap or leave the picture."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from workflow.engine.drawing.lettering import text_width

Point = tuple[float, float]
_SAMPLES = 24


@dataclass(frozen=True)
class Rect:
    what: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Rect") -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        return across > 0.2 and min(self.bottom, other.bottom) - max(self.top, other.top) > 0.2

    def holds(self, x: float, y: float) -> bool:
        """Whether a point is inside, and not just at the border."""
        return self.left + 1 < x < self.right - 1 and self.top + 1 < y < self.bottom - 1

    def contains(self, other: "Rect") -> bool:
        within = self.left <= other.left and other.right <= self.right
        return within and self.top <= other.top and other.bottom <= self.bottom


@dataclass(frozen=True)
class Drawn:
    """What stands in a drawing; `labels` are the texts of states, each with the box it belongs to."""

    frame: Rect
    boxes: list[Rect]
    labels: list[tuple[Rect, Rect]]
    captions: list[Rect]
    lines: list[list[Point]]


def read(svg: str) -> Drawn:
    root = fromstring(re.sub(r' xmlns="[^"]+"', "", svg))
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    states = [(_box(group), group) for group in root.findall("g")]
    return Drawn(
        frame=Rect("the drawing", 0, 0, width, height),
        boxes=[box for box, _ in states],
        labels=[(_text(text), box) for box, group in states for text in group.findall("text")],
        captions=[_text(text) for text in root.findall("text")],
        lines=[list(_points(path.attrib["d"])) for path in root.findall("path")],
    )


def problems(drawn: Drawn) -> list[str]:
    """Everything that makes a drawing illegible."""
    things = [*drawn.boxes, *drawn.captions]
    labels = [label for label, _ in drawn.labels]
    pairs = [*combinations(things, 2), *combinations(labels, 2)]
    found = [f"“{a.what}” is on “{b.what}”" for a, b in pairs if a.overlaps(b)]
    found += [f"“{thing.what}” leaves the drawing" for thing in things if not drawn.frame.contains(thing)]
    found += [f"“{label.what}” leaves its box" for label, box in drawn.labels if not box.contains(label)]
    for line in drawn.lines:
        found += [
            f"a line runs through “{each.what}”" for each in things if any(each.holds(*at) for at in line)
        ]
        found += [] if all(drawn.frame.holds(*at) for at in line) else ["a line leaves the drawing"]
    return found


def _box(group: Element) -> Rect:
    rect = group.find("rect")
    assert rect is not None
    x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
    return Rect(" ".join(text.text or "" for text in group.findall("text")), x, y, x + width, y + height)


def _text(text: Element) -> Rect:
    words, size = text.text or "", float(text.attrib["font-size"])
    width = text_width(words, size, bold="font-weight" in text.attrib)
    left = float(text.attrib["x"]) - (width / 2 if text.attrib["text-anchor"] == "middle" else 0)
    baseline = float(text.attrib["y"])
    return Rect(words, left, baseline - 0.75 * size, left + width, baseline + 0.25 * size)


def _points(path: str) -> Iterator[Point]:
    """Points along a path of absolute M, L, C and Z."""
    at = (0.0, 0.0)
    for command, numbers in re.findall(r"([MLC])([^MLCZ]*)", path):
        values = list(map(float, numbers.split()))
        points = list(zip(values[::2], values[1::2], strict=True))
        curve = [at, *points] if command == "C" else [at, at, points[0], points[0]]
        if command != "M":
            yield from (_on(curve, step / _SAMPLES) for step in range(_SAMPLES + 1))
        at = points[-1]


def _on(curve: list[Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    x, y = (
        sum(weight * point[axis] for weight, point in zip(weights, curve, strict=True)) for axis in (0, 1)
    )
    return x, y
