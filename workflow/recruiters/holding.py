"""Holding a recruiter's row, so that nobody comes in by an account while it is closed or its password changes."""

from typing import Any

from piccolo.engine.postgres import PostgresEngine

from workflow.database.connection import hold_name
from workflow.errors import AuthenticationRequired, NotFound
from workflow.recruiters.tables import Recruiter

TEAM = "team"
"""The name that is held by whoever changes who works here."""


async def held_recruiter(recruiter_id: int) -> dict[str, Any] | None:
    """The row, held until the transaction ends; also of a closed account.

    On PostgreSQL rows that refer to it may go on being written: ids never change.
    """
    query = Recruiter.select().where(Recruiter.id == recruiter_id).first()
    if isinstance(Recruiter._meta.db, PostgresEngine):
        query = query.lock_rows("NO KEY UPDATE", of=(Recruiter,))
    row: dict[str, Any] | None = await query
    return row


async def hold_recruiter(recruiter_id: int) -> dict[str, Any]:
    """The same for what somebody does with their own account.

    Raises AuthenticationRequired where the account was closed meanwhile.
    """
    row = await held_recruiter(recruiter_id)
    if row is None or not row["active"]:
        raise AuthenticationRequired
    return row


async def hold_proven_recruiter(recruiter_id: int, password_hash: str) -> dict[str, Any]:
    """The same for who was let in by the password of this hash.

    Raises AuthenticationRequired where the account was closed, or the password changed, meanwhile.
    """
    row = await hold_recruiter(recruiter_id)
    if row["password"] != password_hash:
        raise AuthenticationRequired
    return row


async def hold_team(administrator_id: int) -> None:
    """Held by whoever changes who works here, one at a time: two administrators cannot close each other out.

    Raises NotFound for who is no administrator any more: to them there is no team.
    """
    await hold_name(TEAM)
    await hold_administrator(administrator_id)


async def hold_administrator(administrator_id: int) -> None:
    """Held by whoever does what administrators alone do: they stay one until it is done.

    Raises NotFound for who is none any more.
    """
    row = await held_recruiter(administrator_id)
    if row is None or not row["active"] or not row["superuser"]:
        raise NotFound
