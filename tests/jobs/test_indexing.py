"""The index follows the rows, and is built anew whenever it cannot be used."""

import asyncio
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from jobs.indexing import IndexKeeper, document_of
from search.documents import OfferDocument
from search.errors import IndexMissing
from search.queries import OfferQuery
from search.whoosh_index import WhooshReader, WhooshWriter
from tests.jobs.conftest import rows
from tests.support.house import House
from workflow.offers.commands import move_offer
from workflow.offers.queries import offer_by_id
from workflow.recruiters.queries import StaffMember

PARIS = ZoneInfo("Europe/Paris")


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
