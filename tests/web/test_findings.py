"""`vivier doctor` on what waits and on who is there to do it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.jobs.conftest import record_mails
from tests.support.house import House
from web.commands.findings import Finding, outbox_finding, webhooks_finding, workers_finding
from workflow.database.connection import write_transaction
from workflow.engine import outbox
from workflow.engine.tables import Outbox
from workflow.vital_signs import Counted, given_up, waiting
from workflow.webhooks.events import kind_of, ping_announcement
from workflow.webhooks.tables import Webhook
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


async def test_programs_that_are_not_told_are_said(database: str, house: House, now: datetime) -> None:
    assert await webhooks_finding() == Finding("Webhooks", "none fails")
    staff = await house.recruiter(await house.unit())
    made: dict[str, Any] = {"url": "https://x.example", "description": "", "events": "[]", "secret": b""}
    troubles: list[dict[str, Any]] = [{"failing_since": now}, {"stopped_at": now}, {"stopped_at": now}]
    ids = [uuid4() for _ in troubles]
    for webhook_id, trouble in zip(ids, troubles, strict=True):
        await Webhook.insert(Webhook(id=webhook_id, created_at=now, created_by=staff.id, **made, **trouble))
    assert await webhooks_finding() == Finding("Webhooks", "1 fails just now, 2 are stopped")

    async with write_transaction():
        await outbox.record([ping_announcement(each, now=now) for each in ids for _ in range(2)], now=now)
    await Outbox.update({Outbox.state: outbox.DEAD}).where(
        Outbox.kind.is_in([kind_of(ids[0]), kind_of(ids[1])])
    )
    assert await webhooks_finding() == Finding(
        "Webhooks",
        "1 fails just now, 2 are stopped, 4 messages were given up",
        "Look at them in the console, under Webhooks: what was given up can be sent again there.",
    )
    assert await outbox_finding() == Finding("Outbox", "nothing failed")
    # however many there are, they are one kind to whoever counts
    assert [(each.kind, each.pending, each.oldest) for each in await waiting(now)] == [("webhook", 2, now)]
    assert await given_up() == (Counted("webhook", "dead", 4),)


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
