"""Two laboratories, a recruiter of each and an administrator, and an application to the first."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from tests.support.house import House
from workflow.recruiters.queries import StaffMember


@dataclass(frozen=True)
class Scene:
    house: House
    units: tuple[int, int]
    rose: StaffMember
    ivan: StaffMember
    ada: StaffMember
    candidate: UUID
    application: UUID


@pytest.fixture
async def scene(database: str, house: House) -> Scene:
    first, second = await house.unit("LAB1"), await house.unit("LAB2")
    rose = await house.recruiter(first, name="Rose")
    ivan = await house.recruiter(second, name="Ivan")
    ada = await house.recruiter(name="Ada", is_administrator=True)
    await house.offer(rose, first)
    candidate = await house.candidate()
    return Scene(house, (first, second), rose, ivan, ada, candidate, await house.application(candidate))
