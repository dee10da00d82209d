"""Which reference a copy is offered, and that a copy's days are still to come (C2)."""

from datetime import date

import pytest

from tests.support.house import House
from workflow.offers.duplicates import copied, free_reference
from workflow.offers.queries import offer_by_reference


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("LAB1-014", "LAB1-017"),
        ("LAB1-099", "LAB1-100"),
        ("LAB-2026", "LAB-2026-2"),
        ("Chimie", "Chimie-2"),
        ("7", "8"),
        ("x" * 60, "x" * 58 + "-2"),
    ],
)
async def test_next_free_reference_is_counted_on(
    database: str, house: House, reference: str, expected: str
) -> None:
    staff = await house.recruiter(await house.unit())
    assert staff.unit_ids
    for taken in ("LAB1-015", "LAB1-016"):
        await house.offer(staff, min(staff.unit_ids), taken, publish=False)
    assert await free_reference(reference) == expected


async def test_days_that_are_over_are_not_copied(database: str, house: House) -> None:
    staff = await house.recruiter(await house.unit())
    assert staff.unit_ids
    await house.offer(
        staff, min(staff.unit_ids), closes_on=date(2026, 3, 10), starts_on=date(2026, 3, 9), publish=False
    )
    offer = await offer_by_reference("REF-1")
    assert offer is not None
    days = [copied(offer, date(2026, 3, day)) for day in (9, 10, 11)]
    assert [(each["starts_on"], each["closes_on"]) for each in days] == [
        (date(2026, 3, 9), date(2026, 3, 10)),
        (None, date(2026, 3, 10)),
        (None, None),
    ]
