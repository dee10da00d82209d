"""The database itself refuses what would go around the state machine (C10)."""

from datetime import datetime

import pytest

from tests.support.house import House
from workflow.applications.tables import Application
from workflow.engine.tables import History

WAYS_AROUND = [
    "UPDATE application SET status = 'successful'",
    "UPDATE application SET status = 'successful', version = version + 1",
    "UPDATE application SET version = version + 1",
    "UPDATE application SET version = 9",
    "DELETE FROM application",
    "DELETE FROM offer",
    "DELETE FROM unit",
    "DELETE FROM candidate",
    "UPDATE offer SET status = 'draft'",
    "UPDATE offer SET status = 'archived', version = version + 1",
    "DELETE FROM history",
    "UPDATE history SET event = 'accept'",
    "UPDATE history SET subject_id = subject_id",
    "INSERT INTO application SELECT * FROM application",
    "INSERT OR REPLACE INTO application SELECT * FROM application",
]


@pytest.mark.parametrize("statement", WAYS_AROUND)
async def test_ways_around_the_machine_are_refused(
    database: str, house: House, now: datetime, statement: str
) -> None:
    unit = await house.unit()
    staff = await house.recruiter(unit)
    await house.offer(staff, unit)
    await house.application(await house.candidate())
    before = await Application.select(), await History.select().order_by(History.id)
    with pytest.raises(
        Exception, match=r"application|offer|history|FOREIGN KEY|foreign key|restrict|UNIQUE|syntax"
    ):
        await Application.raw(statement)
    assert (await Application.select(), await History.select().order_by(History.id)) == before
