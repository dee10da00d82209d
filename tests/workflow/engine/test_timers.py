"""Timers of a machine: planned with its state, fired once by whoever comes first, tried again when they break."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from tests.support.house import House
from workflow.applications.machine import ApplicationMachine
from workflow.calendar import calendar_of
from workflow.database.connection import write_transaction
from workflow.engine import timers
from workflow.engine.calendar import Calendar, replan
from workflow.engine.history import Step, last_step
from workflow.engine.machine import Terms
from workflow.engine.outbox import Announcement
from workflow.engine.tables import History, Outbox, Timer
from workflow.engine.timers import agenda, planned_timers
from workflow.offers.commands import announce_offer, move_offer, schedule_offer
from workflow.offers.machine import OfferMachine
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember
from workflow.roles import CLOCK

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def staff(database: str, house: House) -> StaffMember:
    return await house.recruiter(await house.unit())


async def scheduled(
    house: House, staff: StaffMember, reference: str = "REF-1", *, after: timedelta = HOUR
) -> UUID:
    """A draft that publishes itself."""
    assert staff.unit_ids
    offer_id = await house.offer(staff, min(staff.unit_ids), reference, publish=False)
    await schedule_offer(staff, reference, house.now + after, terms=house.terms, now=house.now)
    return offer_id


async def published(house: House, staff: StaffMember, reference: str = "REF-1", **changes: Any) -> UUID:
    assert staff.unit_ids
    return await house.offer(staff, min(staff.unit_ids), reference, **changes)


async def rows(subject_id: UUID) -> list[tuple[str, int, datetime]]:
    kept = await Timer.select().where(Timer.subject_id == subject_id).order_by(Timer.id)
    return [(row["name"], row["version"], row["due_at"]) for row in kept]


async def events(subject_id: UUID) -> list[str]:
    kept = await History.select(History.event).where(History.subject_id == subject_id).order_by(History.id)
    return [row["event"] for row in kept]


def failing_for(*failing: UUID, terms: Terms) -> Calendar:
    """A calendar that breaks when it has to tell of some offers."""

    async def announce(step: Step, tells: Mapping[str, str]) -> list[Announcement]:
        if step.subject_id in failing:
            raise RuntimeError("the disk is full")
        return await announce_offer(step, tells)

    return Calendar({OfferMachine: announce}, CLOCK, write_transaction, terms)


def counting_queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every query from here on, as it is asked."""
    asked: list[str] = []
    engine = type(Offer._meta.db)
    inner = engine.run_querystring

    async def counted(self: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        asked.append(str(query))
        return await inner(self, query, *arguments, **options)

    monkeypatch.setattr(engine, "run_querystring", counted)
    return asked


async def test_three_calendars_at_once_fire_a_timer_once(
    staff: StaffMember, house: House, now: datetime
) -> None:
    offers = [await scheduled(house, staff, f"REF-{number}") for number in range(5)]
    calendars = [calendar_of(house.terms) for _ in range(3)]
    await asyncio.gather(*(calendar.fire_due(now + HOUR) for calendar in calendars))
    assert [await events(offer_id) for offer_id in offers] == [["create", "publish"]] * 5
    assert await Outbox.count().where(Outbox.kind == "index_offer") == 5
    assert await Timer.count().where(Timer.failure != "") == 0


async def test_three_calendars_at_once_tell_once(staff: StaffMember, house: House, now: datetime) -> None:
    offer_id = await published(house, staff)
    await house.application(await house.candidate())
    await move_offer(staff, "REF-1", "close", terms=house.terms, now=now)
    calendars = [calendar_of(house.terms) for _ in range(3)]
    await asyncio.gather(*(calendar.fire_due(now + 14 * DAY) for calendar in calendars))
    assert await Outbox.count().where(Outbox.kind == "offer_waiting") == 1
    assert await planned_timers("offer", [offer_id]) == {offer_id: ()}


async def test_one_that_breaks_waits_longer_each_time_and_holds_nobody_up(
    staff: StaffMember, house: House, now: datetime
) -> None:
    broken = await scheduled(house, staff, "REF-1", after=HOUR)
    sound = await scheduled(house, staff, "REF-2", after=HOUR + SECOND)
    calendar, at, pauses = failing_for(broken, terms=house.terms), now + HOUR + SECOND, []
    for attempt in range(1, 9):
        assert await calendar.fire_due(at) == (2 if attempt == 1 else 1)
        [planned] = (await planned_timers("offer", [broken]))[broken]
        assert (planned.attempts, planned.failure) == (attempt, "")
        assert await calendar.fire_due(planned.due_at - SECOND) == 0
        pauses.append((planned.due_at - at) // MINUTE)
        at = planned.due_at
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert [await events(broken), await events(sound)] == [["create"], ["create", "publish"]]
    await calendar_of(house.terms).fire_due(at)
    assert await events(broken) == ["create", "publish"]


async def test_one_that_broke_follows_its_plan_when_that_moves_on(
    staff: StaffMember, house: House, now: datetime
) -> None:
    offer_id = await scheduled(house, staff)
    await failing_for(offer_id, terms=house.terms).fire_due(now + HOUR)
    await schedule_offer(staff, "REF-1", now + 3 * DAY, terms=house.terms, now=now + HOUR)
    await calendar_of(house.terms).fire_due(now + 2 * DAY)
    assert (await events(offer_id), await rows(offer_id)) == (["create"], [("publish", 1, now + 3 * DAY)])


async def test_many_that_break_do_not_keep_others_from_their_turn(
    staff: StaffMember, house: House, now: datetime
) -> None:
    broken = [await scheduled(house, staff, f"REF-{number}") for number in range(6)]
    sound = await scheduled(house, staff, "SOUND", after=HOUR + SECOND)
    calendar = failing_for(*broken, terms=house.terms)
    looked_at = [await calendar.fire_due(now + HOUR + SECOND, limit=3) for _ in range(4)]
    assert (looked_at, await events(sound)) == ([3, 3, 1, 0], ["create", "publish"])


async def test_timer_of_a_state_that_was_left_behind_is_put_right(
    staff: StaffMember, house: House, now: datetime
) -> None:
    """A row that some older program did not take away would be due for ever."""
    offer_id = await published(house, staff)
    plan = await rows(offer_id)
    async with write_transaction():
        await Timer.insert(
            Timer(subject_type="offer", subject_id=offer_id, version=1, name="publish", due_at=now)
        )
    calendar = calendar_of(house.terms)
    assert [await calendar.fire_due(now + HOUR) for _ in range(2)] == [1, 0]
    assert (await rows(offer_id), await events(offer_id)) == (plan, ["create", "publish"])


async def test_offers_older_than_their_timers_are_planned_anew_once(
    staff: StaffMember, house: House, now: datetime
) -> None:
    offers = [await scheduled(house, staff, "DRAFT")] + [
        await published(house, staff, f"REF-{number}") for number in range(3)
    ]
    await move_offer(staff, "REF-2", "close", terms=house.terms, now=now)
    plan = [await rows(offer_id) for offer_id in offers]
    async with write_transaction():
        await Timer.delete(force=True)
    calendar = calendar_of(house.terms)
    assert [await calendar.plan_anew() for _ in range(2)] == [4, 0]
    assert [await rows(offer_id) for offer_id in offers] == plan


async def test_changed_settings_move_what_is_planned(staff: StaffMember, house: House, now: datetime) -> None:
    open_, closed = (
        await published(house, staff, "REF-1", closes_on=date(2026, 6, 10)),
        await published(house, staff, "REF-2"),
    )
    draft = await scheduled(house, staff, "DRAFT")
    await move_offer(staff, "REF-2", "close", terms=house.terms, now=now)
    changed = calendar_of(replace(house.terms, zone=ZoneInfo("Asia/Tokyo"), patience=timedelta(days=3)))
    assert [await changed.plan_anew() for _ in range(2)] == [2, 0]
    assert [await rows(each) for each in (open_, closed, draft)] == [
        [("close", 2, datetime(2026, 6, 11, tzinfo=ZoneInfo("Asia/Tokyo")))],
        [("remind", 3, now + 3 * DAY)],
        [("publish", 1, now + HOUR)],
    ]


async def test_planning_anew_does_not_repeat_what_was_done(
    staff: StaffMember, house: House, now: datetime
) -> None:
    await published(house, staff)
    await house.application(await house.candidate())
    await move_offer(staff, "REF-1", "close", terms=house.terms, now=now)
    await calendar_of(house.terms).fire_due(now + 14 * DAY)
    patient = calendar_of(replace(house.terms, patience=timedelta(days=20)))
    assert [await patient.plan_anew(), await patient.fire_due(now + 21 * DAY)] == [0, 0]
    assert await Outbox.count().where(Outbox.kind == "offer_waiting") == 1


async def test_machine_without_timers_asks_the_database_nothing(
    staff: StaffMember, house: House, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer_id = await published(house, staff)
    application_id = await house.application(await house.candidate())
    steps = {
        machine: await last_step(machine.subject, subject_id)
        for machine, subject_id in ((ApplicationMachine, application_id), (OfferMachine, offer_id))
    }
    row = (await Offer.select().where(Offer.id == offer_id))[0]
    asked = counting_queries(monkeypatch)
    queries = []
    for machine, step in steps.items():
        assert step is not None
        asked.clear()
        await timers.plan(machine, row, step, terms=house.terms)
        queries.append(len(asked))
    assert queries == [0, 1]


async def test_agenda_has_failures_first_then_the_soonest_page_by_page(
    staff: StaffMember, house: House, now: datetime
) -> None:
    later = await scheduled(house, staff, "LATER", after=3 * DAY)
    soon = await scheduled(house, staff, "SOON", after=2 * DAY)
    refused = await scheduled(house, staff, "REFUSED")
    async with write_transaction():
        await Offer.update({Offer.description_fr: "", Offer.description_en: ""}).where(Offer.id == refused)
    await calendar_of(house.terms).fire_due(now + HOUR)
    broken = await scheduled(house, staff, "BROKEN", after=2 * HOUR)
    await failing_for(broken, terms=house.terms).fire_due(now + 2 * HOUR)
    pages = [await agenda("offer", limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [([each.subject_id for each in page], total) for page, total in pages] == [
        ([refused, broken, soon], 4),
        ([later], 4),
        ([], 4),
    ]
    own = Offer.select(Offer.id).where(Offer.reference.is_in(["SOON", "LATER"]))
    page, total = await agenda("offer", own, limit=1, offset=1)
    assert ([each.subject_id for each in page], total) == ([later], 2)
    assert await agenda("application", limit=3) == ((), 0)


async def test_planning_again_without_a_change_changes_nothing(staff: StaffMember, house: House) -> None:
    offer_id = await scheduled(house, staff)
    async with write_transaction():
        assert not await replan(OfferMachine, offer_id, terms=house.terms)


async def test_nothing_is_planned_anew_where_there_is_no_offer(database: str, house: House) -> None:
    assert await calendar_of(house.terms).plan_anew() == 0
