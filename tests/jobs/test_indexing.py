"""The index follows the rows, and is built anew whenever it cannot be used."""

import asyncio
import shutil
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from jobs.indexing import IndexKeeper, document_of
from search.documents import OfferDocument
from search.errors import IndexBusy, IndexMissing
from search.postgres_index import PostgresReader, PostgresWriter
from search.queries import OfferQuery
from search.whoosh_index import WhooshReader, WhooshWriter
from tests.jobs.conftest import rows
from tests.search.test_crashes import no_room_for_large_files
from tests.support.house import House
from tests.support.processes import children
from workflow.database.connection import database_from_url, opened_database, use_database
from workflow.offers.commands import move_offer
from workflow.offers.queries import offer_by_id
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember

PARIS = ZoneInfo("Europe/Paris")
ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


def a_keeper(folder: Path, now: datetime) -> IndexKeeper:
    return IndexKeeper(WhooshWriter(folder / "index"), zone=PARIS, clock=lambda: now)


async def found(folder: Path, now: datetime, keywords: str = "") -> set[UUID]:
    reader = WhooshReader(folder / "index")
    return set((await asyncio.to_thread(reader.search, OfferQuery(keywords=keywords), now)).ids)


async def staffed(house: House) -> tuple[StaffMember, int]:
    unit = await house.unit()
    return await house.recruiter(unit), unit


async def test_document_says_what_the_offer_says(database: str, house: House) -> None:
    staff, unit = await staffed(house)
    offer_id = await house.offer(staff, unit, closes_on=date(2026, 3, 28), level="DOC")
    offer = await offer_by_id(offer_id)
    assert offer is not None
    assert document_of(offer, PARIS) == OfferDocument(
        id=offer_id,
        titles=("Chimiste (H/F)", "Chemist"),
        published_at=house.now,
        closes_at=datetime(2026, 3, 28, 23, tzinfo=UTC),
        region="53",
        job_type="scientific",
        level="DOC",
    )


async def test_index_follows_the_offers(database: str, house: House, tmp_path: Path) -> None:
    staff, unit = await staffed(house)
    chemist = await house.offer(staff, unit, "REF-1")
    await house.offer(staff, unit, "REF-2", publish=False)
    keeper = a_keeper(tmp_path, house.now)
    await keeper.prepare()
    assert await found(tmp_path, house.now, "chemist") == {chemist}
    await move_offer(staff, "REF-2", "publish", terms=house.terms, now=house.now)
    await move_offer(staff, "REF-1", "close", terms=house.terms, now=house.now)
    assert await keeper.sweep() is True
    assert len(await found(tmp_path, house.now) - {chemist}) == len(await found(tmp_path, house.now)) == 1
    assert {row["state"] for row in await rows("state")} == {"sent"}
    assert await keeper.sweep() is False


async def test_missing_index_is_built_at_start(database: str, house: House, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        await found(tmp_path, house.now)
    await a_keeper(tmp_path, house.now).prepare()
    assert await found(tmp_path, house.now) == set()


@pytest.mark.parametrize("damage", ["flipped bytes", "another analysis", "another database"])
async def test_unusable_index_is_built_anew_at_start(
    database: str, house: House, tmp_path: Path, damage: str
) -> None:
    staff, unit = await staffed(house)
    offer_id = await house.offer(staff, unit)
    await a_keeper(tmp_path, house.now).prepare()
    if damage == "flipped bytes":
        segment = next((tmp_path / "index").rglob("*.seg"))
        content = bytearray(segment.read_bytes())
        content[len(content) // 2] ^= 0xFF
        segment.write_bytes(content)
    elif damage == "another analysis":
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("search.index_folder.ANALYSIS_VERSION", 0)
            await a_keeper(tmp_path, house.now).rebuild()
    else:
        WhooshWriter(tmp_path / "index").rebuild([])
    await a_keeper(tmp_path, house.now).prepare()
    assert await found(tmp_path, house.now) == {offer_id}


async def test_index_damaged_in_between_is_built_anew(database: str, house: House, tmp_path: Path) -> None:
    staff, unit = await staffed(house)
    first = await house.offer(staff, unit, "REF-1")
    keeper = a_keeper(tmp_path, house.now)
    await keeper.prepare()
    (tmp_path / "index" / "current.json").unlink()
    second = await house.offer(staff, unit, "REF-2")
    await keeper.sweep()
    assert await found(tmp_path, house.now) == {first, second}


async def test_an_index_lost_while_nothing_happens_is_built_anew(
    database: str, house: House, tmp_path: Path
) -> None:
    staff, unit = await staffed(house)
    offer_id = await house.offer(staff, unit)
    keeper = a_keeper(tmp_path, house.now)
    await keeper.prepare()
    shutil.rmtree(tmp_path / "index")
    await keeper.keep_sound()
    assert await found(tmp_path, house.now) == {offer_id}


async def test_keepers_side_by_side_lose_nothing(database: str, house: House, tmp_path: Path) -> None:
    staff, unit = await staffed(house)
    keepers = [a_keeper(tmp_path, house.now) for _ in range(2)]
    await keepers[0].prepare()

    async def publish_and_close(number: int) -> None:
        await house.offer(staff, unit, f"REF-{number}")
        await asyncio.sleep(0.01)
        await move_offer(staff, f"REF-{number}", "close", terms=house.terms, now=house.now)

    async def sweep(keeper: IndexKeeper, until: "asyncio.Future[Any]") -> None:
        while not until.done() or await keeper.sweep():
            await keeper.sweep()
            await asyncio.sleep(0)

    publishing = asyncio.gather(*(publish_and_close(number) for number in range(8)))
    await asyncio.gather(publishing, *(sweep(keeper, publishing) for keeper in keepers))
    assert await found(tmp_path, house.now) == set()
    assert {row["state"] for row in await rows("state")} == {"sent"}


async def test_damage_is_counted_and_a_first_build_is_none(
    database: str, house: House, tmp_path: Path
) -> None:
    keeper, reader = a_keeper(tmp_path, house.now), WhooshReader(tmp_path / "index")
    await keeper.prepare()
    assert (reader.state().rebuilds, reader.state().damaged) == (1, 0)
    next((tmp_path / "index").rglob("*.toc")).write_bytes(b"")
    await keeper.keep_sound()
    assert (reader.state().rebuilds, reader.state().damaged) == (2, 1)


async def test_an_index_that_is_lost_is_damage_and_what_was_counted_goes_on(
    database: str, house: House, tmp_path: Path
) -> None:
    keeper = a_keeper(tmp_path, house.now)
    with capture_logs() as first:
        await keeper.prepare()
    shutil.rmtree(tmp_path / "index")
    with capture_logs() as second:
        await keeper.keep_sound()
    state = WhooshReader(tmp_path / "index").state()
    assert (state.generation, state.rebuilds, state.damaged) == (2, 2, 1)
    assert [(log["log_level"], log.get("reason")) for log in (first[0], second[0])] == [
        ("info", "none has been built yet"),
        ("warning", "it was there, and has gone"),
    ]


@dataclass(frozen=True)
class Plan:
    """What a worker of the test works on. `journal`: the file that grows with each look at the clock."""

    url: str
    now: datetime
    folder: Path
    looks: int

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    def clock(self) -> datetime:
        with self.journal.open("a") as journal:
            journal.write(".")
        while self.journal.stat().st_size >= self.looks:
            time.sleep(1)
        return self.now

    def wait(self) -> None:
        """Until the worker has come to its last look."""
        deadline = time.monotonic() + 60
        while self.journal.stat().st_size < self.looks:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def index_until_killed(plan: Plan) -> None:
    asyncio.run(_index(plan))


async def _index(plan: Plan) -> None:
    use_database(database_from_url(plan.url))
    async with opened_database():
        await IndexKeeper(WhooshWriter(plan.folder / "index"), zone=PARIS, clock=plan.clock).sweep()


@pytest.mark.parametrize("looks", [2, 3, 5])  # before its rows are claimed, when all is indexed, half settled
async def test_what_a_killed_worker_had_in_hand_is_taken_up_by_the_next_one(
    database: str, database_url: str, house: House, tmp_path: Path, looks: int
) -> None:
    staff, unit = await staffed(house)
    await a_keeper(tmp_path, house.now).prepare()
    offers = {await house.offer(staff, unit, f"REF-{number}") for number in range(4)}
    plan = Plan(database_url, house.now, tmp_path, looks)
    plan.journal.touch()
    with children(index_until_killed, [plan]) as (child,):
        await asyncio.to_thread(plan.wait)
        child.kill()
    await a_keeper(tmp_path, house.now).prepare()
    assert await found(tmp_path, house.now) == offers
    assert WhooshReader(tmp_path / "index").state().rebuilds == 1
    assert {row["state"] for row in await rows("state")} == {"sent"}


async def test_rebuilding_that_is_cancelled_leaves_the_old_index(
    database: str, house: House, tmp_path: Path
) -> None:
    staff, unit = await staffed(house)
    offer_id = await house.offer(staff, unit)
    keeper, begun, go_on = a_keeper(tmp_path, house.now), threading.Event(), threading.Event()
    await keeper.prepare()

    def progress(_done: int, _of: int) -> None:
        begun.set()
        go_on.wait(30)

    rebuilding = asyncio.create_task(keeper.rebuild(progress=progress))
    await asyncio.to_thread(begun.wait, 30)
    with pytest.raises(IndexBusy):
        await keeper.rebuild(patience=0.2)
    rebuilding.cancel()
    await asyncio.sleep(0.1)
    assert not rebuilding.done()  # or another's turn would begin before its thread has ended
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await rebuilding
    await keeper.rebuild()
    assert WhooshReader(tmp_path / "index").state().rebuilds == 2
    assert await found(tmp_path, house.now) == {offer_id}


@ON_POSTGRES
async def test_what_no_room_was_found_for_is_tried_again(database: str, house: House, tmp_path: Path) -> None:
    staff, unit = await staffed(house)
    keeper = a_keeper(tmp_path, house.now)
    await keeper.prepare()
    offer_id = await house.offer(staff, unit)
    with no_room_for_large_files(10), pytest.raises(OSError, match="too large"):
        await keeper.sweep()
    assert [row["state"] for row in await rows("state")] == ["pending"]
    later = a_keeper(tmp_path, house.now + timedelta(seconds=2))
    await later.sweep()
    assert await found(tmp_path, house.now) == {offer_id}


@ON_POSTGRES
async def test_machines_side_by_side_keep_one_index_in_the_database(database: str, house: House) -> None:
    staff, unit = await staffed(house)
    with closing(PostgresWriter(database)) as one, closing(PostgresWriter(database)) as two:
        keepers = [IndexKeeper(writer, zone=PARIS, clock=lambda: house.now) for writer in (one, two)]
        with closing(PostgresReader(database)) as here, closing(PostgresReader(database)) as there:
            await asyncio.gather(*(keeper.prepare() for keeper in keepers))
            assert await asyncio.to_thread(lambda: (here.state().rebuilds, there.state().offers)) == (1, 0)
            published = {await house.offer(staff, unit, f"REF-{number}") for number in range(5)}
            while any(await asyncio.gather(*(keeper.sweep() for keeper in keepers))):
                pass
            answers = [
                await asyncio.to_thread(index.search, OfferQuery(), house.now) for index in (here, there)
            ]
            assert [set(answer.ids) for answer in answers] == [published, published]
            await Offer.raw("DELETE FROM search_offer WHERE offer = {}", min(published))
            await asyncio.gather(*(keeper.keep_sound() for keeper in keepers))
            state = await asyncio.to_thread(there.state)
            assert (state.offers, state.rebuilds, state.damaged) == (5, 2, 1)
