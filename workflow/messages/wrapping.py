"""Lines of a text that can be read where nothing wraps them: terminals, and programs that show a mail as it came."""

import re
from textwrap import TextWrapper

WIDTH = 76
"""What a line may hold; RFC 5322 recommends 78 at most."""

_ADDRESS = re.compile(r"://|@")
_MARKS = re.compile(r"((?:> ?)*)([ *-]* ?)")


def wrapped(text: str) -> str:
    """The same words in lines that fit; an address that is longer keeps its line to itself, a word is cut.

    A quotation stays one, and what belongs to an item of a list stands under its words.
    """
    return "\n".join(line for long in text.split("\n") for line in _wrapped(long))


def _wrapped(line: str) -> list[str]:
    if len(line) <= WIDTH:
        return [line]
    marks = _MARKS.match(line)
    quoted, begin = marks.groups() if marks else ("", "")
    wrapper = TextWrapper(
        width=WIDTH,
        initial_indent=quoted + begin,
        subsequent_indent=quoted + " " * len(begin),
        break_long_words=not _ADDRESS.search(line),
        break_on_hyphens=False,
    )
    return wrapper.wrap(line[len(quoted + begin) :]) or [line]
