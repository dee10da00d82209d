"""Recruiters' logins: beginning, finding and ending a session; what one still lacks before it opens anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from workflow.checks import ROW_IDS
from workflow.database.connection import write_transaction
from workflow.engine.statements import delete_unheld
from workflow.errors import NotFound
from workflow.logins import Arrival, SessionView, digest_of
from workflow.recruiters.tables import IDLE_LIMIT, Recruiter, RecruiterSession

CODE = "code"
ENROLMENT = "enrolment"
LACKING_LIMIT = timedelta(minutes=30)
"""Within which a login is to be finished."""


@dataclass(frozen=True, slots=True)
class Login:
    """A session that has just begun. `token` cannot be read again; `lacks`: what is asked for next, or None."""

    token: str
    recruiter_id: int
    lacks: str | None
    expires_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class LackingLogin:
    """A login that is not finished: whose it is, and what it lacks."""

    recruiter_id: int
    lacks: str


def lack_of(recruiter: Mapping[str, Any]) -> str | None:
    """What the password alone leaves open."""
    if recruiter["totp_since"]:
        return CODE
    return ENROLMENT if recruiter["needs_second_factor"] else None


async def begin_login(
    recruiter: Mapping[str, Any], *, arrival: Arrival, lacks: str | None, now: datetime
) -> Login:
    """Write a session inside the caller's transaction, which holds the recruiter.

    The session that the browser had before ends; those that time has ended are cleared away.
    """
    if arrival.token:
        await RecruiterSession.remove_session(arrival.token)
    present = datetime.now(UTC)  # sessions live by the machine's clock: Piccolo asks for them without another
    over = (RecruiterSession.expires_at <= present) | (RecruiterSession.ends_at <= present)
    await delete_unheld(RecruiterSession, (RecruiterSession.user_id == recruiter["id"]) & over)
    session = await RecruiterSession.create_session(
        recruiter["id"],
        max_expiry_date=present + LACKING_LIMIT if lacks else None,
        lacks=lacks,
        device=arrival.device,
    )
    if lacks is None:
        when = now.astimezone(UTC).replace(tzinfo=None)  # Piccolo's column has no zone
        await Recruiter.update({Recruiter.last_login: when}).where(Recruiter.id == recruiter["id"])
    expires_at: datetime = session.expires_at  # type: ignore[assignment]  # the value, on an instance
    ends_at: datetime = session.ends_at  # type: ignore[assignment]
    return Login(session.token, recruiter["id"], lacks, min(expires_at, ends_at), ends_at)


async def lacking_login(token: str) -> LackingLogin | None:
    """The login that a token stands for, while something is still asked for."""
    session = await RecruiterSession.running(token) if token else None
    return LackingLogin(session["user_id"], session["lacks"]) if session and session["lacks"] else None


async def sessions_of(recruiter_id: int, token: str) -> tuple[SessionView, ...]:
    """The open sessions of a recruiter: of the one who asks, whose token `token` is, then the last used first."""
    present = datetime.now(UTC)
    mine = (RecruiterSession.user_id == recruiter_id) & RecruiterSession.lacks.is_null()
    rows = (
        await RecruiterSession.select()
        .where(mine & (RecruiterSession.expires_at > present) & (RecruiterSession.ends_at > present))
        .order_by(RecruiterSession.expires_at, ascending=False)
    )
    found = [
        SessionView(
            id=row["id"],
            device=row["device"],
            created_at=row["created_at"],
            used_at=max(row["created_at"], row["expires_at"] - IDLE_LIMIT),
            is_current=row["token_digest"] == digest_of(token),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda session: not session.is_current))


async def end_own_session(recruiter_id: int, session_id: int) -> None:
    """Log out somewhere else. Raises NotFound for a session of others, or one that has ended."""
    if session_id not in ROW_IDS:
        raise NotFound
    async with write_transaction():
        mine = (RecruiterSession.id == session_id) & (RecruiterSession.user_id == recruiter_id)
        if not await RecruiterSession.delete().where(mine).returning(RecruiterSession.id):
            raise NotFound


async def log_out_elsewhere(recruiter_id: int, token: str) -> None:
    """End all sessions but the one of this token."""
    async with write_transaction():
        await end_sessions(recruiter_id, but=token)


async def end_sessions(recruiter_id: int, *, but: str = "") -> None:
    """The same inside the caller's transaction; without a token all of them."""
    mine = RecruiterSession.user_id == recruiter_id
    others = RecruiterSession.token_digest != digest_of(but)
    await RecruiterSession.delete().where(mine & others if but else mine)
