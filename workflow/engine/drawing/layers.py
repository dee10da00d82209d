"""Which layer everything stands in, and in which order: links cross as little as the order can help."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_SWEEPS = 8


@dataclass(frozen=True, slots=True)
class Node:
    """A box to draw; sizes are across the flow and along it."""

    name: str
    across: float
    along: float


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow to draw, and the size of its label."""

    source: str
    target: str
    across: float
    along: float

    @property
    def ends(self) -> tuple[str, str]:
        """From where to where."""
        return self.source, self.target


@dataclass(eq=False, slots=True)
class Item:
    """What has a place in a layer: a node, the label of a link, or a link that only passes (no size).

    It reaches `before` and `after` its centre `at`. `row`: the layers that are too full for one row
    have several; lines go through all of them, straight.
    """

    before: float = 0.0
    after: float = 0.0
    along: float = 0.0
    at: float = 0.0
    row: int | None = None
    above: list["Segment"] = field(default_factory=list)
    below: list["Segment"] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Segment:
    """The piece of a link between two layers; where it touches its items, counted from their centres."""

    upper: Item
    lower: Item
    from_upper: float = 0.0
    from_lower: float = 0.0


Layer = list[Item]


@dataclass(frozen=True, slots=True)
class Layered:
    """Layers from first to last; the item of each node, the chain of items of each link and where its label is.

    `backward`: the links that point against the flow. Their chains run with it. A link from a node to itself
    has no chain.
    """

    layers: tuple[Layer, ...]
    nodes: dict[str, Item]
    chains: dict[Link, tuple[Item, ...]]
    labels: dict[Link, Item]
    backward: frozenset[Link]

    def ends(self, link: Link) -> tuple[str, str]:
        """The nodes at the upper and at the lower end of a link."""
        return _with_the_flow(link, self.backward)


def layered(nodes: Mapping[Node, float], links: Sequence[Link]) -> Layered:
    """Nodes (each with the room that it needs after it) and links, in ordered layers; the first node is the root.

    Layers alternate: nodes, labels of links, nodes… So nothing but lines is ever between two layers.
    """
    names = [node.name for node in nodes]
    backward = _backward(names, links)
    ways = {link: _with_the_flow(link, backward) for link in links if link.source != link.target}
    ranks = _ranks(names, ways.values())
    layers: tuple[Layer, ...] = tuple([] for _ in range(2 * max(ranks.values(), default=0) + 1))
    items = {}
    for node, room in nodes.items():
        item = Item(node.across / 2, node.across / 2 + room, node.along)
        items[node.name] = item
        layers[2 * ranks[node.name]].append(item)
    labels = _labels({link: (ranks[upper], ranks[lower]) for link, (upper, lower) in ways.items()}, layers)
    chains = {}
    for link, (upper, lower) in ways.items():
        between = range(2 * ranks[upper] + 1, 2 * ranks[lower])
        middle = [_passing(layers[index], labels[link]) for index in between]
        chains[link] = (items[upper], *middle, items[lower])
        _join(chains[link])
    _order(layers)
    return Layered(layers, items, chains, labels, backward)


def _backward(names: Sequence[str], links: Sequence[Link]) -> frozenset[Link]:
    """The links that lead back to where a walk from the root has come through: turned round, no cycle is left."""
    leaving: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        leaving[link.source].append(link)
    backward, open_names, seen = set(), set(), set()

    def walk(name: str) -> None:
        seen.add(name)
        open_names.add(name)
        for link in leaving[name]:
            if link.target in open_names:
                backward.add(link)
            elif link.target not in seen:
                walk(link.target)
        open_names.discard(name)

    for name in names:
        if name not in seen:
            walk(name)
    return frozenset(link for link in backward if link.source != link.target)


def _with_the_flow(link: Link, backward: frozenset[Link]) -> tuple[str, str]:
    return (link.target, link.source) if link in backward else (link.source, link.target)


def _ranks(names: Sequence[str], ways: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Each node stands one rank after the last of those that lead to it."""
    ranks, pairs = dict.fromkeys(names, 0), list(ways)
    for _ in names:
        for upper, lower in pairs:
            ranks[lower] = max(ranks[lower], ranks[upper] + 1)
    return ranks


def _labels(spans: dict[Link, tuple[int, int]], layers: Sequence[Layer]) -> dict[Link, Item]:
    """The labels in their layers: a link over several ranks has its label where there is most room."""
    load: dict[int, float] = defaultdict(float)
    chosen = {}
    for link, (upper, lower) in sorted(spans.items(), key=lambda entry: entry[1][1] - entry[1][0]):
        index = min(range(2 * upper + 1, 2 * lower, 2), key=lambda index: load[index])
        load[index] += link.across
        chosen[link] = (index, Item(link.across / 2, link.across / 2, link.along))
    for link in spans:
        index, item = chosen[link]
        layers[index].append(item)
    return {link: item for link, (_, item) in chosen.items()}


def _passing(layer: Layer, label: Item) -> Item:
    if label in layer:
        return label
    line = Item()
    layer.append(line)
    return line


def _join(chain: Sequence[Item]) -> None:
    for upper, lower in pairwise(chain):
        segment = Segment(upper, lower)
        upper.below.append(segment)
        lower.above.append(segment)


def _order(layers: Sequence[Layer]) -> None:
    """Sweep down and up, each item to the middle of its neighbours, and keep the best order that was seen."""
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for index in range(1, len(layers)) if down else range(len(layers) - 2, -1, -1):
            _to_the_middle(layers[index], layers[index - 1 if down else index + 1], down=down)
        _swap_neighbours(layers)
        crossings = _crossings(layers)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    for layer, order in zip(layers, best, strict=True):
        layer[:] = order


def _to_the_middle(layer: Layer, fixed: Layer, *, down: bool) -> None:
    places = {item: place for place, item in enumerate(fixed)}
    own = {item: place for place, item in enumerate(layer)}

    def middle(item: Item) -> float:
        neighbours = [each.upper for each in item.above] if down else [each.lower for each in item.below]
        return sum(places[each] for each in neighbours) / len(neighbours) if neighbours else own[item]

    layer.sort(key=middle)


def _swap_neighbours(layers: Sequence[Layer]) -> None:
    """Exchange two that stand side by side wherever that leaves fewer crossings."""
    for number, layer in enumerate(layers):
        places = {
            item: place
            for around in layers[max(0, number - 1) : number + 2]
            for place, item in enumerate(around)
        }
        for index in range(len(layer) - 1):
            left, right = layer[index], layer[index + 1]
            if _crossings_of(left, right, places) > _crossings_of(right, left, places):
                layer[index], layer[index + 1] = right, left


def _crossings_of(left: Item, right: Item, places: dict[Item, int]) -> int:
    above = sum(places[a.upper] > places[b.upper] for a in left.above for b in right.above)
    return above + sum(places[a.lower] > places[b.lower] for a in left.below for b in right.below)


def _crossings(layers: Sequence[Layer]) -> int:
    total = 0
    for upper, lower in pairwise(layers):
        places = {item: place for place, item in enumerate(lower)}
        ends = [[places[segment.lower] for segment in item.below] for item in upper]
        for index, mine in enumerate(ends):
            total += sum(a > b for theirs in ends[index + 1 :] for a in mine for b in theirs)
    return total
