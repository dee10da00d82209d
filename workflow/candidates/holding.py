"""Holding a candidate, so that nothing new comes to them while it is decided what becomes of what they have.

Whoever writes anything of a candidate's holds the candidate before it; docs/architecture.md has the whole order.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresEngine

from workflow.candidates.tables import Candidate
from workflow.errors import AuthenticationRequired


async def held_candidate(candidate_id: UUID) -> dict[str, Any] | None:
    """The row, held until the transaction ends; None for one that is erased or gone.

    On PostgreSQL as firmly as for a deletion: who would only refer to this row waits as well, so that nobody has
    to ask for a firmer hold later, which two could do to each other.
    """
    query = Candidate.select().where(Candidate.id == candidate_id).first()
    if isinstance(Candidate._meta.db, PostgresEngine):
        query = query.lock_rows("UPDATE", of=(Candidate,))
    row: dict[str, Any] | None = await query
    return row if row and row["erased_at"] is None else None


async def hold_candidate(candidate_id: UUID, *, now: datetime) -> dict[str, Any]:
    """The same for what candidates do themselves, which is activity.

    Raises AuthenticationRequired for an account that went while its last request was under way.
    """
    row = await held_candidate(candidate_id)
    if row is None:
        raise AuthenticationRequired
    await Candidate.update({Candidate.last_active_at: now}).where(Candidate.id == candidate_id)
    return row
