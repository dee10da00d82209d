"""Links that are mailed to recruiters: each usable once, until it expires; for the same purpose the newest counts."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from workflow.errors import LinkExpired, LinkUsed
from workflow.logins import digest_of
from workflow.recruiters.mails import mail_link
from workflow.recruiters.tables import RecruiterLink

INVITATION = "invitation"
PASSWORD = "password"  # noqa: S105  # what a link is for
LIMITS = {INVITATION: timedelta(days=7), PASSWORD: timedelta(hours=1)}
_MAILS = {
    INVITATION: ("recruiter_invitation", "/console/invitation/"),
    PASSWORD: ("recruiter_password", "/console/password/"),
}


async def send_link(
    recruiter: Mapping[str, Any], purpose: str, *, secret_key: str, now: datetime, **params: Any
) -> None:
    """Make a link and record the mail that carries it, inside the caller's transaction; those before it end."""
    token = secrets.token_urlsafe(32)
    await end_links(recruiter["id"], purpose, now=now)
    await RecruiterLink.insert(
        RecruiterLink(
            token_digest=digest_of(token),
            recruiter=recruiter["id"],
            purpose=purpose,
            created_at=now,
            expires_at=now + LIMITS[purpose],
        )
    )
    kind, path = _MAILS[purpose]
    await mail_link(
        recruiter, kind, path, token, limit=LIMITS[purpose], secret_key=secret_key, now=now, **params
    )


async def end_links(recruiter_id: int, purpose: str, *, now: datetime) -> None:
    """No link of this purpose that was mailed to a recruiter works any more."""
    await RecruiterLink.update({RecruiterLink.expires_at: now}).where(
        (RecruiterLink.recruiter == recruiter_id)
        & (RecruiterLink.purpose == purpose)
        & RecruiterLink.used_at.is_null()
        & (RecruiterLink.expires_at > now)
    )


async def open_link(token: str, purpose: str, *, now: datetime) -> dict[str, Any]:
    """The link of a token, which can still be used. Raises LinkUsed, LinkExpired."""
    mine = (RecruiterLink.token_digest == digest_of(token)) & (RecruiterLink.purpose == purpose)
    link: dict[str, Any] | None = await RecruiterLink.select().where(mine).first()
    if link is None:
        raise LinkExpired
    if link["used_at"]:
        raise LinkUsed
    if link["expires_at"] <= now:
        raise LinkExpired
    return link


async def use_link(link: Mapping[str, Any], *, now: datetime) -> None:
    """Use a link up; its recruiter is held. Raises LinkUsed, LinkExpired."""
    used = (
        await RecruiterLink.update({RecruiterLink.used_at: now})
        .where(
            (RecruiterLink.id == link["id"])
            & RecruiterLink.used_at.is_null()
            & (RecruiterLink.expires_at > now)
        )
        .returning(RecruiterLink.id)
    )
    if not used:
        latest = await RecruiterLink.select().where(RecruiterLink.id == link["id"]).first()
        raise LinkUsed if latest and latest["used_at"] else LinkExpired
