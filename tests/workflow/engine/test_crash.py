"""A process killed with -9 at random instants leaves no half move, and loses nothing that it has answered."""

import asyncio
import random
import time
from collections.abc import Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest

from tests.support.effort import effort, tell_figures
from tests.support.emptied import EMPTIER
from tests.support.house import House
from tests.support.processes import Child, children
from tests.workflow.engine.crowd import Crowd, a_crowd
from tests.workflow.engine.hands import move_until_killed
from tests.workflow.engine.wholeness import Kept, all_that_was_kept, broken_promises, half_moves
from workflow.database.connection import database_from_url, opened_database, use_database
from workflow.engine.machine import Terms

T = TypeVar("T")

MOVES, KILLS = effort(150, 2_000), effort(12, 100)
LIFE = 4_000
"""Bytes of the journal, some sixty a move, that a process writes at most before it is killed."""

SLOWEST = 60.0
REFERENCES = tuple(f"REF-{number}" for number in range(effort(6, 40)))


@pytest.mark.timeout(effort(300, 3_600))
def test_a_process_killed_at_any_instant_leaves_no_half_move(
    database_url: str, now: datetime, terms: Terms, tmp_path: Path
) -> None:
    house, journal = House(now, terms, tmp_path), tmp_path / "journal"
    journal.touch()
    crowd = _opened(
        database_url, a_crowd(database_url, house, candidates=10, offers=REFERENCES, publish=True)
    )
    drafts = tuple(f"DRAFT-{number}" for number in range(effort(10, 100)))
    _opened(database_url, _add_drafts(crowd, drafts))
    begun = len(_opened(database_url, _checked(crowd, journal.read_text())).steps)
    made, kills = 0, 0
    while made < MOVES or kills < KILLS:
        plan = crowd.plan(
            kills, journal=journal, offers=REFERENCES + drafts, now=now + timedelta(seconds=kills)
        )
        with children(move_until_killed, [plan]) as (child,):
            _kill_in_the_middle(child, journal)
        kills += 1
        _wait_for_server(database_url)
        made = len(_opened(database_url, _checked(crowd, journal.read_text())).steps) - begun
    assert _opened(database_url, crowd.faults()) == []
    tell_figures(f"crashes on {database_url[:6]}", moves=made, kills=kills)


def _opened(url: str, work: Coroutine[Any, Any, T]) -> T:
    """As a process that starts after the crash finds it: nobody kept the database open meanwhile."""

    async def run() -> T:
        use_database(database_from_url(url))
        async with opened_database():
            return await work

    return asyncio.run(run())


async def _add_drafts(crowd: Crowd, references: tuple[str, ...]) -> None:
    unit = next(iter(crowd.staff.unit_ids or ()))
    for reference in references:
        await crowd.house.offer(crowd.staff, unit, reference, publish=False)


async def _checked(crowd: Crowd, journal: str) -> Kept:
    kept = await all_that_was_kept()
    assert await half_moves(kept) == []
    assert await broken_promises(kept, journal, crowd.staff.actor.id) == []
    return kept


def _kill_in_the_middle(child: Child, journal: Path) -> None:
    """After some of its moves, at no instant in particular; however busy the machine is."""
    enough, deadline = journal.stat().st_size + random.randint(1, LIFE), time.monotonic() + SLOWEST
    while journal.stat().st_size < enough and child.process.is_alive() and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(random.uniform(0, 0.02))
    if not child.process.is_alive():
        child.answer(within=1)
    child.kill()
    assert child.process.exitcode == -9
    assert journal.stat().st_size >= enough


def _wait_for_server(url: str) -> None:
    """PostgreSQL ends what the dead process had begun; SQLite's went with it."""
    deadline = time.monotonic() + SLOWEST
    while url.startswith("postgres") and asyncio.run(_others(url)) and time.monotonic() < deadline:
        time.sleep(0.005)


async def _others(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        theirs = "datname = current_database() AND pid <> pg_backend_pid() AND application_name <> $1"
        number = f"SELECT count(*) FROM pg_stat_activity WHERE {theirs}"
        return int(await connection.fetchval(number, EMPTIER))
    finally:
        await connection.close()
