"""Administrators keep webhooks: what they may write, what is kept, what the audit says, what goes by itself."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.house import House
from tests.workflow.webhooks.places import KEY, reach
from workflow.audit.tables import AuditEntry
from workflow.database.connection import write_transaction
from workflow.engine import outbox
from workflow.engine.tables import Outbox
from workflow.errors import InvalidInput, NotFound
from workflow.recruiters.queries import StaffMember
from workflow.sealing import unseal
from workflow.webhooks import commands, queries, replaying
from workflow.webhooks.commands import TooManyWebhooks, add_webhook, edit_webhook
from workflow.webhooks.events import kind_of
from workflow.webhooks.forgetting import forget_messages
from workflow.webhooks.replaying import WebhookStopped
from workflow.webhooks.tables import Webhook, WebhookAttempt

DATA = {"url": "https://example.org/hook", "description": "Ours", "events": ["offer.closed"]}


async def audited(*columns: str) -> list[dict[str, Any]]:
    return await AuditEntry.select(*columns).order_by(AuditEntry.id)


async def tried(webhook_id: UUID, house: House, **values: Any) -> int:
    """A try of the log."""
    facts = {"message": "msg_1", "event": "offer.closed", "body": "{}", "at": house.now, "status": 500}
    async with write_transaction():
        row = WebhookAttempt(**{"webhook": webhook_id, "said": "Oh", "milliseconds": 7, **facts, **values})
        rows = await WebhookAttempt.insert(row)
    return int(rows[0]["id"])


async def test_a_subscription_is_made_with_a_secret_that_is_shown_once(
    administrator: StaffMember, house: House
) -> None:
    data = DATA | {"events": ["offer.closed", "made.up", "offer.published"], "stopped_at": "x"}
    made = await add_webhook(administrator, data, reach=reach(), secret_key=KEY, now=house.now)

    view = await queries.webhook(administrator, made.id)
    assert view == queries.WebhookView(
        id=made.id,
        url="https://example.org/hook",
        description="Ours",
        events=("offer.published", "offer.closed"),
        created_at=house.now,
        created_by="Ada Recruiter",
        old_secret_until=None,
        failing_since=None,
        stopped_at=None,
        stopped_why="",
        rests_until=None,
        waiting=0,
        dead=0,
    )
    row = await Webhook.select().first()
    assert row is not None
    assert unseal(row["secret"], KEY) == {"secret": made.secret}
    assert made.secret.encode() not in row["secret"]
    (entry,) = await audited("action", "subject_type", "subject_id", "after", "unit")
    assert json.loads(entry.pop("after")) == {
        "address": "https://example.org/…",
        "description": "Ours",
        "events": ["offer.published", "offer.closed"],
    }
    assert entry == {
        "action": "webhook.made",
        "subject_type": "webhook",
        "subject_id": str(made.id),
        "unit": None,
    }


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"url": ""}, ["url"]),
        ({"url": "https://inside.example.org/"}, ["url"]),
        ({"url": "https://nobody.example.org/"}, ["url"]),
        ({"url": "http://example.org/"}, ["url"]),
        ({"url": f"https://example.org/{'x' * 1000}"}, ["url"]),
        ({"events": []}, ["events"]),
        ({"events": "offer.closed"}, ["events"]),
        (
            {"events": ["webhook.ping"], "url": "x", "description": "x" * 201},
            ["description", "events", "url"],
        ),
    ],
)
async def test_what_cannot_be_is_refused_beside_its_field(
    webhook_id: UUID, administrator: StaffMember, house: House, changed: dict[str, Any], fields: list[str]
) -> None:
    refused = []
    for command in (
        lambda: add_webhook(administrator, DATA | changed, reach=reach(), secret_key=KEY, now=house.now),
        lambda: edit_webhook(administrator, webhook_id, DATA | changed, reach=reach(), now=house.now),
    ):
        with pytest.raises(InvalidInput) as caught:
            await command()
        refused.append(sorted(error.field for error in caught.value.errors))
    assert refused == [fields, fields]
    assert await Webhook.count() == 1


async def test_to_recruiters_there_are_no_webhooks(
    webhook_id: UUID, administrator: StaffMember, house: House
) -> None:
    recruiter = await house.recruiter(await house.unit())
    was_one = replace(administrator, id=recruiter.id)
    now = house.now
    for staff in (recruiter, was_one):
        for act in (
            add_webhook(staff, DATA, reach=reach(), secret_key=KEY, now=now),
            edit_webhook(staff, webhook_id, DATA, reach=reach(), now=now),
            commands.renew_secret(staff, webhook_id, secret_key=KEY, now=now),
            commands.stop_webhook(staff, webhook_id, now=now),
            commands.resume_webhook(staff, webhook_id, now=now),
            commands.delete_webhook(staff, webhook_id, now=now),
            commands.send_test(staff, webhook_id, now=now),
            replaying.replay_attempt(staff, webhook_id, 1, now=now),
            replaying.replay_failed(staff, webhook_id, since=now, now=now),
        ):
            with pytest.raises(NotFound):
                await act
    for question in (
        queries.webhooks(recruiter),
        queries.webhook(recruiter, webhook_id),
        queries.attempts(recruiter, webhook_id),
        queries.attempt(recruiter, webhook_id, 1),
        queries.webhook(administrator, uuid4()),
        queries.attempt(administrator, webhook_id, 1),
    ):
        with pytest.raises(NotFound):
            await question
    assert [entry["action"] for entry in await audited("action")] == ["webhook.made"]


async def test_there_is_an_end_to_subscriptions(
    webhook_id: UUID, administrator: StaffMember, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "MOST", 1)
    with pytest.raises(TooManyWebhooks, match="There are 1 webhooks"):
        await add_webhook(administrator, DATA, reach=reach(), secret_key=KEY, now=house.now)


async def test_a_life_of_a_subscription_is_audited(
    webhook_id: UUID, administrator: StaffMember, house: House
) -> None:
    now, kind = house.now, kind_of(webhook_id)
    await edit_webhook(
        administrator,
        webhook_id,
        DATA | {"url": "https://example.org/other?key=secret"},
        reach=reach(),
        now=now,
    )
    await edit_webhook(
        administrator,
        webhook_id,
        DATA | {"url": "https://example.org/other?key=secret"},
        reach=reach(),
        now=now,
    )
    first = await Webhook.select().first()
    secret = await commands.renew_secret(administrator, webhook_id, secret_key=KEY, now=now)
    renewed = await Webhook.select().first()
    assert first
    assert renewed
    assert renewed["url"] == "https://example.org/other?key=secret"
    assert unseal(renewed["secret"], KEY) == {"secret": secret}
    assert (renewed["old_secret"], renewed["old_secret_until"]) == (
        first["secret"],
        now + timedelta(hours=24),
    )

    await commands.send_test(administrator, webhook_id, now=now)
    assert (await queries.webhook(administrator, webhook_id)).waiting == 1
    await commands.stop_webhook(administrator, webhook_id, now=now)
    await commands.stop_webhook(administrator, webhook_id, now=now)
    stopped = await queries.webhook(administrator, webhook_id)
    assert (stopped.state, stopped.stopped_at, stopped.waiting, stopped.dead) == ("stopped", now, 0, 1)
    for refused in (
        replaying.replay_failed(administrator, webhook_id, since=now, now=now),
        replaying.replay_attempt(administrator, webhook_id, await tried(webhook_id, house), now=now),
    ):
        with pytest.raises(WebhookStopped):
            await refused
    assert (await queries.webhook(administrator, webhook_id)).waiting == 0
    await commands.resume_webhook(administrator, webhook_id, now=now)
    await commands.resume_webhook(administrator, webhook_id, now=now)
    assert await replaying.replay_failed(administrator, webhook_id, since=now, now=now) == 1
    assert await replaying.replay_failed(administrator, webhook_id, since=now, now=now) == 0
    async with write_transaction():
        await Outbox.update({Outbox.state: outbox.DEAD}).where(Outbox.kind == kind)
    await commands.delete_webhook(administrator, webhook_id, now=now)

    assert (await queries.webhooks(administrator), await WebhookAttempt.count()) == ((), 0)
    assert await Outbox.select(Outbox.state).where(Outbox.kind == kind) == [{"state": "cancelled"}]
    entries = await audited("action", "before", "after")
    assert [entry["action"].removeprefix("webhook.") for entry in entries] == [
        *("made", "edited", "secret_renewed", "tested", "stopped", "resumed", "replayed", "deleted")
    ]
    assert "key=" not in str(entries)
    assert secret not in str(entries)


async def test_a_message_of_the_log_is_sent_again_under_its_own_id(
    webhook_id: UUID, administrator: StaffMember, house: House
) -> None:
    attempt_id = await tried(webhook_id, house)
    for minutes in (1, 2):  # once as a row of its own, once more the same row
        at = house.now + timedelta(minutes=minutes)
        await replaying.replay_attempt(administrator, webhook_id, attempt_id, now=at)
        async with write_transaction():
            await Outbox.update({Outbox.attempts: 9}).where(Outbox.kind == kind_of(webhook_id))
    await replaying.replay_attempt(administrator, webhook_id, attempt_id, now=at)
    rows = await Outbox.select(
        Outbox.dedup_key, Outbox.params, Outbox.state, Outbox.attempts, Outbox.due_at
    ).output(load_json=True)
    assert rows == [
        {
            "dedup_key": f"webhook/msg_1/{webhook_id.hex}",
            "params": {"webhook": str(webhook_id), "message": "msg_1", "event": "offer.closed", "body": "{}"},
            "state": "pending",
            "attempts": 0,
            "due_at": at,
        }
    ]


async def test_the_log_shows_the_newest_first_and_what_failed_alone(
    webhook_id: UUID, administrator: StaffMember, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [await tried(webhook_id, house, status=status) for status in (200, 299, 302, 500, None)]
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)

    async def shown(**how: Any) -> tuple[list[int], int | None]:
        found, older = await queries.attempts(administrator, webhook_id, **how)
        return [each.id for each in found], older

    assert await shown() == ([ids[4], ids[3]], ids[3])
    assert await shown(before=ids[3]) == ([ids[2], ids[1]], ids[1])
    assert await shown(only_failed=True, before=ids[3]) == ([ids[2]], None)


async def test_the_log_and_old_secrets_go_by_themselves(
    webhook_id: UUID, administrator: StaffMember, house: House
) -> None:
    await commands.renew_secret(administrator, webhook_id, secret_key=KEY, now=house.now)
    await tried(webhook_id, house)
    await tried(webhook_id, house, at=house.now + timedelta(days=2))
    await commands.send_test(administrator, webhook_id, now=house.now)
    await commands.send_test(administrator, webhook_id, now=house.now)
    await house.offer(administrator, await house.unit())
    first = await Outbox.select(Outbox.id).where(Outbox.kind == kind_of(webhook_id)).first()
    assert first
    async with write_transaction():
        settled: dict[Any, Any] = {Outbox.state: outbox.SENT, Outbox.settled_at: house.now}
        await Outbox.update(settled).where((Outbox.id == first["id"]) | (Outbox.kind == "offer.published"))

    later = house.now + timedelta(days=30)
    assert await forget_messages(now=later - timedelta(minutes=1)) == 0
    assert await forget_messages(now=later) == 3
    assert await WebhookAttempt.count() == 1
    assert {row["kind"] for row in await Outbox.select(Outbox.kind)} == {kind_of(webhook_id), "index_offer"}
    row = await Webhook.select(Webhook.old_secret, Webhook.old_secret_until).first()
    assert row == {"old_secret": None, "old_secret_until": None}
