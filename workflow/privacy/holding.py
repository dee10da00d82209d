"""Holding a candidate's applications, once the candidate is held (`workflow/candidates/holding.py`)."""

from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresEngine

from workflow.applications.tables import Application


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
