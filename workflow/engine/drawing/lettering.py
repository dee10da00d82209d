"""How wide a text is before any browser has drawn it, where it breaks into lines, and what blocks they make."""

from collections.abc import Sequence
from dataclasses import dataclass

# Thousandths of the font's size, after DejaVu Sans: the widest of the fonts that a system's sans-serif may be.
_WIDTHS = {
    letter: width
    for width, letters in {
        300: "ijlIJ'îï",
        360: "f,./:;\\| ’·\u00a0\u202f",
        420: "rt!()-[]",
        540: 'sz*?_`“”–"',
        600: "ckvxyFLç",
        660: "0123456789abdeghnopquEKPSTY${}éèêëàâäôöùûüÉÈ«»",
        720: "ABCRVXZÀÇ",
        780: "DGHNU&",
        840: "wOQ#+<=>^~→←",
        900: "M",
        960: "%",
        1020: "mW@æ—…œ",
    }.items()
    for letter in letters
}
_UNKNOWN = 1020
_BOLD = 1.08


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How much room to leave for a line: rather too much than too little, whatever sans-serif draws it."""
    width = sum(_WIDTHS.get(letter, _UNKNOWN) for letter in text) * size / 1000
    return width * _BOLD if bold else width


def wrapped(text: str, size: float, limit: float, *, bold: bool = False) -> tuple[str, ...]:
    """The text in as few lines as the limit asks for, the widest of them as narrow as can be.

    Lines break at spaces only: a word wider than the limit stays whole, and the line is as wide as it.
    """
    words = text.split(" ")
    widest = max(text_width(word, size, bold=bold) for word in words)
    limit = max(limit, widest)
    lines = _filled(words, size, limit, bold=bold)
    while True:
        tighter = max(text_width(line, size, bold=bold) for line in lines) - 0.5
        closer = _filled(words, size, tighter, bold=bold) if tighter >= widest else lines
        if closer == lines or len(closer) > len(lines):
            return lines
        lines = closer


def _filled(words: list[str], size: float, limit: float, *, bold: bool) -> tuple[str, ...]:
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]} {word}"
        if text_width(longer, size, bold=bold) <= limit:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a block. `look` names how it is drawn; `gap` is the room before it."""

    text: str
    size: float
    look: str
    bold: bool = False
    gap: float = 0.0

    @property
    def width(self) -> float:
        """The room it needs."""
        return text_width(self.text, self.size, bold=self.bold)

    @property
    def height(self) -> float:
        """The room it needs, with what is before it."""
        return self.gap + LEADING * self.size


LEADING = 1.25


def block_size(lines: Sequence[Line]) -> tuple[float, float]:
    """How wide and how high lines under each other are."""
    return max(line.width for line in lines), sum(line.height for line in lines)
