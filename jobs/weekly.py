"""Once a week recruiters hear what waits for them in their units (C7): late rather than never, and never twice."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from workflow.applications.waiting import OfferWaiting, waiting_by_offer
from workflow.database.connection import hold_name, write_transaction
from workflow.engine.outbox import Announcement, is_recorded, record
from workflow.mail_hours import Period, mail_hours
from workflow.recruiters.queries import units
from workflow.recruiters.tables import Recruiter, RecruiterUnit
from workflow.settings import Settings

OFTEN = 60.0
"""Seconds between two looks at the clock."""

KIND = "weekly_waiting"
_LONGEST = 20
"""More offers than these are only counted: the board shows them."""

_log = structlog.get_logger(__name__)


class WeeklyMailer:
    """Records the mails of a week once its hour has come; the relay sends them.

    What waits is looked at as it was at that hour, so a mail that was due and missed is caught up during the week,
    and one that was not due is not: what came in later waits for the next one.
    """

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._hours = mail_hours(settings)
        self._clock = clock
        self._done: Period | None = None

    async def tend(self) -> int:
        """Record what is due; how many mails. Any number of workers may do so, again and again."""
        now = self._clock()
        week = self._hours.last("weekly", now)
        if self._done == week:
            return 0
        told = await self._tell(week, now)
        self._done = week
        if told:
            _log.info("weekly mails recorded", mails=told)
        return told

    async def _tell(self, week: Period, now: datetime) -> int:
        waiting = await waiting_by_offer(now=now, since=week.due_at)
        names = {unit.id: unit.name for unit in await units({each.unit_id for each in waiting})}
        told = 0
        for recruiter, unit_ids in await _readers(week.due_at):
            own = [each for each in waiting if each.unit_id in unit_ids]
            if own:
                mail = Announcement(
                    kind=KIND,
                    dedup_key=f"{KIND}/{recruiter['id']}/{week.name}",
                    recipient=recruiter["email"],
                    language=recruiter["language"],
                    params=_params(recruiter, own, names, now),
                    expires_at=week.ends_at,
                )
                told += await _record_once(mail, now)
        return told


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
