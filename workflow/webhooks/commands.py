"""What administrators do with webhooks: subscribe, change, stop, renew secrets, test, delete."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from workflow.audit.recording import note_change
from workflow.checks import Checks
from workflow.database.connection import write_transaction
from workflow.engine import outbox
from workflow.engine.tables import Outbox
from workflow.errors import Conflict, FieldError, NotFound
from workflow.language import N_
from workflow.recruiters.holding import hold_administrator
from workflow.recruiters.queries import StaffMember
from workflow.sealing import seal
from workflow.webhooks import telling
from workflow.webhooks.addresses import (
    URL_LENGTH,
    Allowance,
    Resolver,
    UnfitAddress,
    checked_addresses,
    resolve_host,
    target_of,
)
from workflow.webhooks.events import EVENTS, kind_of, ping_announcement
from workflow.webhooks.queries import events_of, require_administrator
from workflow.webhooks.signing import new_secret
from workflow.webhooks.tables import Webhook, WebhookAttempt

OLD_SECRET = timedelta(hours=24)
"""How long messages are signed with the old secret as well, once there is a new one."""

MOST = 50
"""So many subscriptions at most: each is asked about at every look at the outbox."""


class TooManyWebhooks(Conflict):
    """There are {most} webhooks, as many as there may be. Delete one that nobody needs first."""

    code = "too-many-webhooks"


@dataclass(frozen=True, slots=True)
class Reach:
    """What decides whether an address may be called."""

    allowed: Allowance
    resolve: Resolver = resolve_host


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A new subscription, and its secret, which is shown this once."""

    id: UUID
    secret: str


async def add_webhook(
    staff: StaffMember,
    data: Mapping[str, Any],
    *,
    reach: Reach,
    secret_key: str,
    now: datetime,
    new_id: Callable[[], UUID] = uuid4,
) -> NewWebhook:
    """Subscribe an address to some events (I3); `data` names `url`, `description` and `events`.

    Raises InvalidInput, TooManyWebhooks, and NotFound for those who are no administrators.
    """
    require_administrator(staff)
    values = await _checked(data, reach)
    secret, webhook_id = new_secret(), new_id()
    async with write_transaction():
        await hold_administrator(staff.id)
        if await Webhook.count() >= MOST:
            raise TooManyWebhooks(most=MOST)
        await Webhook.insert(
            Webhook(
                id=webhook_id,
                secret=_sealed(secret, secret_key),
                created_at=now,
                created_by=staff.id,
                **values,
            )
        )
        await _note(staff, "webhook.made", webhook_id, now=now, after=_said(values))
    return NewWebhook(webhook_id, secret)


async def edit_webhook(
    staff: StaffMember, webhook_id: UUID, data: Mapping[str, Any], *, reach: Reach, now: datetime
) -> None:
    """Change address, description or events; what is on its way goes to the new address, and goes there at once.

    Raises InvalidInput, NotFound.
    """
    require_administrator(staff)
    values = await _checked(data, reach)
    async with write_transaction():
        before = await _hold(staff, webhook_id)
        changed: dict[Any, Any] = dict(values)
        if values["url"] != before["url"]:
            changed |= {"failing_since": None, "rests_until": None}
            waits = (Outbox.kind == kind_of(webhook_id)) & (Outbox.state == outbox.PENDING)
            await Outbox.update({Outbox.due_at: now}).where(waits & (Outbox.due_at > now))
        await Webhook.update(changed).where(Webhook.id == webhook_id)
        await _note(staff, "webhook.edited", webhook_id, now=now, before=_said(before), after=_said(values))


async def renew_secret(staff: StaffMember, webhook_id: UUID, *, secret_key: str, now: datetime) -> str:
    """Give a subscription a new secret, which is shown this once. For a day the old one signs along.

    Done twice, nothing is signed with the first one any more. Raises NotFound.
    """
    require_administrator(staff)
    secret = new_secret()
    async with write_transaction():
        before = await _hold(staff, webhook_id)
        await Webhook.update(
            {
                Webhook.secret: _sealed(secret, secret_key),
                Webhook.old_secret: before["secret"],
                Webhook.old_secret_until: now + OLD_SECRET,
                Webhook.rests_until: None,
            }
        ).where(Webhook.id == webhook_id)
        await _note(staff, "webhook.secret_renewed", webhook_id, now=now)
    return secret


async def stop_webhook(staff: StaffMember, webhook_id: UUID, *, now: datetime) -> None:
    """Tell an address nothing until it is resumed; what happens meanwhile it is not told later. Raises NotFound."""
    require_administrator(staff)
    async with write_transaction():
        before = await _hold(staff, webhook_id)
        if before["stopped_at"] is None:
            await telling.stop(webhook_id, staff.actor, why="", now=now)


async def resume_webhook(staff: StaffMember, webhook_id: UUID, *, now: datetime) -> None:
    """Tell it of what happens from now on. Raises NotFound."""
    require_administrator(staff)
    async with write_transaction():
        before = await _hold(staff, webhook_id)
        if before["stopped_at"] is None:
            return
        values: dict[Any, Any] = {Webhook.stopped_at: None, Webhook.stopped_why: ""}
        values |= {Webhook.failing_since: None, Webhook.rests_until: None}
        await Webhook.update(values).where(Webhook.id == webhook_id)
        await _note(staff, "webhook.resumed", webhook_id, now=now)


async def delete_webhook(staff: StaffMember, webhook_id: UUID, *, now: datetime) -> None:
    """Delete a subscription with its log; what was on its way or given up is cancelled. Raises NotFound."""
    require_administrator(staff)
    async with write_transaction():
        before = await _hold(staff, webhook_id)
        await WebhookAttempt.delete().where(WebhookAttempt.webhook == webhook_id)
        await Webhook.delete().where(Webhook.id == webhook_id)
        waiting = Outbox.state.is_in([outbox.PENDING, outbox.CLAIMED, outbox.DEAD])
        await Outbox.update({Outbox.state: outbox.CANCELLED, Outbox.settled_at: now}).where(
            (Outbox.kind == kind_of(webhook_id)) & waiting
        )
        await _note(staff, "webhook.deleted", webhook_id, now=now, after=_said(before))


async def send_test(staff: StaffMember, webhook_id: UUID, *, now: datetime) -> None:
    """Send a `webhook.ping`, at once, also to a subscription that is stopped or rests. Raises NotFound."""
    require_administrator(staff)
    async with write_transaction():
        await _hold(staff, webhook_id)
        await telling.end_rest(webhook_id)
        await outbox.record([ping_announcement(webhook_id, now=now)], now=now)
        await _note(staff, "webhook.tested", webhook_id, now=now)


async def _hold(staff: StaffMember, webhook_id: UUID) -> dict[str, Any]:
    await hold_administrator(staff.id)
    row = await telling.held_webhook(webhook_id)
    if row is None:
        raise NotFound
    return row


async def _checked(data: Mapping[str, Any], reach: Reach) -> dict[str, Any]:
    checks = Checks(data)
    url = checks.line("url", maximum=URL_LENGTH, required=True)
    description = checks.line("description", maximum=200)
    events = [event for event in EVENTS if event in _names(data.get("events"))]
    if not events:
        checks.fail("events", N_("Choose one event at least."))
    if url and not any(error.field == "url" for error in checks.errors):
        try:
            await checked_addresses(target_of(url), reach.allowed, reach.resolve)
        except UnfitAddress as error:
            checks.errors.append(FieldError("url", error.message, error.facts))
    checks.finish()
    return {"url": url, "description": description, "events": json.dumps(events)}


def _names(given: object) -> Collection[str]:
    return [str(each) for each in given] if isinstance(given, (list, tuple)) else []


def _sealed(secret: str, secret_key: str) -> bytes:
    return seal({"secret": secret}, secret_key)


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the audit keeps for good; addresses of webhooks like to carry a password in their last part."""
    url = target_of(values["url"]).url
    origin = f"{url.scheme}://{url.netloc.decode('ascii')}/…"
    return {"address": origin, "description": values["description"], "events": list(events_of(values))}


async def _note(
    staff: StaffMember,
    action: str,
    webhook_id: UUID,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    await note_change(
        staff.actor, action, ("webhook", webhook_id), now=now, before=before or {}, after=after or {}
    )
