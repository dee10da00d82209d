"""How things look: lines, boxes and texts, each by what they mean.

Everything is a presentation attribute whose colour is one of the page's custom properties, with a value of its
own where there is no page: so one drawing is right in light and dark, within a page whose policy forbids
inline styles, and as a file.
"""

from collections.abc import Mapping

_LIGHT = {
    "ink": "#14232b",
    "ink-soft": "#4c5f6a",
    "field-line": "#5f727d",
    "page": "#ffffff",
    "brand": "#0b4f6c",
    "accent": "#bf4e36",
}
_DARK = {
    "ink": "#e6eef2",
    "ink-soft": "#a3b6c0",
    "field-line": "#7b95a3",
    "page": "#0c171d",
    "brand": "#85c9e6",
    "accent": "#ee8f75",
}


def _property(name: str) -> str:
    return f"var(--{name}, {_LIGHT[name]})"


_INK, _SOFT, _THIN = _property("ink"), _property("ink-soft"), _property("field-line")
_PAGE, _BRAND, _ACCENT = _property("page"), _property("brand"), _property("accent")
_TONE = f"var(--tone, {_BRAND})"

LINES: Mapping[str, Mapping[str, str]] = {
    "possible": {"stroke": _THIN, "stroke-width": "1.1"},
    "undone": {
        "stroke": _BRAND,
        "stroke-width": "1.8",
        "stroke-dasharray": "0.1 4.5",
        "stroke-linecap": "round",
    },
    "way": {"stroke": _BRAND, "stroke-width": "3.2"},
    "move": {"stroke": _ACCENT, "stroke-width": "1.9", "stroke-dasharray": "6 4"},
}
"""A link may be several of these: drawn in this order, one over the other."""

DOT: Mapping[str, str] = {"fill": _INK}

BOXES: Mapping[str, Mapping[str, str]] = {
    "state": {"fill": _PAGE, "stroke": _BRAND, "stroke-width": "1.3"},
    "possible": {"fill": _PAGE, "stroke": _THIN, "stroke-width": "1"},
    "visited": {"fill": _PAGE, "stroke": _BRAND, "stroke-width": "2"},
    "move": {"fill": _PAGE, "stroke": _ACCENT, "stroke-width": "1.6", "stroke-dasharray": "6 4"},
    "here": {"fill": _TONE, "stroke": _TONE, "stroke-width": "2"},
}

MARKS: Mapping[str, Mapping[str, str]] = {
    look: {"color": _PAGE if look == "here" else _SOFT if look == "possible" else _TONE} for look in BOXES
}

TEXTS: Mapping[str, Mapping[str, str]] = {
    "state": {"fill": _INK, "font-weight": "650"},
    "event": {"fill": _INK},
    "possible": {"fill": _SOFT},
    "visited": {"fill": _INK, "font-weight": "650"},
    "way": {"fill": _INK, "font-weight": "650"},
    "move": {"fill": _ACCENT, "font-weight": "650"},
    "here": {"fill": _PAGE, "font-weight": "650"},
    "date": {"fill": _SOFT},
    "held": {"fill": _INK, "font-style": "italic"},
    "undone": {"fill": _SOFT, "text-decoration": "line-through"},
}

_SANS = (
    '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif'
)


def style_of_a_file() -> str:
    """What a page would give: colours by the reader's scheme, ground and font."""
    return (
        f"<style>svg{{{_properties(_LIGHT)}font-family:{_SANS};background:var(--page)}}"
        f"@media(prefers-color-scheme:dark){{svg{{{_properties(_DARK)}}}}}</style>"
    )


def _properties(colours: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colours.items())
