"""Timers through the real worker: what is due happens without anybody doing anything, once, also after a pause."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from search.errors import IndexMissing
from search.queries import OfferQuery
from search.whoosh_index import WhooshReader
from tests.jobs.test_worker import FAR, a_process, present, some_settings, working
from tests.support.house import House
from workflow.database.connection import database_from_url, opened_database, use_database, write_transaction
from workflow.engine.tables import Timer
from workflow.messages.mailbox import messages
from workflow.offers.commands import edit_offer, move_offer, schedule_offer
from workflow.offers.queries import history_of_offer, offer_by_reference
from workflow.recruiters.queries import StaffMember
from workflow.settings import Settings
from workflow.terms import terms_of

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Laboratory:
    """A unit with one recruiter; `settings` are the worker's."""

    settings: Settings
    folder: Path
    staff: StaffMember
    unit: int

    async def offer(self, reference: str, *, at: datetime, publish: bool = True, **changes: object) -> None:
        """Make it as if at an instant of the past."""
        house = House(at, terms_of(self.settings), self.folder)
        await house.offer(self.staff, self.unit, reference, publish=publish, **changes)

    async def schedule(self, reference: str, at: datetime, *, now: datetime) -> None:
        await schedule_offer(self.staff, reference, at, terms=terms_of(self.settings), now=now)

    def found(self) -> int:
        try:
            return WhooshReader(self.settings.var / "index").search(OfferQuery(), present()).total
        except IndexMissing:
            return 0


@pytest.fixture
async def laboratory(database_url: str, tmp_path: Path) -> Laboratory:
    use_database(database_from_url(database_url))
    settings = some_settings(tmp_path, database_url)
    async with opened_database():
        house = House(present(), terms_of(settings), tmp_path)
        unit = await house.unit()
        return Laboratory(settings, tmp_path, await house.recruiter(unit), unit)


async def events(reference: str) -> list[str]:
    offer = await offer_by_reference(reference)
    assert offer is not None
    return [step.event for step in await history_of_offer(offer.id)]


async def status(reference: str) -> str:
    offer = await offer_by_reference(reference)
    assert offer is not None
    return offer.status


async def eventually(condition: Callable[[], Awaitable[bool]], *, within: float = 10) -> None:
    deadline = time.monotonic() + within
    while not await condition():
        assert time.monotonic() < deadline, "took too long"
        await asyncio.sleep(0.05)


async def test_an_offer_whose_last_day_is_over_closes_and_is_not_found_any_more(
    laboratory: Laboratory,
) -> None:
    async with working(laboratory.settings):
        now = present()
        await laboratory.offer("OPEN", at=now - 9 * DAY, closes_on=FAR)
        await laboratory.offer("OVER", at=now - 9 * DAY, closes_on=(now - 2 * DAY).date())

        async def is_closed() -> bool:
            return await status("OVER") == "closed"

        async def is_gone() -> bool:
            return laboratory.found() == 1

        await eventually(is_closed)
        await eventually(is_gone)
        assert [await events("OPEN"), await events("OVER")] == [
            ["create", "publish"],
            ["create", "publish", "close"],
        ]


async def test_a_draft_publishes_at_its_hour_and_is_found(laboratory: Laboratory) -> None:
    async with working(laboratory.settings):
        at = present() + timedelta(seconds=3)
        await laboratory.offer("REF-1", at=present(), publish=False, closes_on=FAR)
        await laboratory.schedule("REF-1", at, now=present())

        async def is_found() -> bool:
            return laboratory.found() == 1

        await eventually(is_found)
        offer = await offer_by_reference("REF-1")
        assert offer is not None
        assert offer.published_at is not None
        assert timedelta() <= offer.published_at - at < timedelta(seconds=3)


async def test_what_came_due_while_no_worker_ran_is_caught_up_at_its_start(laboratory: Laboratory) -> None:
    now = present()
    async with opened_database():
        await laboratory.offer("LATE", at=now - 9 * DAY, publish=False, closes_on=FAR)
        await laboratory.schedule("LATE", now - 5 * DAY, now=now - 9 * DAY)
        await laboratory.offer("OVER", at=now - 9 * DAY, closes_on=(now - 2 * DAY).date())
        await laboratory.offer("OLDER", at=now - 9 * DAY, closes_on=(now - 2 * DAY).date())
        async with write_transaction():  # as in an installation that is older than its timers
            await Timer.delete(force=True)

    async with working(laboratory.settings):

        async def has_caught_up() -> bool:
            return [await status(each) for each in ("LATE", "OVER", "OLDER")] == [
                "published",
                "closed",
                "closed",
            ]

        await eventually(has_caught_up)


async def test_the_contact_is_reminded_by_mail(laboratory: Laboratory) -> None:
    begun = present() - 30 * DAY
    async with opened_database():
        house = House(begun, terms_of(laboratory.settings), laboratory.folder)
        await house.offer(laboratory.staff, laboratory.unit, "REF-1", closes_on=FAR)
        await house.application(await house.candidate("Chloé"))
        await move_offer(laboratory.staff, "REF-1", "close", terms=house.terms, now=begun)

    def reminders() -> list[tuple[str, str]]:
        mails = messages(laboratory.settings.var / "mailbox")
        return [(mail.to, mail.subject) for mail in mails if "attend encore" in mail.subject]

    async with working(laboratory.settings):

        async def is_reminded() -> bool:
            return bool(reminders())

        await eventually(is_reminded)
        house = House(present(), terms_of(laboratory.settings), laboratory.folder)
        data = house.offer_data(closes_on=FAR, salary="3 000 €")
        await edit_offer(laboratory.staff, "REF-1", data, terms=house.terms, now=house.now)
        await asyncio.sleep(2.5)
        told = "1 candidature attend encore : Chimiste (H/F) (REF-1)"
        assert reminders() == [("lab1@example.org", told)]


async def test_three_workers_do_everything_once(laboratory: Laboratory) -> None:
    references = [f"REF-{number:02}" for number in range(20)]
    now = present()
    at = now + timedelta(seconds=6)
    async with opened_database():
        for reference in references:
            await laboratory.offer(reference, at=now - 9 * DAY, publish=False, closes_on=FAR)
            await laboratory.schedule(reference, at, now=now - 9 * DAY)
        with ExitStack() as workers:
            for _ in range(3):
                workers.enter_context(a_process(laboratory.settings))

            async def are_published() -> bool:
                return [await status(each) for each in references] == ["published"] * 20

            await eventually(are_published, within=25)
            await asyncio.sleep(2)
        assert [await events(each) for each in references] == [["create", "publish"]] * 20
        assert await Timer.count().where(Timer.failure != "") == 0
        assert await Timer.count().where(Timer.attempts > 0) == 0
