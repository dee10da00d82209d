"""Sending messages once more: one of the log, or all that failed of late."""

from datetime import datetime
from typing import Any
from uuid import UUID

from workflow.audit.recording import note_change
from workflow.database.connection import write_transaction
from workflow.engine import outbox
from workflow.engine.outbox import Announcement
from workflow.engine.tables import Outbox
from workflow.errors import Conflict, NotFound
from workflow.recruiters.holding import hold_administrator
from workflow.recruiters.queries import StaffMember
from workflow.webhooks import queries
from workflow.webhooks.events import kind_of
from workflow.webhooks.telling import end_rest, held_webhook

_AS_NEW: dict[Any, Any] = {
    Outbox.state: outbox.PENDING,
    Outbox.attempts: 0,
    Outbox.first_due_at: None,
    Outbox.settled_at: None,
}


class WebhookStopped(Conflict):
    """This webhook is stopped, so nothing is sent again. Let it go on first."""

    code = "webhook-stopped"


async def replay_attempt(staff: StaffMember, webhook_id: UUID, attempt_id: int, *, now: datetime) -> None:
    """Send the message of a try again, at once, under its own id; receivers that had it know it by that.

    Raises WebhookStopped, NotFound.
    """
    tried = await queries.attempt(staff, webhook_id, attempt_id)
    async with write_transaction():
        await _hold_active(staff, webhook_id)
        key = f"webhook/{tried.message}/{webhook_id.hex}"
        row = await Outbox.select(Outbox.id, Outbox.state).where(Outbox.dedup_key == key).first()
        if row is None:
            params = {
                "webhook": str(webhook_id),
                "message": tried.message,
                "event": tried.event,
                "body": tried.body,
            }
            await outbox.record([Announcement(kind_of(webhook_id), key, params)], now=now)
        elif row["state"] != outbox.CLAIMED:
            await _send_again(Outbox.id == row["id"], now)
        after = {"message": tried.message}
        await note_change(staff.actor, "webhook.replayed", ("webhook", webhook_id), now=now, after=after)


async def replay_failed(staff: StaffMember, webhook_id: UUID, *, since: datetime, now: datetime) -> int:
    """Send all messages again that were recorded since then and did not get through; how many those are.

    Also those that wait for their next try. Raises WebhookStopped, NotFound.
    """
    queries.require_administrator(staff)
    async with write_transaction():
        await _hold_active(staff, webhook_id)
        failed = (Outbox.state == outbox.DEAD) | ((Outbox.state == outbox.PENDING) & (Outbox.attempts > 0))
        wanted = (Outbox.kind == kind_of(webhook_id)) & (Outbox.created_at >= since) & failed
        number = await _send_again(wanted, now)
        if number:
            after = {"messages": number}
            await note_change(staff.actor, "webhook.replayed", ("webhook", webhook_id), now=now, after=after)
    return number


async def _hold_active(staff: StaffMember, webhook_id: UUID) -> None:
    """What is sent again goes at once: a rest ends with it."""
    await hold_administrator(staff.id)
    row = await held_webhook(webhook_id)
    if row is None:
        raise NotFound
    if row["stopped_at"] is not None:
        raise WebhookStopped
    await end_rest(webhook_id)


async def _send_again(wanted: Any, now: datetime) -> int:
    return len(await Outbox.update({**_AS_NEW, Outbox.due_at: now}).where(wanted).returning(Outbox.id))
