"""Lines for a terminal of any width, and for a file: they break between words, never within one."""

import shutil
import textwrap

_WIDEST = 110


def wrapped(text: str, *, begin: str = "", indent: int = 0) -> str:
    """A text after `begin`; further lines stand under its first word. `indent`: blanks before all of it."""
    first = " " * indent + begin
    return textwrap.fill(
        text,
        width=min(shutil.get_terminal_size().columns, _WIDEST),
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
