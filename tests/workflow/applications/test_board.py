"""The filters of the board and the list, and whose applications they leave."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tests.support.house import House
from workflow.applications.board import (
    Condition,
    Filters,
    condition_of,
    filters_from,
    matching_applications,
    matching_counts,
    matching_ids,
)
from workflow.applications.commands import move_application
from workflow.database.connection import write_transaction
from workflow.engine.machine import Terms
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.tables import Unit
from workflow.reviews.tables import ApplicationRating


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ({}, Filters()),
        (
            {
                "offer": " REF-1 ",
                "unit": "3",
                "name": "Zoé",
                "status": "rejected",
                "overdue": "yes",
                "stars": "4",
            },
            Filters(offer="REF-1", unit=3, name="Zoé", status="rejected", overdue=True, stars=4),
        ),
        (
            {"offer": "\0", "unit": "x", "status": "lost", "overdue": "1", "stars": "9", "more": "1"},
            Filters(),
        ),
        ({"unit": "99999999999999999999", "stars": "-1", "name": "x" * 900}, Filters(name="x" * 200)),
    ],
)
def test_filters_are_read_forgivingly(query: dict[str, str], filters: Filters) -> None:
    assert filters_from(query) == filters


def test_filters_write_the_address_that_they_were_read_from() -> None:
    query = {
        "offer": "R/1&2",
        "unit": "3",
        "name": "Zoé D",
        "status": "submitted",
        "overdue": "yes",
        "stars": "2",
    }
    filters = filters_from(query)
    assert filters.fields == query
    assert filters.query() == "offer=R%2F1%262&unit=3&name=Zo%C3%A9+D&status=submitted&overdue=yes&stars=2"
    assert Filters().query() == ""


async def test_everyone_finds_the_applications_of_their_own_units(
    database: str, house: House, now: datetime
) -> None:
    first, second = await house.unit("LAB1"), await house.unit("LAB2")
    rose = await house.recruiter(first, name="Rose")
    ivan = await house.recruiter(second, name="Ivan")
    nina = await house.recruiter(name="Nina")
    ada = await house.recruiter(name="Ada", is_administrator=True)
    await house.offer(rose, first, "REF-1")
    await house.offer(ivan, second, "REF-2")
    one = await house.application(await house.candidate("Chloé"), "REF-1")
    two = await house.application(await house.candidate("Omar"), "REF-2")

    async def found(staff: StaffMember, **filters: object) -> set[UUID]:
        return set(await matching_applications(staff, filters_from(filters), now=now))

    assert [await found(each) for each in (rose, ivan, nina, ada)] == [{one}, {two}, set(), {one, two}]
    assert [await found(each, offer="REF-1") for each in (rose, ivan, nina, ada)] == [
        {one},
        set(),
        set(),
        {one},
    ]
    assert [await found(each, unit=str(second)) for each in (rose, ivan, ada)] == [set(), {two}, {two}]
    assert await found(ada, offer="REF-1", unit=str(second)) == set()
    assert await found(rose, name="omar") == set()


async def test_names_states_and_stars_narrow(
    database: str, house: House, now: datetime, terms: Terms
) -> None:
    unit = await house.unit()
    rose, rolf = await house.recruiter(unit), await house.recruiter(unit, name="Rolf")
    await house.offer(rose, unit)
    zoe, omar = [
        await house.application(await house.candidate(first, last_name=last))
        for first, last in (("Zoé", "Durand-Petit"), ("Omar", "Durand"))
    ]
    await move_application(rose, omar, "consider", terms=terms, now=now)
    async with write_transaction():
        for staff, application, stars in ((rose, zoe, 5), (rolf, zoe, 2), (rose, omar, 3)):
            await ApplicationRating.insert(
                ApplicationRating(application=application, recruiter=staff.id, stars=stars, rated_at=now)
            )

    async def found(**filters: str) -> set[UUID]:
        return set(await matching_applications(rose, filters_from(filters), now=now))

    assert await found(name="durand") == {zoe, omar}
    assert await found(name="PETIT zoe") == {zoe}
    assert await found(name="urand") == set()
    assert await found(name="%") == {zoe, omar}
    assert await found(status="under_consideration") == {omar}
    assert await found(stars="3") == {zoe, omar}
    assert await found(stars="4") == set()
    condition = await condition_of(rose, Filters(stars=3), now=now)
    assert await matching_counts(condition) == {
        "submitted": 1, "under_consideration": 1, "rejected": 0, "successful": 0, "withdrawn": 0,
    }  # fmt: skip


async def test_those_that_wait_too_long_for_their_unit_are_overdue(
    database: str, house: House, now: datetime, terms: Terms
) -> None:
    patient, hasty = await house.unit("LAB1"), await house.unit("LAB2")
    async with write_transaction():
        await Unit.update({Unit.waiting_days: 3}).where(Unit.id == hasty)
    rose = await house.recruiter(patient, hasty)
    await house.offer(rose, patient, "REF-1")
    await house.offer(rose, hasty, "REF-2")
    slow = await house.application(await house.candidate(), "REF-1")
    quick = await house.application(await house.candidate(), "REF-2")
    moved = await house.application(await house.candidate(), "REF-2")
    later = now + timedelta(days=2)
    await move_application(rose, moved, "consider", terms=terms, now=later)

    async def overdue(after: timedelta) -> set[UUID]:
        return set(await matching_applications(rose, Filters(overdue=True), now=now + after))

    assert await overdue(timedelta(days=3)) == set()
    assert await overdue(timedelta(days=3, seconds=1)) == {quick}
    assert await overdue(timedelta(days=5, seconds=1)) == {quick, moved}
    assert await overdue(timedelta(days=15)) == {quick, moved, slow}
    await move_application(rose, moved, "reject", terms=terms, now=later + timedelta(hours=1), note="No.")
    assert await overdue(timedelta(days=6)) == {quick}
    await move_application(rose, moved, "undo", terms=terms, now=later + timedelta(hours=1, minutes=1))
    assert await overdue(timedelta(days=5, seconds=1)) == {quick, moved}


async def test_those_submitted_first_come_first(database: str, house: House, now: datetime) -> None:
    unit = await house.unit()
    rose = await house.recruiter(unit)
    await house.offer(rose, unit)
    applications = []
    for minutes in range(4):
        later = House(now + timedelta(minutes=minutes), house.terms, house.folder)
        applications.append(await later.application(await house.candidate()))
    assert await matching_applications(rose, Filters(), now=now) == tuple(applications)
    assert await matching_applications(rose, Filters(), now=now, limit=2) == tuple(applications[:2])
    part = await matching_ids(
        Condition("a.status = {}", ("submitted",)),
        limit=2,
        offset=1,
        order="p.last_name, a.submitted_at DESC",
    )
    assert part == (applications[2], applications[1])
