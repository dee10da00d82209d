"""Making and changing units; administrators do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from piccolo.engine.postgres import PostgresEngine

from workflow.audit.recording import note_change
from workflow.checks import Checks
from workflow.database.connection import write_transaction
from workflow.errors import FieldError, InvalidInput, NotFound
from workflow.language import N_
from workflow.recruiters.holding import hold_administrator
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.tables import Unit

UNIT_FIELDS = ("name", "city", "region", "contact_email", "waiting_days")
"""What may change of a unit; its code stays, for imports name units by it."""


async def create_unit(staff: StaffMember, data: Mapping[str, Any], *, now: datetime) -> int:
    """Make a unit; the new id. Raises InvalidInput, and NotFound for those who are no administrators."""
    staff.require_administrator()
    checks = Checks(data)
    code = checks.line("code", maximum=40, required=True)
    values = _checked(checks)
    async with write_transaction():
        await hold_administrator(staff.id)
        inserted = await Unit.insert(Unit(code=code, **values)).on_conflict(
            target=Unit.code, action="DO NOTHING"
        )
        if not inserted:
            raise InvalidInput([FieldError("code", N_("There is a unit with this code already."))])
        unit_id = int(inserted[0]["id"])
        after = {"code": code, **values}
        await note_change(
            staff.actor, "unit.created", ("unit", unit_id), now=now, unit_id=unit_id, after=after
        )
    return unit_id


async def edit_unit(staff: StaffMember, unit_id: int, data: Mapping[str, Any], *, now: datetime) -> None:
    """Change of a unit what `data` names; all else stays as it is. Raises InvalidInput, NotFound."""
    staff.require_administrator()
    async with write_transaction():
        await hold_administrator(staff.id)
        before = await _held(unit_id)
        values = _checked(Checks({**before, **data}))
        changes = {name: values[name] for name in UNIT_FIELDS if name in data}
        await _change(staff, before, changes, now=now)


async def set_waiting_days(
    staff: StaffMember, unit_id: int, data: Mapping[str, Any], *, now: datetime
) -> None:
    """After how many days an application is overdue (C7); the unit's own recruiters set it as well.

    Raises InvalidInput, and NotFound for a unit of others.
    """
    if not staff.sees_unit(unit_id):
        raise NotFound
    checks = Checks(data)
    days = _waiting_days(checks)
    checks.finish()
    async with write_transaction():
        await _change(staff, await _held(unit_id), {"waiting_days": days}, now=now)


async def _held(unit_id: int) -> dict[str, Any]:
    """The row, held until the transaction ends. Raises NotFound.

    On PostgreSQL rows that refer to it may go on being written: ids never change.
    """
    query = Unit.select().where(Unit.id == unit_id).first()
    if isinstance(Unit._meta.db, PostgresEngine):
        query = query.lock_rows("NO KEY UPDATE", of=(Unit,))
    row: dict[str, Any] | None = await query
    if row is None:
        raise NotFound
    return row


async def _change(
    staff: StaffMember, before: Mapping[str, Any], after: Mapping[str, Any], *, now: datetime
) -> None:
    if not after:
        return
    changes: dict[Any, Any] = dict(after)
    unit_id = before["id"]
    await Unit.update(changes).where(Unit.id == unit_id)
    await note_change(
        staff.actor,
        "unit.edited",
        ("unit", unit_id),
        now=now,
        unit_id=unit_id,
        before=before,
        after=after,
    )


def _checked(checks: Checks) -> dict[str, Any]:
    values = {
        "name": checks.line("name", maximum=300, required=True),
        "city": checks.line("city", maximum=120),
        "region": checks.choice("region", "region", required=True),
        "contact_email": checks.email("contact_email"),
        "waiting_days": _waiting_days(checks),
    }
    checks.finish()
    return values


def _waiting_days(checks: Checks) -> int:
    days = checks.number("waiting_days", least=1, most=365)
    if days is None and not any(error.field == "waiting_days" for error in checks.errors):
        checks.fail("waiting_days", N_("Fill in this field."))
    return days or 0
