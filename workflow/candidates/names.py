"""How candidates are looked up by name: by the beginnings of its words, whatever their accents and case."""

import unicodedata
from typing import Any

_LENGTH = 420


def name_key(first_name: str, last_name: str) -> str:
    """What the names of a candidate are looked up by: their folded words, each after a space."""
    return "".join(f" {word}" for word in _words(f"{first_name} {last_name}"))[:_LENGTH]


def is_called(column: Any, name: str) -> list[Any]:
    """Conditions that every word of `name` begins a word of the names whose key is in a column."""
    return [column.like(f"% {word}%") for word in _words(name)]


def _words(text: str) -> list[str]:
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return "".join(sign if sign.isalnum() else " " for sign in bare.casefold()).split()
