"""Sets of offers kept for when they are asked for again, within a number of bytes."""

import sys
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_ENTRY_BYTES = 150
"""What an entry of a dictionary takes, besides what it refers to."""

_Asked = TypeVar("_Asked", bound=Hashable)


class Remembered(Generic[_Asked]):
    """A function that gives sets as integers, asked once for the same as long as there is `room` (bytes).

    When half of the room is taken, what was not asked for since it was last half taken is forgotten: sets differ in
    size by far, most are empty, and so to count them would waste room or give too much.
    """

    def __init__(self, ask: Callable[[_Asked], int], room: int) -> None:
        self._ask = ask
        self._half = room // 2
        self._taken = 0
        self._recent: dict[_Asked, int] = {}
        self._older: dict[_Asked, int] = {}

    def __call__(self, asked: _Asked) -> int:
        found = self._recent.get(asked)
        return self._kept(asked) if found is None else found

    def _kept(self, asked: _Asked) -> int:
        found = self._older.get(asked)
        if found is None:
            found = self._ask(asked)
        self._taken += _ENTRY_BYTES + sys.getsizeof(found) + _size(asked)
        if self._taken > self._half:
            self._older, self._recent, self._taken = self._recent, {}, 0
        self._recent[asked] = found
        return found


def _size(asked: object) -> int:
    inside = sum(map(sys.getsizeof, asked)) if isinstance(asked, tuple) else 0
    return sys.getsizeof(asked) + inside
