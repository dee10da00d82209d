"""What happens to an offer by itself: it publishes at its hour, closes, and reminds of who waits (C2, W5)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.support.house import ZONE, House
from workflow.applications.commands import cancel_offer, move_application
from workflow.calendar import calendar_of
from workflow.engine.tables import Outbox, Timer
from workflow.engine.timers import planned_timers
from workflow.errors import FieldError, IllegalEvent, InvalidInput, NotFound, StaleVersion, UnknownVersion
from workflow.offers.commands import edit_offer, move_offer, schedule_offer
from workflow.offers.machine import closing_instant
from workflow.offers.queries import OfferView, history_of_offer, offer_by_reference
from workflow.recruiters.queries import StaffMember

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)

LAST_DAY = date(2026, 4, 1)
"""Of the house's offers: thirty days after it begins."""

MISSING = FieldError("description_fr", "Write a description; candidates want to know what the work is.")


@dataclass(frozen=True)
class Bench:
    """An offer of one laboratory, its recruiter, and the clock's work."""

    house: House
    staff: StaffMember
    unit: int

    @property
    def now(self) -> datetime:
        return self.house.now

    async def draft(self, **changes: Any) -> UUID:
        return await self.house.offer(self.staff, self.unit, publish=False, **changes)

    async def schedule(self, at: datetime | None, *, now: datetime | None = None, **options: Any) -> None:
        await schedule_offer(self.staff, "REF-1", at, terms=self.house.terms, now=now or self.now, **options)

    async def edit(self, *, now: datetime | None = None, **changes: Any) -> None:
        data = self.house.offer_data(**changes)
        await edit_offer(self.staff, "REF-1", data, terms=self.house.terms, now=now or self.now)

    async def move(self, event: str, *, now: datetime | None = None) -> None:
        await move_offer(self.staff, "REF-1", event, terms=self.house.terms, now=now or self.now)

    async def decide(self, application_id: UUID) -> None:
        for event in ("consider", "accept"):
            await move_application(self.staff, application_id, event, terms=self.house.terms, now=self.now)

    async def work(self, now: datetime) -> list[str]:
        """What a worker that starts at this instant does; the offer's events since the first."""
        calendar = calendar_of(self.house.terms)
        await calendar.plan_anew()
        while await calendar.fire_due(now):
            pass
        return [step.event for step in await history_of_offer((await self.offer()).id)][1:]

    async def offer(self) -> OfferView:
        offer = await offer_by_reference("REF-1")
        assert offer is not None
        return offer

    async def planned(self) -> list[tuple[str, datetime, str]]:
        offer = await self.offer()
        timers = await planned_timers("offer", [offer.id])
        return [(each.name, each.due_at, each.failure) for each in timers[offer.id]]

    async def reminders(self) -> list[tuple[str, int, datetime]]:
        rows = await Outbox.select().where(Outbox.kind == "offer_waiting").output(load_json=True)
        return [(row["recipient"], row["params"]["waiting"], row["due_at"]) for row in rows]


@pytest.fixture
async def bench(database: str, house: House) -> Bench:
    unit = await house.unit()
    return Bench(house, await house.recruiter(unit), unit)


async def test_a_draft_publishes_at_its_minute_and_not_a_second_before(bench: Bench) -> None:
    at = datetime(2026, 3, 3, 9, 0, tzinfo=ZONE)
    await bench.draft()
    await bench.schedule(at)
    assert await bench.planned() == [("publish", at, "")]
    assert await bench.work(at - SECOND) == []
    assert await bench.work(at) == ["publish"]
    offer = await bench.offer()
    assert (offer.status, offer.published_at) == ("published", at)
    assert await bench.planned() == [("close", closing_instant(LAST_DAY, ZONE), "")]
    assert await Outbox.count().where(Outbox.dedup_key == f"index_offer/{offer.id}/2") == 1


async def test_a_published_offer_closes_when_its_last_day_ends_and_not_a_second_before(bench: Bench) -> None:
    await bench.draft()
    await bench.move("publish")
    midnight = datetime(2026, 4, 2, tzinfo=ZONE)
    assert midnight == datetime(2026, 4, 1, 22, tzinfo=UTC)
    assert await bench.work(midnight - SECOND) == ["publish"]
    assert await bench.work(midnight) == ["publish", "close"]
    assert await bench.planned() == [("remind", midnight + 14 * DAY, "")]


@pytest.mark.parametrize("down_for", [timedelta(minutes=1), 3 * DAY, timedelta(days=29, hours=13)])
async def test_a_worker_that_was_down_catches_up(bench: Bench, down_for: timedelta) -> None:
    await bench.draft()
    await bench.schedule(bench.now + HOUR)
    assert await bench.work(bench.now + HOUR + down_for) == ["publish"]
    assert await bench.work(closing_instant(LAST_DAY, ZONE) + 5 * DAY) == ["publish", "close"]


async def test_an_offer_whose_whole_time_was_missed_is_not_shown_to_nobody_but_kept_with_the_reason(
    bench: Bench,
) -> None:
    """Published and closed in one breath, nobody could have applied: its recruiter has to decide."""
    await bench.draft()
    await bench.schedule(bench.now + HOUR)
    over = closing_instant(LAST_DAY, ZONE)
    assert await bench.work(over) == []
    reason = "The closing day is over. Choose a later one."
    assert await bench.planned() == [("publish", bench.now + HOUR, reason)]
    await bench.edit(closes_on=LAST_DAY + 9 * DAY, now=over)
    assert await bench.work(over) == ["publish"]


async def test_an_offer_closes_when_the_worker_comes_back_after_days(bench: Bench) -> None:
    await bench.draft()
    await bench.move("publish")
    await bench.house.application(await bench.house.candidate())
    back = closing_instant(LAST_DAY, ZONE) + 20 * DAY
    assert await bench.work(back) == ["publish", "close"]
    assert await bench.planned() == [("remind", back + 14 * DAY, "")]


async def test_what_was_refused_is_kept_with_its_reason_and_goes_through_after_the_edit(bench: Bench) -> None:
    at = bench.now + HOUR
    await bench.draft()
    await bench.schedule(at)
    await bench.edit(description_fr="", description_en="")
    assert await bench.work(at) == []
    assert await bench.planned() == [("publish", at, MISSING.message)]
    await bench.edit(description_fr="Une mission.", now=at + DAY)
    assert await bench.planned() == [("publish", at, "")]
    assert await bench.work(at + DAY) == ["publish"]
    assert (await bench.offer()).published_at == at + DAY


async def test_what_was_refused_follows_a_new_hour_or_is_taken_off(bench: Bench) -> None:
    await bench.draft()
    await bench.schedule(bench.now + HOUR)
    await bench.edit(description_fr="", description_en="")
    await bench.work(bench.now + HOUR)
    with pytest.raises(InvalidInput) as caught:
        await bench.schedule(bench.now + DAY, now=bench.now + 2 * HOUR)
    assert list(caught.value.errors) == [MISSING]
    await bench.edit(closes_on=LAST_DAY)
    await bench.schedule(bench.now + DAY, now=bench.now + 2 * HOUR)
    assert await bench.planned() == [("publish", bench.now + DAY, "")]
    await bench.schedule(None)
    assert (await bench.planned(), (await bench.offer()).publish_at) == ([], None)
    assert await bench.work(bench.now + 2 * DAY) == []


@pytest.mark.parametrize("closes_on", [LAST_DAY - 9 * DAY, LAST_DAY + 9 * DAY])
async def test_the_closing_follows_its_day(bench: Bench, closes_on: date) -> None:
    await bench.draft()
    await bench.move("publish")
    await bench.edit(closes_on=closes_on)
    over = closing_instant(closes_on, ZONE)
    assert await bench.planned() == [("close", over, "")]
    assert await bench.work(over - SECOND) == ["publish"]
    assert await bench.work(over) == ["publish", "close"]


async def test_a_closing_day_is_not_moved_into_the_past(bench: Bench) -> None:
    await bench.draft()
    await bench.move("publish")
    later = bench.now + 5 * DAY
    with pytest.raises(InvalidInput):
        await bench.edit(closes_on=date(2026, 3, 3), now=later)
    assert await bench.work(later) == ["publish"]


@pytest.mark.parametrize(
    ("event", "left"),
    [
        ("publish", [("close", closing_instant(LAST_DAY, ZONE), "")]),
        ("cancel", []),
    ],
)
async def test_who_is_quicker_than_the_clock_takes_its_work_away(
    bench: Bench, event: str, left: list[tuple[str, datetime, str]]
) -> None:
    await bench.draft()
    await bench.schedule(bench.now + HOUR)
    if event == "cancel":
        await cancel_offer(bench.staff, "REF-1", terms=bench.house.terms, now=bench.now)
    else:
        await bench.move(event)
    assert await bench.planned() == left
    assert await bench.work(bench.now + HOUR) == [event]


async def test_closing_by_hand_takes_the_closing_away(bench: Bench) -> None:
    await bench.draft()
    await bench.move("publish")
    await bench.move("close", now=bench.now + HOUR)
    assert await bench.planned() == [("remind", bench.now + HOUR + 14 * DAY, "")]


async def test_an_offer_that_has_ended_has_nothing_before_it(bench: Bench) -> None:
    await bench.draft()
    for event in ("publish", "close", "archive"):
        await bench.move(event)
    assert (await bench.planned(), await Timer.count()) == ([], 0)


async def test_the_contact_is_reminded_once_of_those_who_still_wait(bench: Bench) -> None:
    await bench.draft(contact_email="chemistry@example.org")
    await bench.move("publish")
    for name in ("Chloé", "Zoé", "Omar"):
        application_id = await bench.house.application(await bench.house.candidate(name))
    await bench.decide(application_id)
    await bench.move("close")
    at = bench.now + 14 * DAY
    await bench.work(at - SECOND)
    assert await bench.reminders() == []
    for instant in (at, at + SECOND, at + 30 * DAY):
        await bench.work(instant)
        await bench.edit(salary="3 000 €", now=instant)
    assert await bench.reminders() == [("chemistry@example.org", 2, at)]
    assert await bench.planned() == []


async def test_nobody_is_reminded_where_nobody_waits_not_even_later(bench: Bench) -> None:
    await bench.draft()
    await bench.move("publish")
    application_id = await bench.house.application(await bench.house.candidate())
    await bench.move("close")
    await bench.decide(application_id)
    await bench.work(bench.now + 14 * DAY)
    assert (await bench.reminders(), await bench.planned()) == ([], [])


async def test_all_that_stands_in_the_way_of_an_hour_is_told_at_once(bench: Bench) -> None:
    await bench.draft(description_fr="", description_en="")
    over = FieldError("publish_at", "This hour is over. Choose a later one, or publish now.")
    late = FieldError(
        "publish_at",
        "By then the last day to apply is over. Choose an earlier hour, or save a later last day first.",
    )
    told = []
    for at in (bench.now, closing_instant(LAST_DAY, ZONE), closing_instant(LAST_DAY, ZONE) - SECOND):
        with pytest.raises(InvalidInput) as caught:
            await bench.schedule(at)
        told.append(list(caught.value.errors))
    assert told == [[over, MISSING], [late, MISSING], [MISSING]]
    assert (await bench.planned(), (await bench.offer()).publish_at) == ([], None)


async def test_an_hour_is_set_by_those_who_saw_the_draft_as_it_is(bench: Bench) -> None:
    await bench.draft()
    with pytest.raises(UnknownVersion):
        await bench.schedule(bench.now + HOUR, expected_version=2)
    await bench.move("publish")
    with pytest.raises(StaleVersion):
        await bench.schedule(bench.now + HOUR, expected_version=1)
    with pytest.raises(IllegalEvent):
        await bench.schedule(bench.now + HOUR)


async def test_the_hour_of_others_cannot_be_set(bench: Bench) -> None:
    await bench.draft()
    stranger = await bench.house.recruiter(await bench.house.unit("LAB2"), name="Ivan")
    with pytest.raises(NotFound):
        await schedule_offer(stranger, "REF-1", bench.now + HOUR, terms=bench.house.terms, now=bench.now)
    assert await bench.planned() == []
