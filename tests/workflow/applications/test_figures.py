"""The overview's numbers: the same as plain Python counts, on both databases, whatever happened (C7, C9)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.house import ZONE, House
from tests.workflow.applications import lives
from tests.workflow.applications.lives import Life
from workflow.applications.board import Filters, condition_of, matching_applications
from workflow.applications.commands import move_application
from workflow.applications.figures import Funnel, applications_a_day, hires, offers_in_figures
from workflow.applications.periods import Period, offsets
from workflow.applications.waiting import ended_waits, longest_waiting, waiting_by_offer, waits_under_way
from workflow.database.connection import write_transaction
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.tables import Unit

SPRING = Period(date(2026, 3, 20), date(2026, 4, 20), ZONE)
"""The clocks change in it."""

FILTERS = (Filters(), Filters(offer="REF-1"), Filters(offer="REF-3"), Filters(unit=1), Filters(unit=2))


async def busy_house(house: House, seed: int) -> dict[str, StaffMember]:
    """Two units with three offers, many applications, and four people who look."""
    first, second = await house.unit("LAB1"), await house.unit("LAB2")
    async with write_transaction():
        await Unit.update({Unit.waiting_days: 30}).where(Unit.id == second)
    closes_on = (house.now + timedelta(days=300)).date()
    ada = await house.recruiter(name="Ada", is_administrator=True)
    for reference, unit in (("REF-1", first), ("REF-2", first), ("REF-3", second)):
        await house.offer(ada, unit, reference, closes_on=closes_on)
    await lives.live(house, ada, ("REF-1", "REF-2", "REF-3"), seed=seed, number=30)
    return {
        "ada": ada,
        "rose": await house.recruiter(first, name="Rose"),
        "ivan": await house.recruiter(second, name="Ivan"),
        "nina": await house.recruiter(name="Nina"),
    }


async def seen_by(viewer: StaffMember, filters: Filters) -> list[Life]:
    every = await lives.lives(unit=filters.unit, offer=filters.offer)
    return [life for life in every if viewer.sees_unit(life.row["unit"])]


@pytest.mark.parametrize("seed", [1, 2])
async def test_figures_are_what_plain_counting_gives(database: str, house: House, seed: int) -> None:
    people = await busy_house(house, seed)
    now = house.now + timedelta(days=50, seconds=0.25)
    for viewer in people.values():
        for filters in FILTERS:
            whose = await condition_of(viewer, filters, now=now)
            own = await seen_by(viewer, filters)
            in_period = lives.came_in(own, SPRING)
            assert await applications_a_day(whose, SPRING) == lives.counted_days(own, SPRING)
            offers = await offers_in_figures(whose, SPRING, now=now)
            assert sum([each.funnel for each in offers], Funnel()) == lives.counted_funnel(own, SPRING)
            assert {each.reference: each.funnel.submitted for each in offers if each.funnel.submitted} == {
                reference: len([life for life in in_period if life.row["reference"] == reference])
                for reference in {life.row["reference"] for life in in_period}
            }
            assert await ended_waits(whose, SPRING) == lives.counted_ends(own, SPRING)
            assert await waits_under_way(whose, now=now) == lives.counted_waits(own, now)
            assert await hires(whose, SPRING) == len(
                [
                    life
                    for life in own
                    if life.row["status"] == "successful" and SPRING.begins <= life.since < SPRING.ends
                ]
            )


async def test_what_waits_is_what_plain_counting_gives(database: str, house: House) -> None:
    people = await busy_house(house, 3)
    days = {1: 14, 2: 30}
    now = house.now + timedelta(days=50)
    for viewer in people.values():
        whose = await condition_of(viewer, Filters(), now=now)
        own = [life for life in await seen_by(viewer, Filters()) if life.is_live]

        def counted(lives_of: Sequence[Life]) -> dict[str, tuple[int, int, datetime]]:
            offers = {life.row["reference"] for life in lives_of}
            return {
                reference: (len(those), len(late), min(life.since for life in those).replace(microsecond=0))
                for reference in offers
                for those in [[life for life in lives_of if life.row["reference"] == reference]]
                for late in [[life for life in those if lives.is_overdue(now, days[life.row["unit"]])(life)]]
            }

        found = await waiting_by_offer(whose, now=now)
        assert {each.reference: (each.waiting, each.overdue, each.oldest) for each in found} == counted(own)
        assert [each.oldest for each in found] == sorted(each.oldest for each in found)
        before = house.now + timedelta(days=20)
        found = await waiting_by_offer(whose, now=now, since=before)
        assert {each.reference: (each.waiting, each.overdue, each.oldest) for each in found} == counted(
            [life for life in own if life.since.replace(microsecond=0) <= before]
        )
        longest = await longest_waiting(whose, now=now, a_unit=3)
        assert {each.id for each in longest} == {
            life.row["id"]
            for unit in (1, 2)
            for life in sorted(
                (life for life in own if life.row["unit"] == unit),
                key=lambda life: (life.since.replace(microsecond=0), life.row["id"]),
            )[:3]
        }
        assert all(
            each.is_overdue is lives.is_overdue(now, days[each.unit_id])(life)
            for each in longest
            for life in own
            if life.row["id"] == each.id
        )


def test_period_begins_and_ends_at_midnight_of_its_zone() -> None:
    period = Period(date(2026, 3, 28), date(2026, 3, 29), ZONE)
    assert (period.begins, period.ends) == (
        datetime(2026, 3, 27, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 22, tzinfo=UTC),
    )
    assert period.days == (date(2026, 3, 28), date(2026, 3, 29))


@pytest.mark.parametrize(
    ("zone", "first", "last", "changes"),
    [
        ("Europe/Paris", "2026-01-01", "2026-12-31", ["2026-03-29T01:00", "2026-10-25T01:00"]),
        ("Europe/Paris", "2026-03-29", "2026-03-29", ["2026-03-29T01:00"]),
        ("Europe/Paris", "2026-05-01", "2026-06-01", []),
        ("America/Havana", "2026-03-01", "2026-03-31", ["2026-03-08T05:00"]),
        ("Australia/Lord_Howe", "2026-04-01", "2026-04-30", ["2026-04-04T15:00"]),
        ("Asia/Kathmandu", "2026-01-01", "2026-12-31", []),
    ],
)
def test_offsets_change_where_the_clocks_do(zone: str, first: str, last: str, changes: list[str]) -> None:
    period = Period(date.fromisoformat(first), date.fromisoformat(last), ZoneInfo(zone))
    found = offsets(period)
    assert [datetime.fromtimestamp(until, UTC) for until, _ in found] == [
        *(datetime.fromisoformat(change).replace(tzinfo=UTC) for change in changes),
        period.ends,
    ]
    for until, ahead in found:
        before = datetime.fromtimestamp(until - 1, UTC).astimezone(period.zone)
        assert before.utcoffset() == timedelta(seconds=ahead)


@pytest.mark.parametrize("zone", ["Europe/Paris", "Asia/Kathmandu", "Pacific/Auckland"])
async def test_days_are_those_of_the_zone_to_the_second(database: str, house: House, zone: str) -> None:
    """Around every midnight and every change of the clocks, of which there is one in Paris."""
    period = Period(date(2026, 3, 28), date(2026, 3, 30), ZoneInfo(zone))
    staff = await house.recruiter(await house.unit(), name="Rose")
    await house.offer(staff, 1, closes_on=date(2026, 5, 1))
    whose = await condition_of(staff, Filters(), now=house.now)
    nights = [Period(day, day, period.zone).begins for day in (*period.days, date(2026, 3, 31))]
    changes = [datetime.fromtimestamp(until, UTC) for until, _ in offsets(period)]
    moment = timedelta(microseconds=1)
    instants = {each - before for each in (*nights, *changes) for before in (timedelta(), moment)}
    for instant in sorted(instants):
        later = House(instant, house.terms, house.folder)
        await later.application(await later.candidate())
    own = await lives.lives()
    assert await applications_a_day(whose, period) == lives.counted_days(own, period)


async def test_an_application_is_overdue_as_on_the_board_after_its_units_days(
    database: str, house: House
) -> None:
    staff = await house.recruiter(await house.unit(), name="Rose")
    await house.offer(staff, 1, closes_on=date(2026, 5, 1))
    await house.application(await house.candidate())
    for late, found in ((timedelta(), 0), (timedelta(seconds=1), 1)):
        now = house.now + timedelta(days=14) + late
        whose = await condition_of(staff, Filters(), now=now)
        assert [each.overdue for each in await waiting_by_offer(whose, now=now)] == [found]
        assert [each.is_overdue for each in await longest_waiting(whose, now=now, a_unit=1)] == [bool(found)]
        assert len(await matching_applications(staff, Filters(overdue=True), now=now)) == found


async def test_a_hire_counts_on_the_day_of_its_decision(database: str, house: House) -> None:
    staff = await house.recruiter(await house.unit(), name="Rose")
    await house.offer(staff, 1, closes_on=date(2026, 5, 1))
    application = await house.application(await house.candidate())
    decided = house.now + timedelta(days=3)
    for event in ("consider", "accept"):
        await move_application(staff, application, event, terms=house.terms, now=decided)
    whose = await condition_of(staff, Filters(), now=decided)
    day = decided.date()
    found = [
        await hires(whose, Period(day + timedelta(days=first), day + timedelta(days=last), ZONE))
        for first, last in ((-3, -1), (-3, 0), (0, 0), (0, 3), (1, 3))
    ]
    assert found == [0, 1, 1, 1, 0]
