"""Names that people give to their files, made safe to show, to list and to put into a header."""

import re
import unicodedata

LONGEST = 120
LONGEST_IN_BYTES = 200

# What Windows or a header's quoted string gives a meaning to; a percent sign, because browsers decode it.
_MEANINGFUL = re.compile(r'[<>:"|?*%]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def clean_filename(filename: str) -> str:
    """The name without path, control, formatting (bidi) or unassigned characters; 1 to 120 long.

    Letters of any script stay, composed (NFC). A header must still encode it (RFC 6266 `filename*`).
    """
    last = re.split(r"[/\\]", filename)[-1]
    visible = "".join(_visible(character) for character in unicodedata.normalize("NFC", last))
    name = " ".join(_MEANINGFUL.sub("_", visible).split())
    stem, suffix = _parted(name.strip(". "))
    name = _shortened(stem.rstrip(". "), suffix) or "document"
    return f"_{name}" if _DEVICE.match(name) else name


def ending_of(filename: str) -> str:
    """The lower-case ending with its point, or nothing."""
    return _parted(filename)[1].lower()


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category.startswith("Z") or character in "\t\r\n":
        return " "
    return "" if category.startswith("C") else character


def _parted(name: str) -> tuple[str, str]:
    found = _ENDING.search(name)
    return (name[: found.start()], found.group()) if found else (name, "")


def _shortened(stem: str, suffix: str) -> str:
    stem = stem[: LONGEST - len(suffix)]
    room = LONGEST_IN_BYTES - len(suffix)
    return stem.encode()[:room].decode(errors="ignore").rstrip() + suffix
