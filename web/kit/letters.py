"""A letter that somebody typed, shown as simple text: paragraphs, lists and links, and no HTML of its own."""

import re
from collections.abc import Iterable, Iterator

from markupsafe import Markup, escape

from workflow.checks import is_web_address

_BULLET = re.compile(r"^\s{0,3}[-*•–]\s+(?=\S)")
_NUMBER = re.compile(r"^\s{0,3}\d{1,3}[.)]\s+(?=\S)")
_ADDRESS = re.compile(r"https?://[^\s<>\"“”«»]+", re.IGNORECASE)
_AFTER_ADDRESS = ".,;:!?)]}'’…"


def letter(text: str) -> Markup:
    """Blank lines part paragraphs; lines that begin with “- ” or “1. ” are a list; web addresses are links.

    All else is shown as it was typed. Its time grows with the length: letters that are too long are refused before.
    """
    blocks = re.split(r"\n[^\S\n]*\n", text.replace("\r\n", "\n"))
    return Markup("\n").join(_block(lines) for block in blocks for lines in _runs(block.splitlines()))


def _runs(lines: Iterable[str]) -> Iterator[list[str]]:
    """Neighbouring lines of one sort: a list ends where a line is no item of it."""
    run: list[str] = []
    for line in filter(str.strip, lines):
        if run and _sort(run[0]) != _sort(line):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _sort(line: str) -> re.Pattern[str] | None:
    return next((sort for sort in (_BULLET, _NUMBER) if sort.match(line)), None)


def _block(lines: list[str]) -> Markup:
    sort = _sort(lines[0])
    if sort is None:
        return Markup("<p>{}</p>").format(Markup("<br>\n").join([_linked(line) for line in lines]))
    items = Markup("</li><li>").join([_linked(sort.sub("", line)) for line in lines])
    if sort is _BULLET:
        return Markup("<ul><li>{}</li></ul>").format(items)
    first = re.match(r"\s*(\d+)", lines[0])
    return Markup('<ol start="{}"><li>{}</li></ol>').format(first[1] if first else 1, items)


def _linked(line: str) -> Markup:
    parts, end = [], 0
    for found in _ADDRESS.finditer(line):
        address = found[0].rstrip(_AFTER_ADDRESS)
        if not is_web_address(address):
            continue
        parts += [escape(line[end : found.start()]), _link(address)]
        end = found.start() + len(address)
    return Markup().join([*parts, escape(line[end:])])


def _link(address: str) -> Markup:
    return Markup('<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>').format(address)
