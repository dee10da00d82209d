"""The SVG of a machine, and of one subject in it: where it stands, the way it came, where the viewer may move it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from workflow.engine.drawing import svg
from workflow.engine.drawing.captions import Captions
from workflow.engine.drawing.journey import START, Journey, Words, ways
from workflow.engine.drawing.layers import Link, Node
from workflow.engine.drawing.layout import Box, Plan, plan
from workflow.engine.drawing.lettering import Line, block_size
from workflow.engine.drawing.looks import LINES, style_of_a_file
from workflow.engine.drawing.telling import in_words
from workflow.engine.machine import Machine

WIDTH = 352.0
"""What an upright drawing keeps to, so that a phone of 390 px shows it without scrolling."""

_UPRIGHT, _SIDEWAYS = (104.0, 88.0), (130.0, 120.0)
_PADDING_X, _PADDING_Y = 9.0, 7.0
_MARK_GAP = 5.0
_LABEL_MARGIN = 3.0
_DOT = 10.0
_ENDLESS = 100_000.0
_REM = 16.0

Mark = Callable[[str], str]
"""From a state to what is inside an SVG of 16 × 16, drawn before the state's label; it is not escaped."""


def no_mark(_state: str) -> str:
    """States have their names alone."""
    return ""


def draw(
    machine: type[Machine],
    words: Words,
    *,
    title: str,
    journey: Journey | None = None,
    sideways: bool = False,
    standalone: bool = False,
    name: str = "drawing",
    mark: Mark = no_mark,
) -> str:
    """One `<svg>`, the same for the same arguments: from top to bottom, or `sideways`.

    `standalone`: a file with colours of its own; else it takes the page's custom properties, and the class
    `tone-…` of a state may bring a `--tone`. `name` begins its ids. A step that the machine does not
    know (any more) has no arrow: it is told in the words alone.
    """
    captions = Captions(words, journey, ways(machine), *(_SIDEWAYS if sideways else _UPRIGHT))
    sketch = _sketch(captions, {state: mark(state) for state in machine.state_ids()}, sideways=sideways)
    layout = plan(sketch.nodes, sketch.links, sideways=sideways, bound=_ENDLESS if sideways else WIDTH)
    unit, suffix = (1.0, "") if standalone else (_REM, "rem")
    frame = {
        **({"xmlns": "http://www.w3.org/2000/svg"} if standalone else {}),
        "class": "drawing",
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-desc",
        "viewBox": f"0 0 {layout.width:.1f} {layout.height:.1f}",
        "width": f"{layout.width / unit:.3f}{suffix}",
        "height": f"{layout.height / unit:.3f}{suffix}",
    }
    told = escape(" ".join(in_words(machine, words, journey)))
    head = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{told}</desc>'
    style = style_of_a_file() if standalone else ""
    return f"<svg{svg.attributes(frame)}>{head}{style}{''.join(sketch.drawn(layout))}</svg>"


@dataclass(frozen=True, slots=True)
class _Sketch:
    """What is to be drawn: texts and looks, marks, boxes and arrows with their sizes."""

    captions: Captions
    marks: Mapping[str, str]
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]

    def drawn(self, layout: Plan) -> Iterator[str]:
        """Lines first, those that matter most over the others; then boxes, then words."""
        for look in LINES:
            for link in self.links:
                if look in self.captions.link_looks(link.ends):
                    yield svg.arrow(layout.routes[link], look)
        for state, box in layout.boxes.items():
            yield svg.dot(box) if state == START else self._state(state, box)
        for link in self.links:
            yield svg.text(self.captions.link_lines(link.ends), *svg.middle(layout.routes[link].label))

    def _state(self, state: str, box: Box) -> str:
        look, lines = self.captions.state_look(state), self.captions.state_lines(state)
        x, y = svg.middle(box)
        if room := _room(self.marks[state]):
            left = box.x + (box.width - block_size(lines)[0] - room) / 2
            mark = svg.mark(self.marks[state], left, y, look)
            inner = mark + svg.text(lines, left + room, y, anchor="start")
        else:
            inner = svg.text(lines, x, y)
        return f'<g class="state-{look} tone-{escape(state)}">{svg.frame(box, look)}{inner}</g>'


def _sketch(captions: Captions, marks: Mapping[str, str], *, sideways: bool) -> _Sketch:
    def turned(size: tuple[float, float]) -> tuple[float, float]:
        return size[::-1] if sideways else size

    nodes = (
        Node(state, *turned(_state_size(captions.state_lines(state), mark))) for state, mark in marks.items()
    )
    links = (Link(*ends, *turned(_label_size(captions.link_lines(ends)))) for ends in captions.ways)
    return _Sketch(captions, marks, (Node(START, _DOT, _DOT), *nodes), tuple(links))


def _state_size(lines: Sequence[Line], mark: str) -> tuple[float, float]:
    width, height = block_size(lines)
    return width + _room(mark) + 2 * _PADDING_X, height + 2 * _PADDING_Y


def _room(mark: str) -> float:
    return svg.MARK + _MARK_GAP if mark else 0.0


def _label_size(lines: Sequence[Line]) -> tuple[float, float]:
    width, height = block_size(lines)
    return width + 2 * _LABEL_MARGIN, height + 2 * _LABEL_MARGIN
