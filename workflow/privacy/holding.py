"""Holding a candidate, so that nothing new comes to them while it is decided what becomes of what they have."""

from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresEngine

from workflow.applications.tables import Application
from workflow.candidates.tables import Candidate


async def held_candidate(candidate_id: UUID) -> dict[str, Any] | None:
    """The row, held until the transaction ends; None for one that is erased or gone.

    Whoever would give this candidate a session, a document or an application waits meanwhile.
    """
    query = Candidate.select().where(Candidate.id == candidate_id).first()
    if isinstance(Candidate._meta.db, PostgresEngine):
        query = query.lock_rows("UPDATE", of=(Candidate,))
    row: dict[str, Any] | None = await query
    return row if row and row["erased_at"] is None else None


async def held_applications(candidate_id: UUID) -> list[dict[str, Any]]:
    """Id and status of all applications of a candidate, held: each after the move that was under way."""
    query = (
        Application.select(Application.id, Application.status)
        .where(Application.candidate == candidate_id)
        .order_by(Application.id)
    )
    if isinstance(Application._meta.db, PostgresEngine):
        query = query.lock_rows("UPDATE", of=(Application,))
    rows: list[dict[str, Any]] = await query
    return rows
