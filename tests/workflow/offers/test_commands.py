"""Making, changing and publishing offers: C2 and what an offer's address may be."""

import asyncio
from datetime import date, datetime
from typing import Any

import pytest

from tests.support.house import ZONE, House
from workflow.engine.tables import History
from workflow.errors import InvalidInput
from workflow.offers.commands import edit_offer, move_offer
from workflow.offers.queries import offer_by_reference
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember


@pytest.fixture
async def staff(database: str, house: House) -> StaffMember:
    return await house.recruiter(await house.unit())


def unit_of(staff: StaffMember) -> int:
    assert staff.unit_ids
    return min(staff.unit_ids)


async def test_of_simultaneous_drafts_with_one_reference_one_is_made(
    staff: StaffMember, house: House
) -> None:
    async def attempt() -> str:
        try:
            await house.offer(staff, unit_of(staff), publish=False)
        except InvalidInput as error:
            return error.errors[0].field
        return "made"

    outcomes = await asyncio.gather(*(attempt() for _ in range(10)))
    assert sorted(outcomes) == ["made"] + ["reference"] * 9
    assert (await Offer.count(), await History.count()) == (1, 1)


@pytest.mark.parametrize(
    "reference", ["", ".", "..", "a/b", "a\\b", "advanced", "New", "\u200b", "…", "x" * 61]
)
async def test_a_reference_must_be_an_address(staff: StaffMember, house: House, reference: str) -> None:
    with pytest.raises(InvalidInput):
        await house.offer(staff, unit_of(staff), reference, publish=False)


async def test_a_day_that_is_over_in_paris_is_over(staff: StaffMember, house: House) -> None:
    await house.offer(staff, unit_of(staff), publish=False, closes_on=date(2026, 6, 9))
    past_midnight_in_paris = datetime(2026, 6, 10, 0, 30, tzinfo=ZONE)
    with pytest.raises(InvalidInput) as caught:
        await move_offer(staff, "REF-1", "publish", terms=house.terms, now=past_midnight_in_paris)
    assert [error.field for error in caught.value.errors] == ["closes_on"]


@pytest.mark.parametrize(
    "changes", [{"closes_on": "9999-12-31"}, {"description_fr": "", "description_en": ""}]
)
async def test_a_published_offer_stays_complete(
    staff: StaffMember, house: House, now: datetime, changes: dict[str, Any]
) -> None:
    await house.offer(staff, unit_of(staff))
    before = await offer_by_reference("REF-1")
    with pytest.raises(InvalidInput):
        await edit_offer(staff, "REF-1", house.offer_data(**changes), terms=house.terms, now=now)
    assert await offer_by_reference("REF-1") == before
