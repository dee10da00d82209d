"""Candidates' logins: beginning, finding and ending a session. Tokens are known to their holder alone."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from workflow.candidates.holding import held_candidate, hold_candidate
from workflow.candidates.tables import CandidateSession
from workflow.checks import ROW_IDS
from workflow.database.connection import write_transaction
from workflow.engine.statements import delete_unheld
from workflow.errors import NotFound
from workflow.logins import Arrival, SessionView, digest_of

IDLE_LIMIT = timedelta(days=1)
ABSOLUTE_LIMIT = timedelta(days=30)
RESTRICTED_LIMIT = timedelta(hours=1)
_FRESH_ENOUGH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that has just begun; `token` cannot be read again."""

    token: str
    expires_at: datetime
    candidate_id: UUID
    is_restricted: bool = False


async def begin_session(
    candidate_id: UUID, *, arrival: Arrival, is_restricted: bool = False, now: datetime
) -> NewSession:
    """Write a session of a candidate, inside the caller's transaction. A restricted one ends after an hour.

    The session that the browser had before ends; those that time has ended are cleared away. Raises
    AuthenticationRequired for an account that is gone.
    """
    await hold_candidate(candidate_id, now=now)
    if arrival.token:
        await end_session(arrival.token)
    over = (CandidateSession.expires_at <= now) | (CandidateSession.ends_at <= now)
    await delete_unheld(CandidateSession, (CandidateSession.candidate == candidate_id) & over)
    token = secrets.token_urlsafe(32)
    ends_at = now + (RESTRICTED_LIMIT if is_restricted else ABSOLUTE_LIMIT)
    await CandidateSession.insert(
        CandidateSession(
            token_digest=digest_of(token),
            candidate=candidate_id,
            created_at=now,
            expires_at=now + IDLE_LIMIT,
            ends_at=ends_at,
            device=arrival.device[:120],
            is_restricted=is_restricted,
        )
    )
    return NewSession(token, min(now + IDLE_LIMIT, ends_at), candidate_id, is_restricted)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Whose session it is, and whether it may do no more than choose a new password."""

    candidate_id: UUID
    is_restricted: bool


async def open_session(token: str, *, now: datetime) -> OpenSession | None:
    """The session of a token, if it still runs. Using it keeps it alive, written at most every ten minutes."""
    mine = CandidateSession.token_digest == digest_of(token)
    session = (
        await CandidateSession.select()
        .where(mine & (CandidateSession.expires_at > now) & (CandidateSession.ends_at > now))
        .first()
    )
    if session is None:
        return None
    if session["expires_at"] < now + IDLE_LIMIT - _FRESH_ENOUGH:
        await CandidateSession.update({CandidateSession.expires_at: now + IDLE_LIMIT}).where(mine)
    return OpenSession(session["candidate"], session["is_restricted"])


async def sessions_of(candidate_id: UUID, token: str, *, now: datetime) -> tuple[SessionView, ...]:
    """The open sessions of a candidate: of the one who asks, whose token `token` is, then the last used first."""
    mine = (CandidateSession.candidate == candidate_id) & (CandidateSession.expires_at > now)
    rows = (
        await CandidateSession.select()
        .where(mine & (CandidateSession.ends_at > now))
        .order_by(CandidateSession.expires_at, ascending=False)
    )
    found = [
        SessionView(
            id=row["id"],
            device=row["device"],
            created_at=row["created_at"],
            used_at=row["expires_at"] - IDLE_LIMIT,
            is_current=row["token_digest"] == digest_of(token),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda session: not session.is_current))


async def end_session(token: str) -> bool:
    """Log out: the token is worth nothing from now on. Whether it was worth anything."""
    mine = CandidateSession.token_digest == digest_of(token)
    return bool(await CandidateSession.delete().where(mine).returning(CandidateSession.id))


async def end_other_session(candidate_id: UUID, session_id: int) -> None:
    """Log out somewhere else. Raises NotFound for a session of others, or one that has ended."""
    async with write_transaction():
        mine = (CandidateSession.id == session_id) & (CandidateSession.candidate == candidate_id)
        if session_id not in ROW_IDS or not await CandidateSession.delete().where(mine).returning(
            CandidateSession.id
        ):
            raise NotFound


async def log_out_everywhere(candidate_id: UUID) -> None:
    """End all sessions, this one too."""
    async with write_transaction():
        await held_candidate(candidate_id)
        await end_all_sessions(candidate_id)


async def end_restricted_sessions(candidate_id: UUID) -> None:
    """End what a temporary password has opened, inside the caller's transaction."""
    mine = CandidateSession.candidate == candidate_id
    await CandidateSession.delete().where(mine & CandidateSession.is_restricted.eq(True))


async def end_all_sessions(candidate_id: UUID) -> None:
    """The same inside the caller's transaction."""
    await CandidateSession.delete().where(CandidateSession.candidate == candidate_id)
