"""What programs can be told of: the events, their bodies, and whether anybody wants to know."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from workflow.engine.history import Step
from workflow.engine.outbox import Announcement
from workflow.language import N_
from workflow.webhooks.tables import Webhook

PROGRAMS = "programs"
"""The audience that machines tell of an event."""

STATUS_CHANGED = "application.status_changed"
OFFER_PUBLISHED = "offer.published"
OFFER_CLOSED = "offer.closed"
OFFER_CANCELLED = "offer.cancelled"

EVENTS: Mapping[str, str] = {
    STATUS_CHANGED: N_("The status of an application changes"),
    OFFER_PUBLISHED: N_("An offer is published"),
    OFFER_CLOSED: N_("An offer closes"),
    OFFER_CANCELLED: N_("An offer is cancelled"),
}
"""What machines tell programs, by the kind of the outbox row, and how the console names it."""

PING = "webhook.ping"
"""The event of a test; nobody subscribes to it."""

_KIND = "webhook/"

ALL_KINDS = f"{_KIND}%"
"""What LIKE finds the rows of all subscriptions by."""


def kind_of(webhook_id: UUID) -> str:
    """The kind of the outbox rows for one subscription: each has its own, so that none waits for another."""
    return f"{_KIND}{webhook_id.hex}"


def is_message(kind: str) -> bool:
    """Whether rows of this kind are messages to a subscription."""
    return kind.startswith(_KIND)


def event_announcement(event: str, step: Step, data: Mapping[str, Any]) -> Announcement:
    """The outbox row of an event that a step tells; it counts from the instant at which the step is told."""
    at = step.announce_at or step.at
    return Announcement(
        kind=event,
        dedup_key=f"{event}/{step.subject_id}/{step.version}",
        params={"type": event, "timestamp": instant(at), "data": dict(data)},
    )


def told_of_offer(reference: str, title_fr: str, title_en: str) -> dict[str, Any]:
    """How bodies name an offer."""
    return {"reference": reference, "title": {"fr": title_fr, "en": title_en}}


def message_announcement(webhook_id: UUID, message: str, payload: Mapping[str, Any]) -> Announcement:
    """The outbox row that carries a message to one subscription; its body is written once and for all."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return Announcement(
        kind=kind_of(webhook_id),
        dedup_key=f"webhook/{message}/{webhook_id.hex}",
        params={"webhook": str(webhook_id), "message": message, "event": payload["type"], "body": body},
    )


def ping_announcement(webhook_id: UUID, *, now: datetime) -> Announcement:
    """A test for one subscription."""
    payload = {"type": PING, "timestamp": instant(now), "data": {"webhook": {"id": str(webhook_id)}}}
    return message_announcement(webhook_id, f"msg_{uuid4().hex}", payload)


def message_of(event_key: str) -> str:
    """The `webhook-id` of an event: the same for every subscription and every try, and telling nothing."""
    return f"msg_{uuid5(NAMESPACE_URL, event_key).hex}"


def instant(at: datetime) -> str:
    """An instant as bodies write it: 2026-11-23T16:20:05.123Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wanted_sql(event: str) -> str:
    """A condition in SQL, true where a subscription that is not stopped wants this event."""
    if event not in EVENTS:
        raise ValueError(event)
    like = f"'%\"{event}\"%'"
    return f"EXISTS (SELECT 1 FROM webhook w WHERE w.stopped_at IS NULL AND w.events LIKE {like})"  # noqa: S608  # a constant


async def is_wanted(event: str) -> bool:
    """Whether anybody wants to know; where nobody does, a move records nothing for programs."""
    rows = await Webhook.raw(f"SELECT {wanted_sql(event)} AS is_wanted")
    return bool(rows[0]["is_wanted"])
