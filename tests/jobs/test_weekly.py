"""The weekly mail to recruiters: at its hour, once, late rather than never, and only where something waits (C7)."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from jobs.weekly import KIND, WeeklyMailer
from tests.support.house import ZONE, House
from workflow.applications.commands import move_application
from workflow.database.connection import write_transaction
from workflow.engine.tables import Outbox
from workflow.mail_hours import MailHours
from workflow.messages.rendering import House as Sender
from workflow.messages.rendering import render
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.tables import Recruiter, Unit
from workflow.settings import Settings

DAY = timedelta(days=1)
MONDAY = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)
"""8 o'clock in Paris, a week after the house's instant."""


def mailer(now: datetime, **changed: Any) -> WeeklyMailer:
    """A worker that begins at an instant."""
    return WeeklyMailer(replace(Settings(), **changed), lambda: now)


async def mails() -> list[dict[str, Any]]:
    found = (
        await Outbox.select(Outbox.recipient, Outbox.language, Outbox.params, Outbox.dedup_key)
        .where(Outbox.kind == KIND)
        .order_by(Outbox.id)
    )
    return [{**row, "params": json.loads(row["params"])} for row in found]


async def told() -> list[str]:
    return [mail["recipient"] for mail in await mails()]


async def change(staff: StaffMember, **values: Any) -> None:
    columns: dict[Any, Any] = {
        Recruiter._meta.get_column_by_name(name): value for name, value in values.items()
    }
    async with write_transaction():
        await Recruiter.update(columns).where(Recruiter.id == staff.id)


@pytest.fixture
async def people(database: str, house: House) -> dict[str, StaffMember]:
    """Two units with an offer each, two applications to the first, one to the second; all of 2 March."""
    first, second = await house.unit("LAB1"), await house.unit("LAB2")
    async with write_transaction():
        await Unit.update({Unit.waiting_days: 5}).where(Unit.id == first)
    found = {
        "rose": await house.recruiter(first, name="Rose"),
        "ivan": await house.recruiter(second, name="Ivan"),
        "both": await house.recruiter(first, second, name="Both"),
        "nina": await house.recruiter(name="Nina"),
        "ada": await house.recruiter(name="Ada", is_administrator=True),
        "member": await house.recruiter(second, name="Member", is_administrator=True),
    }
    await house.offer(found["rose"], first, "REF-1")
    await house.offer(found["ivan"], second, "REF-2", title_fr="Physicien", title_en="")
    await house.application(await house.candidate("Chloé"), "REF-1")
    await replace(house, now=house.now + DAY).application(await house.candidate("Zoé"), "REF-1")
    await house.application(await house.candidate("Omar"), "REF-2")
    return found


EVERYBODY = [f"{name}@example.org" for name in ("rose", "ivan", "both", "member")]


async def test_each_hears_of_their_own_units(people: dict[str, StaffMember]) -> None:
    await change(people["rose"], language="en")
    assert await mailer(MONDAY).tend() == 4
    found = await mails()
    assert [mail["recipient"] for mail in found] == EVERYBODY
    assert found[0] == {
        "recipient": "rose@example.org",
        "language": "en",
        "dedup_key": f"weekly_waiting/{people['rose'].id}/2026-W11",
        "params": {
            "first_name": "Rose",
            "last_name": "Recruiter",
            "waiting": 2,
            "overdue": 2,
            "offers": [["Chemist (REF-1)", "Laboratory LAB1", 2, 2, 6]],
            "more": 0,
        },
    }
    assert found[2]["params"] == {
        "first_name": "Both",
        "last_name": "Recruiter",
        "waiting": 3,
        "overdue": 2,
        "offers": [
            ["Chimiste (H/F) (REF-1)", "Laboratory LAB1", 2, 2, 6],
            ["Physicien (REF-2)", "Laboratory LAB2", 1, 0, 6],
        ],
        "more": 0,
    }


async def test_whoever_wants_none_or_works_here_no_more_gets_none(people: dict[str, StaffMember]) -> None:
    await change(people["rose"], wants_weekly=False)
    await change(people["ivan"], active=False)
    await change(people["both"], invited_at=MONDAY - DAY)
    await change(people["member"], invited_at=MONDAY - DAY, joined_at=MONDAY + timedelta(minutes=1))
    assert await mailer(MONDAY + DAY).tend() == 0
    await change(people["both"], joined_at=MONDAY - DAY)
    await mailer(MONDAY + DAY).tend()
    assert await told() == ["both@example.org"]


async def test_it_goes_out_at_its_hour_and_once_a_week(people: dict[str, StaffMember]) -> None:
    await mailer(MONDAY - timedelta(seconds=1)).tend()
    assert await told() == []  # what waits now came in after last Monday
    for after in (0, 1, 3600, 86400, 6 * 86400):
        await mailer(MONDAY + timedelta(seconds=after)).tend()
    assert await told() == EVERYBODY
    await mailer(MONDAY + 7 * DAY).tend()
    assert await told() == EVERYBODY * 2


async def test_one_worker_looks_once_a_week(people: dict[str, StaffMember]) -> None:
    clock = [MONDAY]
    worker = WeeklyMailer(Settings(), lambda: clock[0])
    found = []
    for after in (0, 1, 6, 7, 8):
        clock[0] = MONDAY + after * DAY
        found.append(await worker.tend())
    assert found == [4, 0, 0, 4, 0]


async def test_a_missed_hour_is_caught_up_within_the_week(people: dict[str, StaffMember]) -> None:
    await mailer(MONDAY + 5 * DAY).tend()
    await mailer(MONDAY + 6 * DAY).tend()
    assert await told() == EVERYBODY


async def test_what_came_in_after_the_hour_waits_for_the_next(
    people: dict[str, StaffMember], house: House
) -> None:
    await mailer(MONDAY).tend()
    third = await house.unit("LAB3")
    anna = await house.recruiter(third, name="Anna")
    await house.offer(anna, third, "REF-3")
    await replace(house, now=MONDAY + DAY).application(await house.candidate("Léa"), "REF-3")
    await mailer(MONDAY + 2 * DAY).tend()
    assert await told() == EVERYBODY
    await mailer(MONDAY + 7 * DAY).tend()
    assert await told() == [*EVERYBODY, *EVERYBODY, "anna@example.org"]


async def test_nothing_is_said_when_nothing_waits(people: dict[str, StaffMember], house: House) -> None:
    rows: list[dict[str, UUID]] = await Outbox.raw("SELECT id FROM application")
    for row in rows:
        for event in ("consider", "accept"):
            await move_application(
                people["ada"], row["id"], event, terms=house.terms, now=house.now + 2 * DAY
            )
    assert await mailer(MONDAY).tend() == 0


async def test_any_number_of_workers_tell_once(people: dict[str, StaffMember]) -> None:
    await asyncio.gather(*(mailer(MONDAY + timedelta(seconds=second)).tend() for second in range(6)))
    assert sorted(await told()) == sorted(EVERYBODY)


async def test_the_day_and_the_hour_are_settings(people: dict[str, StaffMember]) -> None:
    friday = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)
    await mailer(friday - timedelta(seconds=1), weekly_day="friday", weekly_hour=17).tend()
    assert await told() == []
    await mailer(friday, weekly_day="friday", weekly_hour=17).tend()
    assert await told() == EVERYBODY


async def test_more_offers_than_anybody_reads_are_counted(
    people: dict[str, StaffMember], house: House
) -> None:
    for number in range(10, 31):
        await house.offer(people["rose"], 1, f"REF-{number}")
        await house.application(await house.candidate(), f"REF-{number}")
    await mailer(MONDAY).tend()
    rose = (await mails())[0]["params"]
    assert (rose["waiting"], len(rose["offers"]), rose["more"]) == (23, 20, 2)


@pytest.mark.parametrize(
    ("zone", "hour", "now", "begins", "ends"),
    [
        # Sunday 29 March: 2 o'clock does not exist in Paris, and 3 takes its place
        ("Europe/Paris", 2, "2026-03-29T01:00", "2026-03-29T01:00", "2026-04-05T00:00"),
        ("Europe/Paris", 2, "2026-03-29T00:59", "2026-03-22T01:00", "2026-03-29T01:00"),
        # Sunday 25 October: 2 o'clock comes twice, and the first counts
        ("Europe/Paris", 2, "2026-10-25T00:00", "2026-10-25T00:00", "2026-11-01T01:00"),
        ("Europe/Paris", 2, "2026-10-25T01:30", "2026-10-25T00:00", "2026-11-01T01:00"),
        ("Europe/Paris", 8, "2026-10-25T06:59", "2026-10-18T06:00", "2026-10-25T07:00"),
        ("Pacific/Auckland", 8, "2026-03-28T19:00", "2026-03-28T19:00", "2026-04-04T20:00"),
    ],
)
def test_the_hour_is_the_portals_also_where_clocks_change(
    zone: str, hour: int, now: str, begins: str, ends: str
) -> None:
    instant: Callable[[str], datetime] = lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC)  # noqa: E731
    found = MailHours(6, hour, ZoneInfo(zone)).last("weekly", instant(now))
    assert (found.due_at, found.ends_at) == (instant(begins), instant(ends))


async def test_a_week_without_the_hour_has_its_mail_all_the_same(
    people: dict[str, StaffMember], house: House
) -> None:
    sundays = {"weekly_day": "sunday", "weekly_hour": 2, "timezone": ZONE}
    await mailer(datetime(2026, 3, 29, 0, 59, tzinfo=UTC), **sundays).tend()
    assert {mail["dedup_key"][-8:] for mail in await mails()} == {"2026-W12"}
    for hour in (1, 2, 3):
        await mailer(datetime(2026, 3, 29, hour, tzinfo=UTC), **sundays).tend()
    assert len(await mails()) == 8
    assert {mail["dedup_key"][-8:] for mail in await mails()} == {"2026-W12", "2026-W13"}


@pytest.mark.parametrize(
    ("overdue", "address", "sentence"),
    [
        (0, "https://x.org/console/", "3 applications to your offers have no answer yet.\n"),
        (
            1,
            "https://x.org/console/?overdue=yes",
            "3 applications to your offers have no answer yet. 1 has waited for longer than your unit wants.\n",
        ),
    ],
)
def test_the_mail_leads_to_what_is_overdue_and_to_where_it_is_turned_off(
    overdue: int, address: str, sentence: str
) -> None:
    params = {
        "first_name": "Rose",
        "last_name": "Martin",
        "waiting": 3,
        "overdue": overdue,
        "offers": [
            ["Chemist (REF-1)", "Laboratory", 2, overdue, 16],
            ["Cook (REF-2)", "Laboratory", 1, 0, 1],
        ],
        "more": 1,
    }
    text = render(KIND, "en", params, house=Sender("https://x.org", "X", "x@x.org")).text
    late = ", 1 overdue" if overdue else ""
    assert text.startswith(
        f"Hello Rose Martin,\n\n{sentence}\n"
        f"* Chemist (REF-1)\n  Laboratory\n  2 wait{late}, the longest for 16 days\n\n"
        "* Cook (REF-2)\n  Laboratory\n  1 waits, the longest for 1 day\n\n"
        "And 1 more offer.\n\n"
        "You get this mail once a week, and none when nothing waits. You can turn it off in your account:\n"
        "https://x.org/console/account\n"
    )
    assert f"\n{address}\n" in text
