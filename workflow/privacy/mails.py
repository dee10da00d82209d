"""Writing to candidates about their own data."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from workflow.candidates.mails import addressee
from workflow.engine.outbox import Announcement, record
from workflow.language.days import long_date


async def tell_of_data(
    candidate: Mapping[str, Any], kind: str, key: str, *, now: datetime, **params: Any
) -> None:
    """Record a mail, inside the caller's transaction. `key`: what makes it the only one of its kind."""
    mail = Announcement(
        kind=kind,
        dedup_key=f"{kind}/{key}",
        recipient=candidate["email"],
        language=candidate["language"],
        params=addressee(candidate) | params,
        about=("candidate", candidate["id"]),
    )
    await record([mail], now=now)


def day_for(candidate: Mapping[str, Any], instant: datetime, zone: ZoneInfo) -> str:
    """A day as a mail to this candidate writes it."""
    return long_date(instant, candidate["language"], zone)
