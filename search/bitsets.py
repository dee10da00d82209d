"""Sets of offers as Python integers, where a bit's position is the offer's rank by date, newest highest."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

_CHUNK = 512


def bits_of(ranks: Iterable[int], size: int) -> int:
    """The set of `ranks`, each below `size`."""
    buffer = bytearray(size // 8 + 1)
    for rank in ranks:
        buffer[rank >> 3] |= 1 << (rank & 7)
    return int.from_bytes(buffer, "little")


def ranks_from_top(bits: int, skip: int, take: int) -> Iterator[int]:
    """`take` members of the set, highest first, after passing over the `skip` highest.

    Passes over whole chunks by counting, so that a late page costs little more than the first.
    """
    data = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    top = len(data)
    while top and take > 0:
        bottom = max(0, top - _CHUNK)
        chunk = int.from_bytes(data[bottom:top], "little")
        count = chunk.bit_count()
        if skip < count:
            for rank in _members_from_top(chunk, skip, take):
                yield bottom * 8 + rank
                take -= 1
        skip = max(0, skip - count)
        top = bottom


def _members_from_top(chunk: int, skip: int, take: int) -> Iterator[int]:
    while chunk and take:
        rank = chunk.bit_length() - 1
        chunk ^= 1 << rank
        if skip:
            skip -= 1
        else:
            yield rank
            take -= 1


class OpenOffers:
    """Which offers have not closed at an instant; remembers the last answer, for instants come in order."""

    def __init__(self, closing: Sequence[int]) -> None:
        """`closing` holds for each rank the instant after which the offer is closed."""
        by_instant: dict[int, list[int]] = {}
        for rank, instant in enumerate(closing):
            by_instant.setdefault(instant, []).append(rank)
        self._instants = sorted(by_instant)
        self._sets = [bits_of(by_instant[instant], len(closing)) for instant in self._instants]
        self._last = (-1, 0)

    def at(self, now: int) -> int:
        """The offers that close later than `now` (S7)."""
        passed = bisect_right(self._instants, now)
        known, bits = self._last
        if known != passed:
            bits = 0
            for closing in self._sets[passed:]:
                bits |= closing
            self._last = (passed, bits)
        return bits
