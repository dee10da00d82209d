"""`vivier doctor` on what waits and on who is there to do it."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tests.jobs.conftest import record_mails
from web.commands.findings import Finding, outbox_finding, workers_finding
from workflow.engine import outbox
from workflow.engine.tables import Outbox
from workflow.workers import SILENCE, WorkerSeen, note_alive


async def test_what_was_given_up_is_said(database: str, now: datetime) -> None:
    assert await outbox_finding() == Finding("Outbox", "nothing failed")
    await record_mails(now, "a@example.org", "b@example.org", "c@example.org")
    for claim in await outbox.claim(
        kinds=["account_exists"], limit=2, lease=timedelta(minutes=1), token=uuid4(), now=now
    ):
        await outbox.settle(claim, state=outbox.DEAD, receipt="550", now=now)
    await Outbox.update({Outbox.state: "held"}).where(Outbox.state == outbox.PENDING)
    assert await outbox_finding() == Finding(
        "Outbox",
        "2 mails could not be sent; 1 may have gone out or not and wait until somebody decides",
        "Look at them in the console, under Mails.",
    )


async def test_missing_workers_matter_when_something_waits(database: str, now: datetime) -> None:
    assert await workers_finding(now) == Finding("Workers", "none is alive; nothing waits for one")
    silent = WorkerSeen(UUID(int=1), "elsewhere", 7, now, now - SILENCE - timedelta(seconds=1))
    await note_alive(silent)
    await record_mails(now, "a@example.org", "b@example.org")
    assert await workers_finding(now) == Finding(
        "Workers",
        "none is alive, the last was seen at 2026-03-02 09:29 UTC; mails and other work that wait: 2",
        "Start one: vivier worker (vivier up starts one by itself).",
    )
    for number in (2, 3):
        await note_alive(WorkerSeen(UUID(int=number), f"machine{number}", number, now, now))
    assert await workers_finding(now) == Finding(
        "Workers", "2 alive: machine2 (process 2), machine3 (process 3)"
    )
