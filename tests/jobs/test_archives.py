"""Copies of data in the worker: one after the other, tried again, given up in the end."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from structlog.testing import capture_logs

from jobs.archives import ArchiveMaker
from jobs.batches import BatchMover
from jobs.indexing import IndexKeeper
from jobs.relay import MAILS
from tests.jobs.conftest import rows
from tests.jobs.test_relay import Clock
from tests.support.house import House
from workflow.batches.commands import MOVE_BATCH
from workflow.documents.storage import DiskStore
from workflow.engine import outbox
from workflow.privacy.commands import MAKE_ARCHIVE, ask_for_archive
from workflow.privacy.queries import archives_of
from workflow.privacy.tables import Archive


def a_maker(house: House, scratch: Path, clock: Clock) -> ArchiveMaker:
    return ArchiveMaker(
        DiskStore(house.folder / "documents"), scratch=scratch, zone=house.terms.zone, clock=clock
    )


class SlowStore(DiskStore):
    """A disk that says when it begins, and takes its time."""

    def __init__(self, folder: Path, seconds: float) -> None:
        super().__init__(folder)
        self.seconds = seconds
        self.has_begun = asyncio.Event()

    async def put_file(self, file: BinaryIO) -> str:
        self.has_begun.set()
        await asyncio.sleep(self.seconds)
        return await super().put_file(file)


def test_no_kind_has_two_handlers() -> None:
    handled = [*MAILS, *IndexKeeper.kinds, *ArchiveMaker.kinds, *BatchMover.kinds]
    assert len(handled) == len(set(handled))
    assert [*ArchiveMaker.kinds, *BatchMover.kinds] == [MAKE_ARCHIVE, MOVE_BATCH]


async def test_each_that_was_asked_for_is_made_once(database: str, house: House, now: datetime) -> None:
    for _ in range(3):
        await ask_for_archive(await house.candidate(), now=now)
    maker = a_maker(house, house.folder, Clock(now))
    assert [await maker.sweep() for _ in range(4)] == [True, True, True, False]
    assert await Archive.count().where(Archive.ready_at == now) == 3
    states = [(row["kind"], row["state"]) for row in await rows("kind", "state")]
    assert sorted(states) == [("archive_ready", "pending")] * 3 + [("make_archive", "sent")] * 3
    assert {path.name for path in house.folder.iterdir()} <= {"documents", "vivier.sqlite"} | {
        "vivier.sqlite-shm",
        "vivier.sqlite-wal",
    }


async def test_one_that_fails_is_tried_again_and_given_up_in_the_end(
    database: str, house: House, now: datetime
) -> None:
    candidate = await house.candidate()
    archive_id = await ask_for_archive(candidate, now=now)
    clock = Clock(now)
    broken = a_maker(house, house.folder / "no such folder", clock)
    assert await broken.sweep()
    assert await rows("state", "receipt", "due_at") == [
        {"state": "pending", "receipt": "FileNotFoundError", "due_at": now + timedelta(minutes=1)}
    ]
    with capture_logs() as logs:
        for _ in range(4):
            clock.now += timedelta(minutes=10)
            (archive,) = await archives_of(candidate, now=clock.now)
            assert (archive.is_under_way, archive.has_failed) == (True, False)
            assert await broken.sweep()
    assert [row["state"] for row in await rows("state")] == [outbox.DEAD]
    (archive,) = await archives_of(candidate, now=clock.now)
    assert (archive.is_under_way, archive.has_failed, archive.failed_at) == (False, True, clock.now)
    assert logs[-1] == {
        "event": "archive given up",
        "log_level": "error",
        "archive": str(archive_id),
        "row": 1,
        "attempts": 5,
        "reason": "FileNotFoundError",
    }
    again = await ask_for_archive(candidate, now=clock.now)
    assert await a_maker(house, house.folder, clock).sweep()
    assert [each.id for each in await archives_of(candidate, now=clock.now) if each.ready_at] == [again]


async def test_one_that_kills_its_workers_is_given_up_as_well(
    database: str, house: House, now: datetime
) -> None:
    candidate = await house.candidate()
    await ask_for_archive(candidate, now=now)
    clock = Clock(now)
    for _ in range(5):
        await outbox.claim(
            kinds=[MAKE_ARCHIVE], limit=1, lease=timedelta(minutes=30), token=uuid4(), now=clock.now
        )
        clock.now += timedelta(minutes=30)
    assert await a_maker(house, house.folder, clock).sweep()
    assert [row["state"] for row in await rows("state")] == [outbox.DEAD]
    assert [each.has_failed for each in await archives_of(candidate, now=clock.now)] == [True]


async def test_a_copy_that_was_begun_by_one_who_died_is_made_by_another(
    database: str, house: House, now: datetime
) -> None:
    await ask_for_archive(await house.candidate(), now=now)
    clock = Clock(now)
    await outbox.claim(kinds=[MAKE_ARCHIVE], limit=1, lease=timedelta(minutes=30), token=uuid4(), now=now)
    maker = a_maker(house, house.folder, clock)
    assert not await maker.sweep()
    clock.now += timedelta(minutes=30)
    assert await maker.sweep()
    assert await Archive.count().where(Archive.ready_at.is_not_null()) == 1


async def test_a_worker_at_work_keeps_its_copy_for_longer_than_its_lease(
    database: str, house: House, now: datetime
) -> None:
    await ask_for_archive(await house.candidate(), now=now)
    lease = timedelta(seconds=1)
    store = SlowStore(house.folder / "documents", seconds=3)

    def maker() -> ArchiveMaker:
        return ArchiveMaker(
            store,
            scratch=house.folder,
            zone=house.terms.zone,
            clock=lambda: datetime.now(UTC),
            lease=lease,
        )

    working = asyncio.create_task(maker().sweep())
    await store.has_begun.wait()
    seen = []
    while not working.done():
        seen.append(await maker().sweep())
        await asyncio.sleep(0.2)
    assert (await working, set(seen), len(seen) > 5) == (True, {False}, True)
    assert [
        (row["kind"], row["state"], row["attempts"]) for row in await rows("kind", "state", "attempts")
    ] == [
        ("make_archive", "sent", 1),
        ("archive_ready", "pending", 0),
    ]


async def test_a_killed_worker_lets_go_of_its_copy_within_two_minutes(
    database: str, house: House, now: datetime
) -> None:
    await ask_for_archive(await house.candidate(), now=now)
    clock = Clock(now)
    store = SlowStore(house.folder / "documents", seconds=60)
    killed = ArchiveMaker(store, scratch=house.folder, zone=house.terms.zone, clock=clock)
    working = asyncio.create_task(killed.sweep())
    await store.has_begun.wait()
    working.cancel()  # nobody renews it any more
    await asyncio.wait([working])
    maker = a_maker(house, house.folder, clock)
    clock.now += timedelta(seconds=119)
    assert not await maker.sweep()
    clock.now += timedelta(seconds=1)
    assert await maker.sweep()
    assert await Archive.count().where(Archive.ready_at.is_not_null()) == 1
