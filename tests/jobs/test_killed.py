"""A worker killed with -9 while it makes copies of data or erases accounts: nothing half, and the next one goes on."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from jobs.archives import ArchiveMaker
from jobs.retention import DataKeeper
from tests.support.effort import effort, tell_figures
from tests.support.house import House
from tests.support.processes import children
from tests.workflow.documents.making import pdf_with_object
from workflow.applications.tables import Application
from workflow.candidates.tables import Candidate
from workflow.database.connection import database_from_url, opened_database, use_database
from workflow.documents.commands import Upload, set_profile_cv
from workflow.documents.tables import Document
from workflow.engine.machine import Terms
from workflow.engine.tables import Outbox
from workflow.privacy.commands import ask_for_archive
from workflow.privacy.retention import digests_in_use
from workflow.privacy.spans import Spans
from workflow.privacy.tables import Archive

T = TypeVar("T")

PEOPLE, KILLS = effort(12, 60), effort(4, 40)
LOOKS = 5
"""Looks at the clock, one or more for each copy or account, that a worker lives for at most."""

LEASE = timedelta(minutes=2)
"""So long a copy waits for a worker that was killed."""

SPANS = Spans(retention=timedelta(days=730), reflection=timedelta(days=7))

pytestmark = pytest.mark.timeout(effort(300, 3_600))


@dataclass(frozen=True)
class Plan:
    """What a worker of the test works on. `journal`: the file that grows with each look at the clock."""

    url: str
    now: datetime
    terms: Terms
    folder: Path
    journal: Path

    @property
    def house(self) -> House:
        return House(self.now, self.terms, self.folder)

    def clock(self) -> datetime:
        with self.journal.open("a") as journal:
            journal.write(".")
        return self.now

    def maker(self) -> ArchiveMaker:
        store = self.house.documents.store
        return ArchiveMaker(store, scratch=self.folder, zone=self.terms.zone, clock=self.clock)

    def keeper(self) -> DataKeeper:
        return DataKeeper(
            self.house.documents.store,
            spans=SPANS,
            terms=self.terms,
            mailbox=None,
            secret_key="key",
            clock=self.clock,
            spare=timedelta(0),
        )


def make_copies(plan: Plan) -> None:
    """Make copies until killed."""
    opened(plan.url, _make_copies(plan))


async def _make_copies(plan: Plan) -> None:
    while await plan.maker().sweep():
        pass


def erase_accounts(plan: Plan) -> None:
    """Erase whoever is due until killed."""
    opened(plan.url, _erase_accounts(plan))


async def _erase_accounts(plan: Plan) -> None:
    await plan.keeper().tend()


def opened(url: str, work: Coroutine[Any, Any, T]) -> T:
    """As a process that starts finds it: nobody kept the database open meanwhile."""

    async def run() -> T:
        use_database(database_from_url(url))
        async with opened_database():
            return await work

    return asyncio.run(run())


def live_briefly(work: Callable[[Plan], None], plan: Plan) -> None:
    """Let a worker begin, and kill it at no instant in particular."""
    plan.journal.write_text("")
    enough, deadline = random.randint(1, LOOKS), time.monotonic() + 60
    with children(work, [plan]) as (child,):
        while plan.journal.stat().st_size < enough and child.process.is_alive():
            assert time.monotonic() < deadline
            time.sleep(0.001)
        time.sleep(random.uniform(0, 0.02))
        child.kill()


def files(plan: Plan) -> set[str]:
    """What lies in the store and in the folder where copies are made, half or whole."""
    kept = {path.name for path in (plan.folder / "documents").rglob("*") if path.is_file()}
    return kept | {path.name for path in plan.folder.iterdir() if path.suffix == ".zip"}


async def people(plan: Plan, **changes: Any) -> list[Any]:
    """Each with a CV of their own, an application and a login; due for a copy, or for their end."""
    house = plan.house
    unit = await house.unit()
    await house.offer(await house.recruiter(unit), unit)
    candidates = [await house.candidate(**changes) for _ in range(PEOPLE)]
    for number, candidate in enumerate(candidates):
        cv = Upload("CV.pdf", pdf_with_object(f"({number})".encode()))
        await set_profile_cv(candidate, cv, store=house.documents.store, limit=10**6, now=plan.now)
        await house.application(candidate)
    return candidates


def test_copies_that_were_being_made_are_made_by_the_next_worker(
    database_url: str, now: datetime, terms: Terms, tmp_path: Path
) -> None:
    plan = Plan(database_url, now, terms, tmp_path, tmp_path / "journal")
    opened(database_url, _ask_for_copies(plan))
    for _ in range(KILLS):
        live_briefly(make_copies, plan)
        before = opened(database_url, _only_whole_copies(plan))
    later = Plan(database_url, now + LEASE, terms, tmp_path, plan.journal)  # claims have run out
    opened(database_url, _make_copies(later))
    assert opened(database_url, _tidied(later)) == PEOPLE
    tell_figures(f"copies killed on {database_url[:6]}", kills=KILLS, copies=PEOPLE, before=before)


async def _ask_for_copies(plan: Plan) -> None:
    for candidate in await people(plan):
        await ask_for_archive(candidate, now=plan.now)


async def _only_whole_copies(plan: Plan) -> int:
    """How many are ready; each together with its file and its mail, or it is still to be made."""
    ready = await Archive.select().where(Archive.ready_at.is_not_null())
    assert {row["digest"] for row in ready} <= files(plan)
    assert await Outbox.count().where(Outbox.kind == "archive_ready") == len(ready)
    return len(ready)


async def _tidied(plan: Plan) -> int:
    """How many copies there are, once nothing lies about that no row points to."""
    await plan.keeper().clean()
    left = files(plan)
    assert left == await digests_in_use(sorted(left))
    return await _only_whole_copies(plan)


def test_accounts_that_were_being_erased_are_erased_by_the_next_worker(
    database_url: str, now: datetime, terms: Terms, tmp_path: Path
) -> None:
    plan = Plan(database_url, now, terms, tmp_path, tmp_path / "journal")
    candidates = opened(database_url, people(plan, deletes_at=now))
    for _ in range(KILLS):
        live_briefly(erase_accounts, plan)
        before = opened(database_url, _whole_or_gone(candidates))
    opened(database_url, _erase_accounts(plan))
    assert opened(database_url, _whole_or_gone(candidates)) == PEOPLE
    opened(database_url, plan.keeper().clean())
    assert files(plan) == set()
    tell_figures(f"erasures killed on {database_url[:6]}", kills=KILLS, erased=PEOPLE, before=before)


async def _whole_or_gone(candidates: list[Any]) -> int:
    """How many have left; of each all is there, or nothing, and everybody is told once or not yet."""
    left = 0
    for candidate in candidates:
        row = await Candidate.select().where(Candidate.id == candidate).first()
        assert row is not None
        is_gone = row["erased_at"] is not None
        (application,) = await Application.select().where(Application.candidate == candidate)
        told = [await Outbox.count().where(Outbox.dedup_key == f"account_deleted/{candidate}")]
        told += [
            await Outbox.count().where(
                Outbox.dedup_key == f"withdrawal_message/{application['id']}/{application['version']}"
            )
        ]
        found = (
            bool(row["first_name"]),
            bool(application["covering_letter_text"]),
            application["status"],
            await Document.count().where(Document.candidate == candidate),
            told,
        )
        whole = (True, True, "submitted", 1, [0, 0])
        assert found == ((False, False, "withdrawn", 0, [1, 1]) if is_gone else whole)
        left += is_gone
    return left
