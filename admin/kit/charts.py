"""Charts drawn on the server as SVG: columns over time, and bars. Axes begin at zero, and every length is labelled.

Colours are classes of the page's own style sheet, so one drawing is right in light and dark. A chart is drawn
for a width: letters stay as large on a phone as on a desk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from workflow.engine.drawing.lettering import text_width, wrapped

WIDE, NARROW = 600.0, 340.0
"""How wide a chart is drawn for a desk, and for a phone."""

_SIZE = 12.0
_LINE = 15.0
_GAP = 8.0
_HEIGHT = 180.0
_BAR = 14.0
_MOST_STEPS = 5


@dataclass(frozen=True, slots=True)
class Caption:
    """What is said of a chart: its title, and in a sentence what it shows. `id` names it on its page."""

    id: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `label` stands under it where there is room; `told` is said when one points at it."""

    label: str
    value: int
    told: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `tone` names its colour; `beyond`: a thin line that goes on from its end to a larger value."""

    label: str
    value: float
    told: str
    tone: str = ""
    beyond: float | None = None


def columns_chart(caption: Caption, columns: Sequence[Column], number: Callable[[float], str]) -> Markup:
    """Columns beside each other, drawn for a desk and for a phone; the page shows the one that fits."""
    return _both(caption, lambda width: _columns(columns, width, number))


def bars_chart(caption: Caption, bars: Sequence[Bar], number: Callable[[float], str] | None = None) -> Markup:
    """Bars under each other, each with its words; `number` words the axis, none is drawn without it."""
    return _both(caption, lambda width: _bars(bars, width, number))


def _both(caption: Caption, draw: Callable[[float], tuple[str, float]]) -> Markup:
    return Markup("").join(
        _svg(caption, name, width, *draw(width)) for name, width in (("wide", WIDE), ("narrow", NARROW))
    )


def _svg(caption: Caption, name: str, width: float, inner: str, height: float) -> Markup:
    own = f"{caption.id}-{name}"
    return Markup(  # noqa: S704  # every text is escaped
        f'<svg class="chart chart-{name}" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-labelledby="{own}-title" aria-describedby="{own}-desc">'
        f'<title id="{own}-title">{escape(caption.title)}</title>'
        f'<desc id="{own}-desc">{escape(caption.description)}</desc>{inner}</svg>'
    )


def ticks(largest: float) -> tuple[float, ...]:
    """Round values from zero to the largest or a little beyond, one to five steps of 1, 2 or 5 times a power of ten."""
    step = 1.0
    while largest > _MOST_STEPS * step:
        step *= 2.5 if str(step)[0] == "2" else 2
    count = max(1, -int(-largest // step))
    return tuple(number * step for number in range(count + 1))


def _columns(columns: Sequence[Column], width: float, number: Callable[[float], str]) -> tuple[str, float]:
    marks = ticks(max((column.value for column in columns), default=0))
    left = max(text_width(number(mark), _SIZE) for mark in marks) + _GAP
    top, bottom = _SIZE, _SIZE + _HEIGHT
    each = (width - left) / max(1, len(columns))
    drawn = [
        f'<path class="grid" d="M{left:.1f} {y:.1f}H{width:g}"/>'
        + _text(number(mark), left - _GAP, y + _SIZE * 0.35, "end")
        for mark in marks
        for y in [bottom - mark / marks[-1] * _HEIGHT]
    ]
    for place, column in enumerate(columns):
        height = column.value / marks[-1] * _HEIGHT
        x, own = left + place * each, max(1.0, each * 0.8)
        drawn.append(
            f'<g class="column"><title>{escape(column.told)}</title>'
            f'<rect class="hit" x="{x:.1f}" y="{top:g}" width="{each:.1f}" height="{_HEIGHT:g}"/>'
            f'<rect class="fill" x="{x + (each - own) / 2:.1f}" y="{bottom - height:.1f}" '
            f'width="{own:.1f}" height="{height:.1f}"/></g>'
        )
    drawn += _labels(columns, left, width, each, bottom + _LINE + 3)
    return "".join(drawn), bottom + _LINE + 3 + _SIZE * 0.4


def _labels(columns: Sequence[Column], left: float, width: float, each: float, y: float) -> list[str]:
    """As many labels as fit beside each other, at equal distances from the first."""
    if not columns:
        return []
    widest = max(text_width(column.label, _SIZE) for column in columns)
    every = max(1, -int(-(widest + 2 * _GAP) // each))
    found, taken = [], -_GAP
    for place in range(0, len(columns), every):
        label, middle = columns[place].label, left + (place + 0.5) * each
        half = text_width(label, _SIZE) / 2
        middle = min(max(middle, half), width - half)
        if middle - half >= taken + _GAP:
            found.append(_text(label, middle, y, "middle"))
            taken = middle + half
    return found


def _bars(bars: Sequence[Bar], width: float, number: Callable[[float], str] | None) -> tuple[str, float]:
    longest = max((max(bar.value, bar.beyond or 0) for bar in bars), default=0)
    marks = ticks(longest)
    scale = width / (marks[-1] if number else longest or 1)
    drawn, y = [], 0.0
    for bar in bars:
        words, y = _bar_words(bar, y, width)
        drawn += [*words, _bar(bar, y + _GAP * 0.75, scale)]
        y += _GAP * 2.25 + _BAR
    if number is None:
        return "".join(drawn), y
    axis = [f'<path class="grid" d="M0 {y:.1f}H{width:g}"/>']
    for mark in marks:
        x, half = mark / marks[-1] * width, text_width(number(mark), _SIZE) / 2
        axis.append(f'<path class="grid" d="M{x:.1f} {y:.1f}v4"/>')
        axis.append(_text(number(mark), min(max(x, half), width - half), y + 4 + _LINE, "middle"))
    return "".join(drawn + axis), y + 4 + _LINE + _SIZE * 0.4


def _bar_words(bar: Bar, y: float, width: float) -> tuple[list[str], float]:
    """Over a bar its label, and at the end of the line what is told of it; below where it does not fit."""
    if text_width(bar.label, _SIZE, bold=True) + text_width(bar.told, _SIZE) + 2 * _GAP <= width:
        y += _LINE
        return [_text(bar.label, 0, y, "start", "label"), _text(bar.told, width, y, "end")], y
    lines = [(line, "label") for line in wrapped(bar.label, _SIZE, width, bold=True)]
    lines += [(line, "soft") for line in wrapped(bar.told, _SIZE, width)]
    words = [
        _text(line, 0, y + _LINE * (place + 1), "start", look) for place, (line, look) in enumerate(lines)
    ]
    return words, y + _LINE * len(lines)


def _bar(bar: Bar, y: float, scale: float) -> str:
    tone = f" tone-{bar.tone}" if bar.tone else ""
    drawn = f'<rect class="fill{tone}" x="0" y="{y:.1f}" width="{bar.value * scale:.1f}" height="{_BAR:g}"/>'
    if bar.beyond is None:
        return drawn
    middle, end = y + _BAR / 2, bar.beyond * scale
    return (
        f'{drawn}<path class="beyond{tone}" d="M{bar.value * scale:.1f} {middle:.1f}H{end:.1f}'
        f'M{end:.1f} {y + 2:.1f}V{y + _BAR - 2:.1f}"/>'
    )


def _text(words: str, x: float, y: float, anchor: str, look: str = "soft") -> str:
    return (
        f'<text class="text-{look}" x="{x:.1f}" y="{y:.1f}" font-size="{_SIZE:g}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )
