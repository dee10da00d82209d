"""Candidates' logins: beginning, finding and ending a session. Tokens are known to their holder alone."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from workflow.candidates.tables import Candidate, CandidateSession

IDLE_LIMIT = timedelta(days=1)
ABSOLUTE_LIMIT = timedelta(days=30)
_FRESH_ENOUGH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that has just begun; `token` cannot be read again."""

    token: str
    expires_at: datetime


def digest_of(token: str) -> str:
    """What is kept of a token: its SHA-256, hex."""
    return hashlib.sha256(token.encode()).hexdigest()


async def begin_session(candidate_id: UUID, *, now: datetime) -> NewSession:
    """Write a session of a candidate, inside the caller's transaction."""
    token = secrets.token_urlsafe(32)
    await CandidateSession.insert(
        CandidateSession(
            token_digest=digest_of(token),
            candidate=candidate_id,
            created_at=now,
            expires_at=now + IDLE_LIMIT,
            ends_at=now + ABSOLUTE_LIMIT,
        )
    )
    await Candidate.update({Candidate.last_active_at: now}).where(Candidate.id == candidate_id)
    return NewSession(token, now + IDLE_LIMIT)


async def candidate_of_session(token: str, *, now: datetime) -> UUID | None:
    """Whose session this is, if it still runs. Using it keeps it alive, written at most every ten minutes."""
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
    candidate_id: UUID = session["candidate"]
    return candidate_id


async def end_session(token: str) -> None:
    """Log out: the token is worth nothing from now on."""
    await CandidateSession.delete().where(CandidateSession.token_digest == digest_of(token))
