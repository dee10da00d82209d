"""Once a week recruiters hear what waits for them in their units (C7): late rather than never, and never twice."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from workflow.applications.waiting import OfferWaiting, waiting_by_offer
from workflow.database.connection import hold_name, write_transaction
from workflow.engine.outbox import Announcement, is_recorded, record
from workflow.recruiters.queries import units
from workflow.recruiters.tables import Recruiter, RecruiterUnit
from workflow.settings import WEEKDAYS, Settings

OFTEN = 60.0
"""Seconds between two looks at the clock."""

KIND = "weekly_waiting"
_LONGEST = 20
"""More offers than these are only counted: the board shows them."""

_WEEK = timedelta(days=7)

_log = structlog.get_logger(__name__)


class WeeklyMailer:
    """Records the mails of a week once its hour has come; the relay sends them.

    What waits is looked at as it was at that hour, so a mail that was due and missed is caught up during the week,
    and one that was not due is not: what came in later waits for the next one.
    """

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._zone = settings.timezone
        self._day = WEEKDAYS.index(settings.weekly_day)
        self._hour = settings.weekly_hour
        self._clock = clock
        self._done: datetime | None = None

    async def tend(self) -> int:
        """Record what is due; how many mails. Any number of workers may do so, again and again."""
        now = self._clock()
        due, ends = week_of(now, day=self._day, hour=self._hour, zone=self._zone)
        if self._done == due:
            return 0
        told = await self._tell(due, ends, now)
        self._done = due
        if told:
            _log.info("weekly mails recorded", mails=told)
        return told

    async def _tell(self, due: datetime, ends: datetime, now: datetime) -> int:
        waiting = await waiting_by_offer(now=now, since=due)
        names = {unit.id: unit.name for unit in await units({each.unit_id for each in waiting})}
        week = f"{due.astimezone(self._zone):%G-W%V}"
        told = 0
        for recruiter, unit_ids in await _readers(due):
            own = [each for each in waiting if each.unit_id in unit_ids]
            if own:
                mail = Announcement(
                    kind=KIND,
                    dedup_key=f"{KIND}/{recruiter['id']}/{week}",
                    recipient=recruiter["email"],
                    language=recruiter["language"],
                    params=_params(recruiter, own, names, now),
                    expires_at=ends,
                )
                told += await _record_once(mail, now)
        return told


def week_of(now: datetime, *, day: int, hour: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When it was last this hour on this day of the week (Monday is 0), and when it will be again.

    An hour that the clocks leave out comes an hour later; of one that comes twice, the first counts.
    """
    today = now.astimezone(zone).date()
    last = today - timedelta(days=(today.weekday() - day) % 7)
    if _instant(last, hour, zone) > now:
        last -= _WEEK
    return _instant(last, hour, zone), _instant(last + _WEEK, hour, zone)


def _instant(on: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time(hour), tzinfo=zone).astimezone(UTC)


async def _readers(due: datetime) -> list[tuple[Mapping[str, Any], frozenset[int]]]:
    """Who wants the mail and worked here when it was due, and whose units they read about.

    Administrators see every unit, and hear of those alone that they are members of.
    """
    rows = (
        await Recruiter.select()
        .where(
            Recruiter.active.eq(True)
            & Recruiter.wants_weekly.eq(True)
            & (
                (Recruiter.joined_at <= due)
                | (Recruiter.joined_at.is_null() & Recruiter.invited_at.is_null())
            )
        )
        .order_by(Recruiter.id)
    )
    members = await RecruiterUnit.select(RecruiterUnit.recruiter, RecruiterUnit.unit)
    return [
        (row, frozenset(each["unit"] for each in members if each["recruiter"] == row["id"])) for row in rows
    ]


def _params(
    recruiter: Mapping[str, Any], own: Sequence[OfferWaiting], names: Mapping[int, str], now: datetime
) -> dict[str, Any]:
    return {
        "first_name": recruiter["first_name"] or "",
        "last_name": recruiter["last_name"] or "",
        "waiting": sum(each.waiting for each in own),
        "overdue": sum(each.overdue for each in own),
        "offers": [
            [
                f"{each.title(recruiter['language'])} ({each.reference})",
                names[each.unit_id],
                each.waiting,
                each.overdue,
                (now - each.oldest).days,
            ]
            for each in own[:_LONGEST]
        ],
        "more": max(0, len(own) - _LONGEST),
    }


async def _record_once(mail: Announcement, now: datetime) -> bool:
    """Whether it was not recorded before: of several workers, one does."""
    async with write_transaction():
        await hold_name(mail.dedup_key)
        if await is_recorded(mail.dedup_key):
            return False
        await record([mail], now=now)
    return True
