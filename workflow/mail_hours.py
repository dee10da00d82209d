"""When daily and weekly mails are due: at an hour of the portal's time zone, whatever its clocks do."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from workflow.settings import WEEKDAYS, Settings

Frequency = Literal["daily", "weekly"]

FREQUENCIES: tuple[Frequency, ...] = ("daily", "weekly")

_DAYS = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Period:
    """A day (`2026-11-23`) or an ISO week (`2026-W48`) by the day on which it is due, until the next one is due."""

    name: str
    due_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class MailHours:
    """`day` of the week (Monday is 0) and `hour` at which mails go out."""

    day: int
    hour: int
    zone: ZoneInfo

    def last(self, frequency: Frequency, now: datetime) -> Period:
        """The period whose hour came last.

        An hour that the clocks leave out comes an hour later; of one that comes twice, the first counts.
        """
        step = _DAYS[frequency]
        today = now.astimezone(self.zone).date()
        due = today if frequency == "daily" else today - timedelta(days=(today.weekday() - self.day) % 7)
        if self._instant(due) > now:
            due -= step
        return Period(_name(frequency, due), self._instant(due), self._instant(due + step))

    def _instant(self, on: date) -> datetime:
        return datetime.combine(on, time(self.hour), tzinfo=self.zone).astimezone(UTC)


def mail_hours(settings: Settings) -> MailHours:
    """As this installation is set."""
    return MailHours(WEEKDAYS.index(settings.weekly_day), settings.weekly_hour, settings.timezone)


def _name(frequency: Frequency, due: date) -> str:
    return due.isoformat() if frequency == "daily" else f"{due:%G-W%V}"
