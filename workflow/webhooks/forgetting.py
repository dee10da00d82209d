"""What goes by itself: the log after a month, the messages with it, secrets that are over."""

from datetime import datetime, timedelta
from typing import Any

from piccolo.table import Table

from workflow.database.connection import write_transaction
from workflow.engine.outbox import CANCELLED, DEAD, SENT
from workflow.engine.statements import delete_unheld
from workflow.engine.tables import Outbox
from workflow.webhooks.events import ALL_KINDS, EVENTS
from workflow.webhooks.tables import Webhook, WebhookAttempt

KEPT = timedelta(days=30)

_AT_ONCE = 1_000


async def forget_messages(*, now: datetime) -> int:
    """Delete tries and settled messages of more than a month ago, some thousands at a time; how many rows went."""
    await _forget_old_secrets(now)
    is_ours = Outbox.kind.is_in([*EVENTS]) | Outbox.kind.like(ALL_KINDS)
    is_over = Outbox.state.is_in([SENT, DEAD, CANCELLED]) & (Outbox.settled_at <= now - KEPT)
    return await _forget(WebhookAttempt, WebhookAttempt.at <= now - KEPT) + await _forget(
        Outbox, is_ours & is_over
    )


async def _forget(table: type[Table], wanted: Any) -> int:
    """In pieces, so that nobody waits long for their turn to write."""
    key, gone = table._meta.primary_key, 0
    while ids := [row["id"] for row in await table.select(key).where(wanted).order_by(key).limit(_AT_ONCE)]:
        async with write_transaction():
            deleted = await delete_unheld(table, key.is_in(ids))
        gone += deleted
        if not deleted:
            break
    return gone


async def _forget_old_secrets(now: datetime) -> None:
    is_over = Webhook.old_secret_until <= now
    if await Webhook.exists().where(is_over):
        async with write_transaction():
            values: dict[Any, Any] = {Webhook.old_secret: None, Webhook.old_secret_until: None}
            await Webhook.update(values).where(is_over)
