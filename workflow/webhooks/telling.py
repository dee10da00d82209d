"""From an event to messages for each subscription, and what becomes of each try to deliver one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresEngine

from workflow.audit.recording import note_change
from workflow.database.connection import write_transaction
from workflow.engine import outbox
from workflow.engine.machine import Actor
from workflow.engine.outbox import Claim
from workflow.engine.tables import Outbox
from workflow.roles import CLOCK
from workflow.webhooks.events import kind_of, message_announcement, message_of
from workflow.webhooks.queries import events_of
from workflow.webhooks.tables import Webhook, WebhookAttempt

DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after each failed try comes the next one; after the last of them a message is dead."""

LONGEST_WAIT = timedelta(hours=24)
"""Receivers may ask for a pause; not for a longer one."""

PATIENCE = timedelta(days=5)
"""A subscription that does nothing but fail for so long is stopped."""

_STRETCH = timedelta(days=2)
"""Failures that lie further apart than tries ever do are not one failure."""

_FIRST_REST, _LONGEST_REST = timedelta(seconds=1), timedelta(minutes=1)
_LONGEST_ASKED = timedelta(minutes=10)
"""For how long everything waits for a receiver that asks for a pause; the message itself may wait longer."""

_SAID = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a try. `status` is None where no answer came; `said` then tells why."""

    status: int | None
    said: str
    milliseconds: int
    retry_after: timedelta | None = None

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def summary(self) -> str:
        """One line for the receipt and for whoever asks why."""
        return f"{self.status} {self.said}".strip() if self.status is not None else self.said


async def fan_out(claims: Sequence[Claim], *, now: datetime) -> int:
    """Make of each event one message for every subscription that wants it; how many that are.

    A subscription is held meanwhile, so that none is deleted with a message on its way to it.
    """
    told = 0
    async with write_transaction():
        wishes = [(row["id"], events_of(row)) for row in await _active()]
        for claim in claims:
            wanting = [webhook_id for webhook_id, events in wishes if claim.kind in events]
            if await outbox.settle(claim, state=outbox.SENT, receipt=f"for {len(wanting)}", now=now):
                message = message_of(f"{claim.kind}/{claim.id}")
                await outbox.record(
                    [message_announcement(each, message, claim.params) for each in wanting], now=now
                )
                told += len(wanting)
    return told


async def _active() -> list[dict[str, Any]]:
    query = Webhook.select(Webhook.id, Webhook.events).where(Webhook.stopped_at.is_null())
    if isinstance(Webhook._meta.db, PostgresEngine):
        query = query.lock_rows("KEY SHARE", of=(Webhook,))
    return await query.order_by(Webhook.id)


async def held_webhook(webhook_id: UUID) -> dict[str, Any] | None:
    """The row of a subscription, held until the transaction ends."""
    query = Webhook.select().where(Webhook.id == webhook_id).first()
    if isinstance(Webhook._meta.db, PostgresEngine):
        query = query.lock_rows("NO KEY UPDATE", of=(Webhook,))
    row: dict[str, Any] | None = await query
    return row


async def settle_attempt(claim: Claim, answer: Answer, *, url: str, now: datetime, jitter: float) -> None:
    """Write down a try at an address, and what follows from it for the message and for its subscription.

    Where the subscription has got another address meanwhile, a failure says nothing of that one.
    """
    webhook_id = UUID(claim.params["webhook"])
    async with write_transaction():
        webhook = await held_webhook(webhook_id)
        if webhook is None:
            await outbox.settle(claim, state=outbox.CANCELLED, receipt="nobody subscribes any more", now=now)
            return
        latest = await _latest_attempt(webhook_id)
        await _write_down(webhook_id, claim, answer, now)
        is_stopped = webhook["stopped_at"] is not None
        if webhook["url"] != url and not answer.is_good and not is_stopped:
            await outbox.postpone(claim, until=now, receipt=answer.summary[:_SAID], counted=False)
            return
        await _settle_message(claim, answer, is_last=is_stopped, now=now, jitter=jitter)
        if is_stopped:
            return
        if answer.is_good:
            await _recovered(webhook)
        else:
            await _failed(webhook, answer, latest, now=now)


async def _latest_attempt(webhook_id: UUID) -> datetime | None:
    row = (
        await WebhookAttempt.select(WebhookAttempt.at)
        .where(WebhookAttempt.webhook == webhook_id)
        .order_by(WebhookAttempt.id, ascending=False)
        .first()
    )
    return row["at"] if row else None


async def _write_down(webhook_id: UUID, claim: Claim, answer: Answer, now: datetime) -> None:
    await WebhookAttempt.insert(
        WebhookAttempt(
            webhook=webhook_id,
            message=claim.params["message"],
            event=claim.params["event"],
            body=claim.params["body"],
            at=now,
            status=answer.status,
            said=answer.said[:_SAID],
            milliseconds=answer.milliseconds,
        )
    )


async def _settle_message(
    claim: Claim, answer: Answer, *, is_last: bool, now: datetime, jitter: float
) -> None:
    receipt = answer.summary[:_SAID]
    if answer.is_good:
        await outbox.settle(claim, state=outbox.SENT, receipt=receipt, now=now)
    elif is_last or answer.status == HTTPStatus.GONE or claim.attempts > len(DELAYS):
        await outbox.settle(claim, state=outbox.DEAD, receipt=receipt, now=now)
    else:
        pause = DELAYS[claim.attempts - 1] * jitter
        asked = min(answer.retry_after or timedelta(), LONGEST_WAIT)
        await outbox.postpone(claim, until=now + max(pause, asked), receipt=receipt)


async def _recovered(webhook: Mapping[str, Any]) -> None:
    if webhook["failing_since"] is not None:
        await Webhook.update({Webhook.failing_since: None}).where(Webhook.id == webhook["id"])


async def _failed(
    webhook: Mapping[str, Any], answer: Answer, latest: datetime | None, *, now: datetime
) -> None:
    since = webhook["failing_since"]
    if since is None or latest is None or latest < now - _STRETCH:
        since = now
    rest = max(now + _rest(answer, now - since), webhook["rests_until"] or now)
    values: dict[Any, Any] = {Webhook.failing_since: since, Webhook.rests_until: rest}
    await Webhook.update(values).where(Webhook.id == webhook["id"])
    if answer.status == HTTPStatus.GONE or since <= now - PATIENCE:
        await stop(webhook["id"], CLOCK, why=answer.summary, now=now)


def _rest(answer: Answer, failing: timedelta) -> timedelta:
    """As long again as it has been failing, within bounds; for as long as it asks for, if it does."""
    pause = min(max(failing, _FIRST_REST), _LONGEST_REST)
    return max(pause, min(answer.retry_after or timedelta(), _LONGEST_ASKED))


async def end_rest(webhook_id: UUID) -> None:
    """Call a receiver again at once: somebody has mended it, or wants to see whether it is mended."""
    await Webhook.update({Webhook.rests_until: None}).where(Webhook.id == webhook_id)


async def stop(webhook_id: UUID, actor: Actor, *, why: str, now: datetime) -> None:
    """Stop a subscription that is held; its messages are given up, and can be sent again once it goes on."""
    await Webhook.update({Webhook.stopped_at: now, Webhook.stopped_why: why[:300]}).where(
        Webhook.id == webhook_id
    )
    await Outbox.update(
        {Outbox.state: outbox.DEAD, Outbox.settled_at: now, Outbox.receipt: "the subscription is stopped"}
    ).where((Outbox.kind == kind_of(webhook_id)) & (Outbox.state == outbox.PENDING))
    await note_change(actor, "webhook.stopped", ("webhook", webhook_id), now=now, after={"why": why[:300]})
