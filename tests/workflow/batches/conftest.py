"""A laboratory with one offer, its recruiter, and applications to move many of at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.house import House
from workflow.applications.commands import move_application
from workflow.applications.tables import Application
from workflow.batches.commands import Item, start_batch
from workflow.batches.moving import carry_out
from workflow.batches.tables import BatchItem
from workflow.recruiters.queries import StaffMember


@dataclass(frozen=True)
class Lab:
    """What the tests of batches share."""

    house: House
    unit: int
    staff: StaffMember

    async def applications(self, number: int, *, considered: bool = False, **person: Any) -> list[UUID]:
        found = [await self.house.application(await self.house.candidate(**person)) for _ in range(number)]
        if considered:
            for each in found:
                await self.move(each, "consider")
        return found

    async def move(
        self, application: UUID, event: str, note: str = "", *, now: datetime | None = None
    ) -> None:
        await move_application(
            self.staff, application, event, terms=self.house.terms, now=now or self.house.now, note=note
        )

    async def start(
        self, items: Sequence[Item], event: str, *, batch_id: UUID | None = None, **words: Any
    ) -> UUID:
        batch_id = batch_id or uuid4()
        await start_batch(self.staff, batch_id, items, event, now=self.house.now, **words)
        return batch_id

    async def carry_out(self, batch_id: UUID, *, now: datetime | None = None) -> bool:
        clock = now or self.house.now
        return await carry_out(batch_id, terms=self.house.terms, clock=lambda: clock, is_enough=lambda: False)


@pytest.fixture
async def lab(database: str, house: House) -> Lab:
    unit = await house.unit()
    staff = await house.recruiter(unit)
    await house.offer(staff, unit)
    return Lab(house, unit, staff)


async def standing(ids: Sequence[UUID]) -> list[tuple[str, int]]:
    """Status and version of each."""
    rows = await Application.select(Application.id, Application.status, Application.version)
    by_id = {row["id"]: (row["status"], row["version"]) for row in rows}
    return [by_id[each] for each in ids]


async def items_of(batch_id: UUID) -> dict[UUID, tuple[str, str]]:
    """Application → state and reason."""
    rows = await BatchItem.select().where(BatchItem.batch == batch_id)
    return {row["application"]: (row["state"], row["reason"]) for row in rows}
