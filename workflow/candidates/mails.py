"""Writing to candidates about their account: how they are greeted, and how often strangers may cause it."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflow.database.connection import hold_name
from workflow.engine.outbox import Announcement, is_recorded, record
from workflow.engine.tables import Outbox

_WITHOUT_SUBJECT = ["account_confirmation", "account_exists"]
"""Kinds of mails that older versions recorded so."""


def addressee(candidate: Mapping[str, Any]) -> dict[str, str]:
    """How a mail greets: the parameters `title`, `first_name`, `last_name`."""
    return {name: str(candidate[name]) for name in ("title", "first_name", "last_name")}


async def tell(candidate: Mapping[str, Any], kind: str, *, now: datetime) -> None:
    """Record a mail to the owner about what was done with the account, inside the caller's transaction."""
    await _record(candidate, kind, f"{kind}/{secrets.token_hex(16)}", now)


async def tell_once_an_hour(candidate: Mapping[str, Any], kind: str, *, now: datetime) -> None:
    """The same for what strangers can cause, so that nobody is pestered through our forms."""
    key = f"{kind}/{candidate['id']}/{now:%Y-%m-%dT%H}"
    await hold_name(key)
    if not await is_recorded(key):
        await _record(candidate, kind, key, now)


async def adopt_mails(candidate: Mapping[str, Any]) -> None:
    """Mails to this address that do not say whom they are about are about this candidate.

    Those of older versions do not: call it before the address changes or goes, for then nobody could tell.
    """
    unclaimed = Outbox.subject_id.is_null() & (Outbox.recipient == candidate["email"])
    await Outbox.update({Outbox.subject_type: "candidate", Outbox.subject_id: candidate["id"]}).where(
        unclaimed & Outbox.kind.is_in(_WITHOUT_SUBJECT)
    )


async def _record(candidate: Mapping[str, Any], kind: str, key: str, now: datetime) -> None:
    mail = Announcement(
        kind=kind,
        dedup_key=key,
        recipient=candidate["email"],
        language=candidate["language"],
        params=addressee(candidate),
        about=("candidate", candidate["id"]),
    )
    await record([mail], now=now)
