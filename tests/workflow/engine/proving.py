"""A small past to doubt: a decision taken back, and the questions that the tests ask of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.support.house import House
from tests.support.tampering import tamper
from workflow.applications.commands import move_application
from workflow.database.connection import write_transaction
from workflow.engine.checkpoints import Extension, extend
from workflow.engine.history import Step, steps_of
from workflow.engine.records import Fault
from workflow.engine.tables import History
from workflow.engine.verification import verify
from workflow.machines import MACHINES
from workflow.recruiters.queries import StaffMember

Named = tuple[str, UUID | None, int | None, int | None]


async def faults(key: bytes) -> list[Fault]:
    return [fault async for part in verify(MACHINES, key) for fault in part.faults]


async def checkpoint(key: bytes, now: datetime, **options: Any) -> Extension:
    return await extend(transaction=write_transaction, key=key, now=now, **options)


@dataclass
class Past:
    """An offer, and an application that was considered, rejected and taken back: four steps."""

    url: str
    house: House
    staff: StaffMember
    application_id: UUID

    async def tamper(self, *statements: str) -> None:
        """`{id}` is the application's id."""
        await tamper(
            self.url, *(statement.replace("{id}", str(self.application_id)) for statement in statements)
        )

    async def move(self, event: str, *, after: timedelta = timedelta(), note: str = "") -> Step:
        return await move_application(
            self.staff,
            self.application_id,
            event,
            terms=self.house.terms,
            now=self.house.now + after,
            note=note,
        )

    async def checkpoint(self, *, after: timedelta = timedelta(), **options: Any) -> Extension:
        return await checkpoint(self.house.terms.history_key, self.house.now + after, **options)

    async def steps(self) -> tuple[Step, ...]:
        return (await steps_of("application", [self.application_id]))[self.application_id]

    async def row_id(self, version: int) -> int:
        mine = (History.subject_id == self.application_id) & (History.version == version)
        row = await History.select(History.id).where(mine).first()
        assert row is not None
        return int(row["id"])

    async def faults(self) -> list[Fault]:
        return await faults(self.house.terms.history_key)

    async def named(self) -> list[Named]:
        """Which rows are named, and as what."""
        return [(f.subject_type, f.subject_id, f.version, f.row_id) for f in await self.faults()]


async def a_past(url: str, house: House, now: datetime) -> Past:
    """Begun with the checkpoint of an empty history, as every installation begins."""
    await checkpoint(house.terms.history_key, now)
    unit = await house.unit()
    staff = await house.recruiter(unit)
    await house.offer(staff, unit)
    past = Past(url, house, staff, await house.application(await house.candidate()))
    await past.move("consider")
    await past.move("reject", note="The funding fell through")
    await past.move("undo", after=timedelta(minutes=5))
    return past
