"""Looking for words within a column."""

from typing import Any

from piccolo.custom_types import Combinable

from workflow.database.connection import dialect


def contains(column: Any, words: str) -> Combinable:
    """The condition that a column holds these words in a row, in whatever case; signs of patterns mean nothing.

    SQLite tells the cases of letters beyond ASCII apart, PostgreSQL does not.
    """
    pattern = "%" + words.replace("\0", "").replace("\\", "").replace("%", "").replace("_", " ") + "%"
    matches: Combinable = column.like(pattern) if dialect() == "sqlite" else column.ilike(pattern)
    return matches
