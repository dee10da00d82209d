"""Many at once: of fifty one wins, processes lose nothing, and what happens by itself happens once."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.support.effort import effort, tell_figures
from tests.support.house import House
from tests.support.processes import children
from tests.workflow.engine.crowd import Crowd, a_crowd
from tests.workflow.engine.hands import keep_calendar, move_all
from workflow.applications.commands import move_application
from workflow.engine.errors import DomainError
from workflow.engine.history import Step
from workflow.engine.tables import Outbox, Timer

AT_ONCE = 50
PROCESSES, CANDIDATES = effort(4, 8), effort(20, 200)
PATIENCE = effort(60, 1_800)
REFERENCES = tuple(f"REF-{number}" for number in range(5))

pytestmark = pytest.mark.timeout(effort(300, 3_600))


async def _all(moves: Sequence[Awaitable[Step]]) -> tuple[list[Step], Counter[str]]:
    """The steps that were made, and how often which error came instead; any other failure is raised."""
    results = await asyncio.gather(*moves, return_exceptions=True)
    errors = [result for result in results if isinstance(result, BaseException)]
    for error in errors:
        if not isinstance(error, DomainError):
            raise error
    return [each for each in results if isinstance(each, Step)], Counter(type(e).__name__ for e in errors)


@pytest.fixture
async def one(database: str, house: House) -> Crowd:
    return await a_crowd(database, house, candidates=1, offers=REFERENCES[:1])


def _moves(crowd: Crowd, **asked: Any) -> list[Awaitable[Step]]:
    terms: dict[str, Any] = {"terms": crowd.house.terms, "now": crowd.house.now}
    return [
        move_application(crowd.staff, crowd.applications[0], "consider", **terms, **asked)
        for _ in range(AT_ONCE)
    ]


@pytest.mark.parametrize(
    ("expected_version", "refusal"), [(1, "StaleVersion"), (None, "IllegalEvent")], ids=["seen", "blind"]
)
async def test_of_fifty_simultaneous_moves_one_wins(
    one: Crowd, expected_version: int | None, refusal: str
) -> None:
    steps, errors = await _all(_moves(one, expected_version=expected_version))
    assert ([step.version for step in steps], errors) == ([2], Counter({refusal: AT_ONCE - 1}))
    assert (await one.events())["application", "consider"] == 1
    assert await one.states() == {("under_consideration", 2): 1}
    assert await one.faults() == []


async def test_fifty_repeats_at_once_are_one_move(one: Crowd) -> None:
    steps, errors = await _all(_moves(one, expected_version=1, idempotency_key="the same"))
    assert (len(steps), len(set(steps)), errors) == (AT_ONCE, 1, Counter())
    assert (await one.events())["application", "consider"] == 1
    assert await Outbox.count().where(Outbox.kind == "application_considered") == 1


async def test_processes_that_move_the_same_applications_lose_nothing(database: str, house: House) -> None:
    crowd = await a_crowd(database, house, candidates=CANDIDATES, offers=REFERENCES)
    number, begun = len(crowd.applications), time.monotonic()
    plans = [crowd.plan(seed) for seed in range(PROCESSES)]
    with children(move_all, plans) as processes:
        came: Counter[str] = sum([each.answer(within=PATIENCE) for each in processes], Counter())
    took = time.monotonic() - begun
    losers = (PROCESSES - 1) * number
    assert came == {"consider": number, "accept": number, "IllegalEvent": 2 * losers}
    assert await crowd.states() == {("successful", 3): number}
    assert await crowd.events() == {
        ("offer", "create"): len(REFERENCES),
        ("offer", "publish"): len(REFERENCES),
        ("application", "submit"): number,
        ("application", "consider"): number,
        ("application", "accept"): number,
    }
    assert await crowd.faults() == []
    tell_figures(
        f"processes on {database[:6]}",
        processes=PROCESSES,
        applications=number,
        moves=2 * number,
        refused=2 * losers,
        seconds=round(took, 1),
    )


async def test_three_workers_fire_each_timer_once_though_none_ran_when_it_was_due(
    database: str, house: House
) -> None:
    references = tuple(f"OFFER-{number}" for number in range(effort(30, 300)))
    crowd = await a_crowd(database, house, candidates=1, offers=references, tells_contact=False)
    number = len(references)
    for days, events, reminders in (
        (40, {("offer", "close"): number}, 0),
        (60, {("offer", "close"): number}, number),
    ):
        late = house.now + timedelta(days=days)
        with children(keep_calendar, [crowd.plan(seed, now=late) for seed in range(3)]) as workers:
            seen = [worker.answer(within=PATIENCE) for worker in workers]
        assert sum(seen) >= number
        assert events.items() <= (await crowd.events()).items()
        assert await Outbox.count().where(Outbox.kind == "offer_waiting") == reminders
    timers = await Timer.select(Timer.name, Timer.version, Timer.fired_at, Timer.attempts, Timer.failure)
    assert (
        timers == [{"name": "remind", "version": 3, "fired_at": late, "attempts": 0, "failure": ""}] * number
    )
    assert await crowd.faults() == []
