"""What can be asked about webhooks: subscriptions with how they fare, and the log of tries."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from workflow.engine import outbox
from workflow.engine.tables import Outbox
from workflow.errors import NotFound
from workflow.recruiters.queries import StaffMember, names_of_recruiters
from workflow.webhooks.events import kind_of
from workflow.webhooks.tables import Webhook, WebhookAttempt

PAGE_SIZE = 50

_IS_BAD = WebhookAttempt.status.is_null() | (WebhookAttempt.status < 200) | (WebhookAttempt.status >= 300)


@dataclass(frozen=True, slots=True)
class WebhookView:
    """A subscription without its secrets. `waiting`: messages to be sent; `dead`: those given up."""

    id: UUID
    url: str
    description: str
    events: tuple[str, ...]
    created_at: datetime
    created_by: str
    old_secret_until: datetime | None
    failing_since: datetime | None
    stopped_at: datetime | None
    stopped_why: str
    rests_until: datetime | None
    waiting: int
    dead: int

    @property
    def state(self) -> str:
        """In a word: stopped, failing or active."""
        if self.stopped_at is not None:
            return "stopped"
        return "failing" if self.failing_since is not None else "active"

    @property
    def is_gone(self) -> bool:
        """Whether it was stopped because its receiver asked for that."""
        return self.stopped_why.split(" ")[0] == str(HTTPStatus.GONE.value)


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One try to deliver a message."""

    id: int
    message: str
    event: str
    body: str
    at: datetime
    status: int | None
    said: str
    milliseconds: int

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def require_administrator(staff: StaffMember) -> None:
    """Raises NotFound: to others there are no webhooks."""
    if not staff.is_administrator:
        raise NotFound


def events_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The events that the row of a subscription names."""
    return tuple(json.loads(row["events"]))


async def webhooks(staff: StaffMember) -> tuple[WebhookView, ...]:
    """All subscriptions, the newest first. Raises NotFound for those who are no administrators."""
    require_administrator(staff)
    return await _views(await _select().order_by(Webhook.created_at, Webhook.id, ascending=False))


async def webhook(staff: StaffMember, webhook_id: UUID) -> WebhookView:
    """One of them. Raises NotFound."""
    require_administrator(staff)
    found = await _views(await _select().where(Webhook.id == webhook_id))
    if not found:
        raise NotFound
    return found[0]


async def webhook_names(webhook_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What those of them that are still there are called: by their description, or else by their host."""
    if not webhook_ids:
        return {}
    rows = await Webhook.select(Webhook.id, Webhook.url, Webhook.description).where(
        Webhook.id.is_in(list(webhook_ids))
    )
    return {row["id"]: row["description"] or urlsplit(row["url"]).netloc for row in rows}


def _select() -> Any:
    return Webhook.select(
        Webhook.id,
        Webhook.url,
        Webhook.description,
        Webhook.events,
        Webhook.created_at,
        Webhook.created_by,
        Webhook.old_secret_until,
        Webhook.failing_since,
        Webhook.stopped_at,
        Webhook.stopped_why,
        Webhook.rests_until,
    )


async def _views(rows: Sequence[Mapping[str, Any]]) -> tuple[WebhookView, ...]:
    names = await names_of_recruiters({row["created_by"] for row in rows})
    views = []
    for row in rows:
        facts = dict(row) | {"events": events_of(row), "created_by": names.get(row["created_by"], "")}
        kind = kind_of(row["id"])
        waiting = await _count(kind, outbox.PENDING, outbox.CLAIMED)
        views.append(WebhookView(**facts, waiting=waiting, dead=await _count(kind, outbox.DEAD)))
    return tuple(views)


async def _count(kind: str, *states: str) -> int:
    number: int = await Outbox.count().where((Outbox.kind == kind) & Outbox.state.is_in(list(states)))
    return number


async def attempts(
    staff: StaffMember, webhook_id: UUID, *, only_failed: bool = False, before: int | None = None
) -> tuple[tuple[AttemptView, ...], int | None]:
    """The newest tries of a subscription, before a row; and before which row the next ones are."""
    require_administrator(staff)
    where: list[Any] = [WebhookAttempt.webhook == webhook_id]
    if before is not None:
        where.append(WebhookAttempt.id < before)
    if only_failed:
        where.append(_IS_BAD)
    rows = await _attempts().where(*where).order_by(WebhookAttempt.id, ascending=False).limit(PAGE_SIZE + 1)
    shown = tuple(AttemptView(**row) for row in rows[:PAGE_SIZE])
    return shown, shown[-1].id if len(rows) > PAGE_SIZE else None


async def attempt(staff: StaffMember, webhook_id: UUID, attempt_id: int) -> AttemptView:
    """One try. Raises NotFound."""
    require_administrator(staff)
    mine = (WebhookAttempt.webhook == webhook_id) & (WebhookAttempt.id == attempt_id)
    row = await _attempts().where(mine).first()
    if row is None:
        raise NotFound
    return AttemptView(**row)


def _attempts() -> Any:
    return WebhookAttempt.select(
        WebhookAttempt.id,
        WebhookAttempt.message,
        WebhookAttempt.event,
        WebhookAttempt.body,
        WebhookAttempt.at,
        WebhookAttempt.status,
        WebhookAttempt.said,
        WebhookAttempt.milliseconds,
    )
