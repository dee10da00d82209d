"""Units: what their audit says of changes at once, and who changes them no more."""

import asyncio
import json

import pytest

from tests.support.house import House
from tests.support.locks import ON_POSTGRES, somebody_else
from workflow.audit.tables import AuditEntry
from workflow.database.connection import write_transaction
from workflow.errors import NotFound
from workflow.recruiters.tables import Recruiter, Unit
from workflow.recruiters.units import create_unit, edit_unit, set_waiting_days

DATA = {
    "code": "LAB2",
    "name": "Lab 2",
    "city": "Nice",
    "region": "93",
    "contact_email": "lab2@example.org",
    "waiting_days": "10",
}


async def test_who_is_no_administrator_any_more_changes_no_units(database: str, house: House) -> None:
    """Also where the request began before."""
    unit, ada = await house.unit(), await house.recruiter(name="Ada", is_administrator=True)
    before = await Unit.select()
    async with write_transaction():
        await Recruiter.update({Recruiter.superuser: False}).where(Recruiter.id == ada.id)
    with pytest.raises(NotFound):
        await create_unit(ada, DATA, now=house.now)
    with pytest.raises(NotFound):
        await edit_unit(ada, unit, DATA, now=house.now)
    assert await Unit.select() == before


async def test_what_is_not_named_stays(database: str, house: House) -> None:
    unit, ada = await house.unit(), await house.recruiter(name="Ada", is_administrator=True)
    (before,) = await Unit.select()
    await edit_unit(ada, unit, {"city": "Nice"}, now=house.now)
    await edit_unit(ada, unit, {}, now=house.now)
    assert await Unit.select() == [before | {"city": "Nice"}]
    assert await AuditEntry.select(AuditEntry.before, AuditEntry.after) == [
        {"before": '{"city": "Brest"}', "after": '{"city": "Nice"}'}
    ]


@ON_POSTGRES
async def test_each_of_two_changes_at_once_follows_the_other(database: str, house: House) -> None:
    unit = await house.unit()
    rose = await house.recruiter(unit)
    async with somebody_else(database) as other:
        await other.hold("unit", "code = 'LAB1'")
        changes = [
            asyncio.create_task(set_waiting_days(rose, unit, {"waiting_days": days}, now=house.now))
            for days in (5, 6)
        ]
        await other.see_waiting(2)
    await asyncio.gather(*changes)
    rows = await AuditEntry.select().order_by(AuditEntry.id)
    days = [[json.loads(row[name])["waiting_days"] for name in ("before", "after")] for row in rows]
    assert days in ([[14, 5], [5, 6]], [[14, 6], [6, 5]])
