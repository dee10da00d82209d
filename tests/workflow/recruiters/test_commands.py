"""Accounts that are made at the command line."""

import asyncio
from typing import Any

import pytest

from tests.admin.accounts import audit
from tests.support.house import House
from workflow.errors import InvalidInput
from workflow.recruiters.commands import create_recruiter
from workflow.recruiters.members import ACTIVE, members
from workflow.recruiters.tables import Recruiter

DATA: dict[str, Any] = {
    "email": "Paul@example.org",
    "password": "four quiet herons",
    "first_name": "Paul",
    "last_name": "Petit",
    "unit_codes": ["LAB1"],
}


async def test_an_account_has_joined_and_is_in_the_audit(database: str, house: House) -> None:
    await house.unit()
    number = await create_recruiter(**DATA, now=house.now)
    after = {
        "email": "paul@example.org",
        "first_name": "Paul",
        "last_name": "Petit",
        "superuser": False,
        "units": ["LAB1"],
    }
    assert await audit() == [("system", "recruiter.created", str(number), {}, after)]
    assert await Recruiter.select(Recruiter.joined_at) == [{"joined_at": house.now}]
    assert [each.state for each in await members()] == [ACTIVE]


@pytest.mark.parametrize("password", ["short", "x" * 300, "motdepasse2026", "paulpetit-paul"])
async def test_a_password_is_checked_as_elsewhere(database: str, house: House, password: str) -> None:
    await house.unit()
    with pytest.raises(InvalidInput) as refused:
        await create_recruiter(**{**DATA, "password": password}, now=house.now)
    assert [error.field for error in refused.value.errors] == ["password"]
    assert (await members(), await audit()) == ((), [])


async def test_of_one_address_at_once_one_account_is_made(database: str, house: House) -> None:
    await house.unit()
    made = await asyncio.gather(
        *(create_recruiter(**DATA, now=house.now) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in made) == ["InvalidInput"] * 3 + ["int"]
