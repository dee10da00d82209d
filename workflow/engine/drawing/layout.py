"""Where everything is drawn: no label on another, none on a box, no line through a box or a label.

That holds by construction. In a layer things keep their distance and lines run straight through; between
two layers there is nothing but lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from workflow.engine.drawing.layers import Item, Layer, Layered, Link, Node, layered
from workflow.engine.drawing.placing import place

_ARROW = 7.0
_ARROW_HALF = 3.6
_PORT = 11.0
_LOOP = 26.0
_LOOP_HALF = 7.0
_MARGIN = 5.0
_CHANNEL = 14.0
_CHANNEL_MOST = 44.0
_SLOPE = 0.14

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, by its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Route:
    """How a link is drawn: curves (a point, then three for each cubic piece) from its source to its target.

    `head` is the arrowhead: its tip, then its two other corners.
    """

    curves: tuple[tuple[Point, ...], ...]
    head: tuple[Point, Point, Point]
    label: Box


@dataclass(frozen=True, slots=True)
class Plan:
    """A finished layout."""

    width: float
    height: float
    boxes: dict[str, Box]
    routes: dict[Link, Route]


def plan(nodes: Sequence[Node], links: Sequence[Link], *, sideways: bool, bound: float) -> Plan:
    """Lay out boxes and arrows, from top to bottom or, `sideways`, from left to right; the first node is the root.

    `bound` is what the size across the flow should keep to; only what is wider by itself goes beyond.
    """
    loops = {link.source: link for link in links if link.source == link.target}
    rooms = {node: _LOOP + loops[node.name].across if node.name in loops else 0.0 for node in nodes}
    ordered = layered(rooms, links)
    for node in nodes:
        _make_room(ordered.nodes[node.name], node, loops.get(node.name))
    across = place(ordered.layers, bound - 2 * _MARGIN)
    bands, along = _bands(ordered.layers)
    pen, depths = _Pen(ordered, bands, sideways), {node.name: node.along for node in nodes}
    width, height = pen.point(across + _MARGIN, along + _MARGIN)
    boxes = {node.name: pen.node_box(node) for node in nodes}
    routes = {link: pen.loop(link) if link in loops.values() else pen.route(link, depths) for link in links}
    return Plan(width, height, boxes, routes)


def _make_room(item: Item, node: Node, loop: Link | None) -> None:
    """Along the flow for the arrowheads at both ends; across it for all the lines that touch the box."""
    item.along = max(node.along, loop.along if loop else 0.0) + 2 * _ARROW
    lines = max(len(item.above), len(item.below))
    wider = max(0.0, _PORT * (lines + 1) / 2 - item.before) if lines > 1 else 0.0
    item.before += wider
    item.after += wider


@dataclass(frozen=True, slots=True)
class _Band:
    """What a layer takes along the flow, and the middle of each of its rows."""

    start: float
    end: float
    middles: tuple[float, ...]


def _bands(layers: Sequence[Layer]) -> tuple[dict[Item, _Band], float]:
    bands: dict[Item, _Band] = {}
    along = 0.0
    for layer in layers:
        start, middles = along, []
        for row in range(1 + max(item.row or 0 for item in layer)):
            size = max(item.along for item in layer if item.row == row)
            middles.append(along + size / 2)
            along += size
        bands |= dict.fromkeys(layer, _Band(start, along, tuple(middles)))
        along += _channel(layer)
    return bands, along - _CHANNEL  # the last layer leads nowhere


def _channel(layer: Layer) -> float:
    """The room for lines before the next layer: more of it where they go far across."""
    gaps = [
        abs(each.upper.at + each.from_upper - each.lower.at - each.from_lower)
        for item in layer
        for each in item.below
    ]
    return min(_CHANNEL_MOST, _CHANNEL + _SLOPE * max(gaps, default=0.0))


@dataclass(frozen=True, slots=True)
class _Pen:
    """Turns places across and along the flow into the points of a drawing."""

    ordered: Layered
    bands: dict[Item, _Band]
    sideways: bool

    def point(self, across: float, along: float) -> Point:
        """A point of the drawing."""
        return (along + _MARGIN, across + _MARGIN) if self.sideways else (across + _MARGIN, along + _MARGIN)

    def box(self, across: float, along: float, wide: float, deep: float) -> Box:
        """A rectangle of the drawing, by its place at the start of both directions."""
        x, y = self.point(across, along)
        return Box(x, y, deep, wide) if self.sideways else Box(x, y, wide, deep)

    def node_box(self, node: Node) -> Box:
        """Where a node's box is."""
        item = self.ordered.nodes[node.name]
        return self.box(item.at - item.before, self._top(item, node.along), 2 * item.before, node.along)

    def route(self, link: Link, depths: dict[str, float]) -> Route:
        """From box to box, broken where the label is. `depths`: how deep the boxes are."""
        chain, label = self.ordered.chains[link], self.ordered.labels[link]
        middle = chain.index(label)
        upper_name, lower_name = self.ordered.ends(link)
        start = self._top(chain[0], depths[upper_name]) + depths[upper_name]
        top = self._top(label, label.along)
        end = self._top(chain[-1], depths[lower_name])
        backward = link in self.ordered.backward
        first = self._knots(chain[: middle + 1], start + (_ARROW if backward else 0.0), top)
        second = self._knots(chain[middle:], top + label.along, end - (0.0 if backward else _ARROW))
        curves = [second[::-1], first[::-1]] if backward else [first, second]
        return Route(
            tuple(self._curve(knots) for knots in curves),
            self._head(curves[1][-1], -_ARROW if backward else _ARROW),
            self.box(label.at - label.before, top, link.across, link.along),
        )

    def loop(self, link: Link) -> Route:
        """From a box out and back to it, with the label beyond."""
        item = self.ordered.nodes[link.source]
        edge, middle = item.at + item.before, self._middle(item)
        out, back = middle - _LOOP_HALF, middle + _LOOP_HALF
        bend = [(edge, out), (edge + _LOOP, out), (edge + _LOOP, back), (edge + _ARROW, back)]
        corners = [(edge, back), (edge + _ARROW, back - _ARROW_HALF), (edge + _ARROW, back + _ARROW_HALF)]
        tip, left, right = (self.point(*corner) for corner in corners)
        label = self.box(edge + _LOOP, middle - link.along / 2, link.across, link.along)
        return Route((tuple(self.point(*each) for each in bend),), (tip, left, right), label)

    def _middle(self, item: Item) -> float:
        return self.bands[item].middles[item.row or 0]

    def _top(self, item: Item, depth: float) -> float:
        return self._middle(item) - depth / 2

    def _knots(self, chain: Sequence[Item], start: float, end: float) -> list[Point]:
        """Where the line enters and leaves each layer on its way, across and along."""
        segments = [next(each for each in a.below if each.lower is b) for a, b in pairwise(chain)]
        knots = [(chain[0].at + segments[0].from_upper, start)]
        for segment in segments:
            knots.append((segment.upper.at + segment.from_upper, self.bands[segment.upper].end))
            knots.append((segment.lower.at + segment.from_lower, self.bands[segment.lower].start))
        return [*knots, (knots[-1][0], end)]

    def _curve(self, knots: Sequence[Point]) -> tuple[Point, ...]:
        """Every piece leaves and arrives along the flow, so that it keeps to the room between its ends."""
        points = [self.point(*knots[0])]
        for (across, along), (next_across, next_along) in pairwise(knots):
            if (across, along) != (next_across, next_along):
                half = (along + next_along) / 2
                points += map(self.point, (across, next_across, next_across), (half, half, next_along))
        return tuple(points)

    def _head(self, base: Point, length: float) -> tuple[Point, Point, Point]:
        across, along = base
        return (
            self.point(across, along + length),
            self.point(across - _ARROW_HALF, along),
            self.point(across + _ARROW_HALF, along),
        )
