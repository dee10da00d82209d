"""Holding a recruiter's row, so that nobody comes in by an account while it is closed or its password changes."""

from typing import Any

from piccolo.engine.postgres import PostgresEngine

from workflow.database.connection import hold_name
from workflow.errors import AuthenticationRequired, NotFound
from workflow.recruiters.tables import Recruiter


async def held_recruiter(recruiter_id: int) -> dict[str, Any] | None:
    """The row, held until the transaction ends; also of a closed account.

    On PostgreSQL rows that refer to it may go on being written: ids never change.
    """
    query = Recruiter.select().where(Recruiter.id == recruiter_id).first()
    if isinstance(Recruiter._meta.db, PostgresEngine):
        query = query.lock_rows("NO KEY UPDATE", of=(Recruiter,))
    row: dict[str, Any] | None = await query
    return row


async def hold_recruiter(recruiter_id: int, *, password_hash: str | None = None) -> dict[str, Any]:
    """The same for what somebody does with their own account; `password_hash`: under which they were let in.

    Raises AuthenticationRequired where the account was closed, or the password changed, meanwhile.
    """
    row = await held_recruiter(recruiter_id)
    if row is None or not row["active"] or password_hash not in {None, row["password"]}:
        raise AuthenticationRequired
    return row


async def hold_team(administrator_id: int) -> None:
    """Held by whoever changes who works here, one at a time: two administrators cannot close each other out.

    Raises NotFound for who is no administrator any more: to them there is no team.
    """
    await hold_name("team")
    row = await held_recruiter(administrator_id)
    if row is None or not row["active"] or not row["superuser"]:
        raise NotFound
