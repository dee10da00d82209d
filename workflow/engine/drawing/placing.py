"""Where everything in its layer stands across the flow: apart from each other, and as straight as that allows."""

from collections.abc import Sequence
from dataclasses import dataclass

from workflow.engine.drawing.layers import Item, Layer

_GAP = 10.0
_LINE_GAP = 7.0
_SWEEPS = 18
_LAST = 10
_STRAIGHT = 6.0


def place(layers: Sequence[Layer], bound: float) -> float:
    """Give each item its row and its place; returns the width that was used, from 0 on.

    A layer that does not fit within the bound gets more rows, its items by turns; where even one item a
    row does not fit, the bound gives way.
    """
    _attach(layers)
    spacings = [_staggered(layer, bound) for layer in layers]
    width = max(bound, *(spacing.width for spacing in spacings))
    for spacing in spacings:
        spacing.settle([bound / 2] * len(spacing.layer), width)
    for sweep in range(_SWEEPS):
        down, both = sweep % 2 == 0, sweep >= _SWEEPS - _LAST
        for spacing in spacings if down else reversed(spacings):
            wishes = [_wish(item, above=down or both, below=both or not down) for item in spacing.layer]
            spacing.settle(wishes, width)
    return _moved_to_the_edge([item for layer in layers for item in layer])


def _attach(layers: Sequence[Layer]) -> None:
    """Spread the ends of the lines over the width of what they touch, in the order of where they go."""
    places = {item: place for layer in layers for place, item in enumerate(layer)}
    for item in places:
        item.above.sort(key=lambda segment: places[segment.upper])
        item.below.sort(key=lambda segment: places[segment.lower])
        for segment, port in zip(item.above, _ports(item, len(item.above)), strict=True):
            segment.from_lower = port
        for segment, port in zip(item.below, _ports(item, len(item.below)), strict=True):
            segment.from_upper = port


def _ports(item: Item, number: int) -> list[float]:
    return [item.before * (2 * (index + 1) / (number + 1) - 1) for index in range(number)]


@dataclass(frozen=True, slots=True)
class _Spacing:
    """A layer, and how far apart any two of it must be, whatever stands between them."""

    layer: Layer
    apart: Sequence[Sequence[float]]

    @property
    def width(self) -> float:
        """The least that the layer can do with."""
        lowest = self._pushed_on([item.before for item in self.layer])
        return max(place + item.after for place, item in zip(lowest, self.layer, strict=True))

    def settle(self, wishes: Sequence[float], width: float) -> None:
        """Each as near to its wish as the others allow.

        It is the mean of two solutions, one that gives way onwards and one back; so it keeps all distances too.
        """
        lowest = self._pushed_on([item.before for item in self.layer])
        highest = self._pushed_back([width - item.after for item in self.layer])
        within = [min(max(each, low), high) for each, low, high in zip(wishes, lowest, highest, strict=True)]
        ways = zip(self._pushed_on(within), self._pushed_back(within), strict=True)
        for item, (onwards, back) in zip(self.layer, ways, strict=True):
            item.at = (onwards + back) / 2

    def _pushed_on(self, wishes: Sequence[float]) -> list[float]:
        places: list[float] = []
        for index, wish in enumerate(wishes):
            places.append(
                max([wish, *(place + self.apart[left][index] for left, place in enumerate(places))])
            )
        return places

    def _pushed_back(self, wishes: Sequence[float]) -> list[float]:
        places = list(wishes)
        for index in range(len(places) - 2, -1, -1):
            behind = range(index + 1, len(places))
            places[index] = min(
                places[index], *(places[right] - self.apart[index][right] for right in behind)
            )
        return places


def _staggered(layer: Layer, bound: float) -> _Spacing:
    """In the fewest rows that keep to the bound; if none do, in the fewest that are narrowest."""
    best, rows = _in_rows(layer, 1), 1
    for more in range(2, 1 + sum(item.along > 0 for item in layer)):
        if best.width <= bound:
            break
        spacing = _in_rows(layer, more)
        if spacing.width < best.width:
            best, rows = spacing, more
    return _in_rows(layer, rows)


def _in_rows(layer: Layer, rows: int) -> _Spacing:
    for index, item in enumerate(item for item in layer if item.along > 0):
        item.row = index % rows
    return _Spacing(layer, [[_apart(left, right) for right in layer] for left in layer])


def _apart(left: Item, right: Item) -> float:
    if left.row is not None and left.row == right.row:
        return left.after + _GAP + right.before
    beside_left = left.after + _reach(right) if left.row is not None else 0.0
    beside_right = _reach(left) + right.before if right.row is not None else 0.0
    return _LINE_GAP + max(beside_left, beside_right, _reach(left) + _reach(right))


def _reach(item: Item) -> float:
    """How far from its centre an item's lines run, through the rows where it does not stand itself."""
    ports = [segment.from_lower for segment in item.above] + [segment.from_upper for segment in item.below]
    return max(map(abs, ports), default=0.0)


def _wish(item: Item, *, above: bool, below: bool) -> float:
    """Where the item's lines would be straightest; lines between lines matter more than their ends at boxes."""
    straight = [
        (each.upper, each.upper.at + each.from_upper - each.from_lower) for each in item.above if above
    ]
    straight += [
        (each.lower, each.lower.at + each.from_lower - each.from_upper) for each in item.below if below
    ]
    weights = [_STRAIGHT if _is_line(item) and _is_line(other) else 1.0 for other, _ in straight]
    if not straight:
        return item.at
    return sum(weight * at for weight, (_, at) in zip(weights, straight, strict=True)) / sum(weights)


def _is_line(item: Item) -> bool:
    return len(item.above) == len(item.below) == 1


def _moved_to_the_edge(items: Sequence[Item]) -> float:
    edge = min(item.at - item.before for item in items)
    for item in items:
        item.at -= edge
    return max(item.at + item.after for item in items)
