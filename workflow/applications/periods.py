"""Days and the instants that they begin at, as the portal's time zone has them, also where its clocks change."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, the first and the last among them."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def begins(self) -> datetime:
        """The first instant of it."""
        return _midnight(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        """The first instant after it."""
        return _midnight(self.last + _DAY, self.zone)

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of it."""
        return tuple(self.first + number * _DAY for number in range((self.last - self.first).days + 1))


def offsets(period: Period) -> list[tuple[int, int]]:
    """How far the zone is from UTC: pairs of an instant, until which, and the seconds to add before it.

    Instants are seconds since 1970; the last pair ends with the period.
    """

    def offset(second: int) -> int:
        local = datetime.fromtimestamp(second, UTC).astimezone(period.zone)
        return int((local.utcoffset() or timedelta()).total_seconds())

    nights = [int(_midnight(day, period.zone).timestamp()) for day in (*period.days, period.last + _DAY)]
    changes = [
        (_change(before, after, offset), offset(before))
        for before, after in pairwise(nights)
        if offset(before) != offset(after)
    ]
    return [*changes, (nights[-1], offset(nights[-1]))]


def _change(before: int, after: int, offset: Callable[[int], int]) -> int:
    """The first second between two of them at which the offset is that of the later one."""
    return before + bisect_left(
        range(before, after), True, key=lambda second: offset(second) == offset(after)
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
