"""The worker seals what has happened, and its log remembers each seal."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from jobs.checkpointing import Checkpointer
from tests.jobs.test_worker import some_settings, working
from tests.support.house import House
from tests.workflow.engine.proving import Past, a_past
from workflow.database.connection import database_from_url, opened_database, use_database
from workflow.engine.checkpoints import newest_checkpoints


@pytest.fixture
async def past(database: str, house: House, now: datetime) -> Past:
    return await a_past(database, house, now)


async def logged(checkpointer: Checkpointer) -> list[dict[str, Any]]:
    with capture_logs() as lines:
        await checkpointer.take()
    return [dict(line) for line in lines]


async def test_each_checkpoint_is_logged_once_with_its_seal(past: Past, now: datetime) -> None:
    checkpointer = Checkpointer(past.house.terms.history_key, lambda: now)
    lines = await logged(checkpointer)
    newest = (await newest_checkpoints(1))[0]
    assert lines == [
        {
            "log_level": "info",
            "event": "history checkpoint stands",
            "checkpoint": f"2:{newest.mac}",
            "subjects": 2,
            "through": await past.row_id(4),
        }
    ]
    assert await logged(checkpointer) == []
    await past.move("accept", after=timedelta(minutes=6))
    assert [line["checkpoint"][:2] for line in await logged(checkpointer)] == ["3:"]


async def test_a_worker_that_begins_logs_the_checkpoint_that_stands(past: Past, now: datetime) -> None:
    await past.checkpoint()
    lines = await logged(Checkpointer(past.house.terms.history_key, lambda: now))
    assert [line["checkpoint"][:2] for line in lines] == ["2:"]


async def test_it_refuses_to_go_on_from_a_forged_checkpoint(past: Past, now: datetime) -> None:
    await past.tamper("UPDATE history_checkpoint SET subjects = 7")
    assert await logged(Checkpointer(past.house.terms.history_key, lambda: now)) == [
        {
            "log_level": "error",
            "event": "history checkpoint refused",
            "reason": "checkpoint 1 does not verify",
            "advice": "run: vivier verify-history",
        }
    ]


async def test_a_history_that_does_not_hold_is_logged(past: Past, now: datetime) -> None:
    await past.tamper("UPDATE history SET event = 'accept' WHERE version = 2 AND subject_id = '{id}'")
    lines = await logged(Checkpointer(past.house.terms.history_key, lambda: now))
    assert [(line["event"], line.get("others")) for line in lines] == [
        ("history checkpoint stands", None),
        ("history does not hold", 0),
    ]


async def test_a_worker_takes_the_first_checkpoint_of_an_empty_history(
    database_url: str, tmp_path: Path
) -> None:
    use_database(database_from_url(database_url))
    async with working(some_settings(tmp_path, database_url)):
        pass
    async with opened_database():
        assert [one.number for one in await newest_checkpoints(9)] == [1]
