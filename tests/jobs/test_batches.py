"""Many moves at once in the worker: a slice in turn, taken up again, given up; killed at any instant, nothing twice."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from jobs import batches
from jobs.batches import BatchMover
from tests.jobs.conftest import rows
from tests.jobs.test_killed import Plan, live_briefly, opened
from tests.jobs.test_relay import Clock
from tests.support.effort import effort, tell_figures
from tests.support.house import House
from tests.workflow.engine.proving import faults
from workflow.applications.tables import Application
from workflow.batches import moving
from workflow.batches.commands import MOVE_BATCH, Item, start_batch
from workflow.batches.reports import batch_view, refusal_counts
from workflow.batches.tables import WAITING, Batch, BatchItem
from workflow.engine import outbox
from workflow.engine.machine import Terms
from workflow.engine.tables import History, Outbox
from workflow.recruiters.queries import StaffMember

PEOPLE, KILLS = effort(60, 400), 4
LEASE = timedelta(seconds=30)


async def a_batch(house: House, number: int) -> tuple[StaffMember, UUID]:
    """Applications that are to be rejected, which takes two steps each."""
    unit = await house.unit()
    staff = await house.recruiter(unit)
    await house.offer(staff, unit)
    applications = [await house.application(await house.candidate()) for _ in range(number)]
    return staff, await another(house, staff, applications)


async def another(house: House, staff: StaffMember, applications: Sequence[UUID]) -> UUID:
    batch_id = uuid4()
    items = [Item(each, 1, is_via=True) for each in applications]
    await start_batch(staff, batch_id, items, "reject", note="Full.", now=house.now)
    return batch_id


async def tasks() -> list[tuple[str, int]]:
    return [
        (row["state"], row["attempts"])
        for row in await rows("kind", "state", "attempts")
        if row["kind"] == MOVE_BATCH
    ]


async def test_a_batch_is_carried_out(database: str, house: House, now: datetime) -> None:
    staff, batch_id = await a_batch(house, 3)
    mover = BatchMover(terms=house.terms, clock=Clock(now))
    assert [await mover.sweep() for _ in range(2)] == [True, False]
    view = await batch_view(staff, batch_id)
    assert (view.moved, view.refused, view.finished_at) == (3, 0, now)
    assert await tasks() == [("sent", 0)]


async def test_a_short_one_does_not_wait_for_a_long_one(
    database: str, house: House, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_SLICE", -1.0)  # no slice has time for anything
    staff, first = await a_batch(house, 2)
    clock = Clock(now)
    mover = BatchMover(terms=house.terms, clock=clock)
    clock.now += timedelta(seconds=1)
    assert await mover.sweep()
    assert await tasks() == [("pending", 0)]
    house_later = House(clock.now - timedelta(milliseconds=1), house.terms, house.folder)
    second = await another(
        house_later, staff, [row["application"] for row in await BatchItem.select(BatchItem.application)]
    )
    monkeypatch.setattr(batches, "_SLICE", 5.0)
    assert await mover.sweep()
    assert [(await batch_view(staff, each)).done for each in (first, second)] == [0, 2]
    assert await mover.sweep()
    assert await refusal_counts(first) == {"stale-version": 2}


async def test_a_worker_that_stops_gives_it_back(database: str, house: House, now: datetime) -> None:
    _, _ = await a_batch(house, 2)
    looks = iter([False, True])
    mover = BatchMover(terms=house.terms, clock=Clock(now), is_stopping=lambda: next(looks))
    assert await mover.sweep()
    assert await tasks() == [("pending", 0)]
    assert await Application.count().where(Application.status == "submitted") == 2


async def test_one_that_fails_is_tried_again_and_given_up_in_the_end(
    database: str, house: House, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff, batch_id = await a_batch(house, 30)
    real, clock = moving._write_down, Clock(now)
    written = 0

    async def fail_after_one(*given: object) -> None:
        nonlocal written
        written += 1
        if written > 1:
            raise OSError
        await real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(moving, "_write_down", fail_after_one)
    mover = BatchMover(terms=house.terms, clock=clock)
    with capture_logs() as logs:
        for _ in range(1 + 5):  # the first one brought it further
            assert await mover.sweep()
            clock.now += timedelta(minutes=10)
        assert not await mover.sweep()
    assert await tasks() == [("dead", 5)]
    view = await batch_view(staff, batch_id)
    assert (view.moved, view.refused, view.finished_at is None) == (25, 5, False)
    assert await refusal_counts(batch_id) == {"given-up": 5}
    assert (await Batch.select(Batch.note)) == [{"note": ""}]
    last = logs[-1]
    assert (last["event"], last["batch"], last["reason"]) == ("batch given up", str(batch_id), "OSError")


async def test_one_that_kills_its_workers_is_given_up_as_well(
    database: str, house: House, now: datetime
) -> None:
    staff, batch_id = await a_batch(house, 1)
    clock = Clock(now)
    for _ in range(5):
        await outbox.claim(kinds=[MOVE_BATCH], limit=1, lease=LEASE, token=uuid4(), now=clock.now)
        clock.now += LEASE
    assert await BatchMover(terms=house.terms, clock=clock).sweep()
    assert await tasks() == [("dead", 6)]
    assert await refusal_counts(batch_id) == {"given-up": 1}
    assert (await batch_view(staff, batch_id)).moved == 0


async def test_one_whose_workers_die_comes_to_its_end_as_long_as_it_goes_on(
    database: str, house: House, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff, batch_id = await a_batch(house, 8)
    monkeypatch.setattr(moving, "AT_ONCE", 1)
    clock = Clock(now)
    for _ in range(7):
        asked = iter([False, False])  # before it begins, and before its first piece; then it dies

        def is_stopping(asked: Iterator[bool] = asked) -> bool:
            if (answer := next(asked, None)) is None:
                raise asyncio.CancelledError
            return answer

        with pytest.raises(asyncio.CancelledError):
            await BatchMover(terms=house.terms, clock=clock, is_stopping=is_stopping).sweep()
        clock.now += LEASE
    assert await tasks() == [("claimed", 0)]
    assert await BatchMover(terms=house.terms, clock=clock).sweep()
    view = await batch_view(staff, batch_id)
    assert (view.moved, view.refused) == (8, 0)


async def test_two_workers_share_what_there_is(database: str, house: House, now: datetime) -> None:
    staff, first = await a_batch(house, 5)
    movers = [BatchMover(terms=house.terms, clock=Clock(now)) for _ in range(2)]
    assert sorted(await asyncio.gather(*[mover.sweep() for mover in movers])) == [False, True]
    assert (await batch_view(staff, first)).moved == 5


def move_until_killed(plan: Plan) -> None:
    """Carry out what there is until killed."""
    opened(plan.url, _move_all(plan))


async def _move_all(plan: Plan) -> None:
    mover = BatchMover(terms=plan.terms, clock=plan.clock)
    while await mover.sweep():
        pass


@pytest.mark.timeout(effort(120, 1_200))
def test_killed_at_any_instant_nothing_is_lost_or_done_twice(
    database_url: str, now: datetime, terms: Terms, tmp_path: Path
) -> None:
    plan = Plan(database_url, now, terms, tmp_path, tmp_path / "journal")
    staff, batch_id = opened(database_url, a_batch(plan.house, PEOPLE))
    left = []
    for _ in range(KILLS):
        live_briefly(move_until_killed, plan)
        left.append(opened(database_url, _waiting()))
        plan = replace(plan, now=plan.now + LEASE)  # its claim has run out
    opened(database_url, _move_all(plan))
    opened(database_url, _all_moved_once(staff, batch_id, terms))
    tell_figures(f"batches killed on {database_url[:6]}", kills=KILLS, people=PEOPLE, left=left)


async def _waiting() -> int:
    return int(await BatchItem.count().where(BatchItem.state == WAITING))


async def _all_moved_once(staff: StaffMember, batch_id: UUID, terms: Terms) -> None:
    view = await batch_view(staff, batch_id)
    assert (view.moved, view.refused, view.waiting) == (PEOPLE, 0, 0)
    assert (
        await Application.count().where((Application.status == "rejected") & (Application.version == 3))
        == PEOPLE
    )
    for event in ("consider", "reject"):
        assert await History.count().where(History.event == event) == PEOPLE
    for kind in ("application_considered", "application_rejected"):
        assert await Outbox.count().where(Outbox.kind == kind) == PEOPLE
    wrong = await faults(terms.history_key)
    assert [each for each in wrong if each.subject_type == "application"] == []
