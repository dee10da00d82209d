"""Fills the offer CROWD-1 of a running portal: `python -m tests.browser.crowd NUMBER`, in the portal's environment."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.house import House
from workflow.database.connection import opened_database
from workflow.recruiters.queries import staff_member
from workflow.recruiters.tables import Recruiter
from workflow.settings import Settings, settings
from workflow.terms import terms_of

REFERENCE = "CROWD-1"


async def _fill(number: int, settings: Settings) -> None:
    now = datetime.now(UTC) - timedelta(hours=number)
    async with opened_database():
        row = await Recruiter.select().where(Recruiter.username == "recruiter@example.org").first()
        staff = await staff_member(row["id"]) if row else None
        assert staff is not None
        assert staff.unit_ids
        house = House(now, terms_of(settings), Path(settings.var))
        await house.offer(staff, min(staff.unit_ids), REFERENCE, title_en="A crowd", title_fr="Une foule")
        for hours in range(number):
            later = House(now + timedelta(hours=hours), house.terms, house.folder)
            await later.application(await house.candidate(f"Nr{hours:03}", last_name="Crowd"), REFERENCE)


if __name__ == "__main__":
    asyncio.run(_fill(int(sys.argv[1]), settings()))
