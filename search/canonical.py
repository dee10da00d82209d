"""Conditions written in one way only, so that those of the same meaning are the same text."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import TypeAlias

from search.clauses import AllOf, AnyOf, Beginning, Condition, Key, Not, Pair

LONGEST_TEXT = 200

_Choice: TypeAlias = frozenset[str]
"""Texts of which one must hold."""


def canonical(condition: Condition) -> str:
    """`condition` as text of at most LONGEST_TEXT characters, whatever the order of its parts; '' when all fulfil it.

    What is repeated, or is said by another part already, is left out. Long texts are given as their digest.
    """
    text = _text(condition)
    return text if len(text) <= LONGEST_TEXT else f"sha256:{sha256(text.encode()).hexdigest()}"


def _text(condition: Condition) -> str:
    """Keys hold neither blanks nor the signs that are written here around them."""
    match condition:
        case Key(key):
            return f"={key}"
        case Pair(first, second):
            return f'"{first} {second}"'
        case Beginning(prefix):
            return f"{prefix}*"
        case AllOf(parts):
            return " ".join(sorted(map(_either, _needed(parts))))
        case AnyOf():
            return _either(frozenset(_choices(condition)))
        case Not(part):
            return f"-({_text(part)})"


def _needed(parts: Iterable[Condition]) -> set[_Choice]:
    """Without those that hold wherever another one does."""
    every = {frozenset(_choices(part)) for part in _flat(parts)}
    return {choice for choice in every if not any(other < choice for other in every)}


def _flat(parts: Iterable[Condition]) -> Iterator[Condition]:
    for part in parts:
        match part:
            case AllOf(inner):
                yield from _flat(inner)
            case _:
                yield part


def _choices(condition: Condition) -> Iterator[str]:
    match condition:
        case AnyOf(parts):
            for part in parts:
                yield from _choices(part)
        case _:
            yield _text(condition)


def _either(choice: _Choice) -> str:
    return next(iter(choice)) if len(choice) == 1 else f"({' | '.join(sorted(choice))})"
