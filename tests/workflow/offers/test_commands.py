"""Making, changing and publishing offers: C2 and what an offer's address may be."""

import asyncio
from datetime import date, datetime, timedelta
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
    "changes",
    [{"closes_on": "9999-12-31"}, {"closes_on": "2026-03-01"}, {"description_fr": "", "description_en": ""}],
)
async def test_a_published_offer_stays_complete(
    staff: StaffMember, house: House, now: datetime, changes: dict[str, Any]
) -> None:
    await house.offer(staff, unit_of(staff))
    before = await offer_by_reference("REF-1")
    with pytest.raises(InvalidInput):
        await edit_offer(staff, "REF-1", house.offer_data(**changes), terms=house.terms, now=now)
    assert await offer_by_reference("REF-1") == before


async def test_a_published_offer_whose_day_is_over_can_still_be_mended(
    staff: StaffMember, house: House, now: datetime
) -> None:
    await house.offer(staff, unit_of(staff))
    later = now + timedelta(days=31)
    await edit_offer(staff, "REF-1", house.offer_data(city="Quimper"), terms=house.terms, now=later)
    offer = await offer_by_reference("REF-1")
    assert offer is not None
    assert offer.city == "Quimper"


async def test_publishing_and_taking_the_description_away_at_once_end_well(
    staff: StaffMember, house: House, now: datetime
) -> None:
    """Whoever is second is refused: no offer is published without a description."""
    bare = house.offer_data(description_fr="", description_en="")
    for number in range(8):
        reference = f"RACE-{number}"
        await house.offer(staff, unit_of(staff), reference, publish=False)
        outcomes = await asyncio.gather(
            move_offer(staff, reference, "publish", terms=house.terms, now=now),
            edit_offer(staff, reference, bare, terms=house.terms, now=now),
            return_exceptions=True,
        )
        offer = await offer_by_reference(reference)
        assert offer is not None
        assert (offer.status, offer.description_fr) in {("published", "Une mission."), ("draft", "")}
        assert sum(isinstance(each, InvalidInput) for each in outcomes) == 1
