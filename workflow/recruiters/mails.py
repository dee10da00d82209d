"""Writing to recruiters about their account."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from workflow.engine.outbox import Announcement, record
from workflow.logins import digest_of
from workflow.sealing import seal


async def tell(recruiter: Mapping[str, Any], kind: str, *, now: datetime, **params: Any) -> None:
    """Record a mail about what was done with the account, inside the caller's transaction."""
    mail = Announcement(
        kind=kind,
        dedup_key=f"{kind}/{secrets.token_hex(16)}",
        recipient=recruiter["email"],
        language=recruiter["language"],
        params=_addressee(recruiter) | params,
    )
    await record([mail], now=now)


async def mail_link(
    recruiter: Mapping[str, Any],
    kind: str,
    path: str,
    token: str,
    *,
    limit: timedelta,
    secret_key: str,
    now: datetime,
    **params: Any,
) -> None:
    """Record the mail that carries a link: `path` and its token, which lie sealed."""
    mail = Announcement(
        kind=kind,
        dedup_key=f"{kind}/{digest_of(token)}",
        recipient=recruiter["email"],
        language=recruiter["language"],
        params=_addressee(recruiter) | params,
        secret=seal({"path": f"{path}{token}"}, secret_key),
        expires_at=now + limit,
    )
    await record([mail], now=now)


def _addressee(recruiter: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(recruiter[name] or "") for name in ("first_name", "last_name")}
