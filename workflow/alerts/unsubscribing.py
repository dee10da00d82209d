"""The links of digests that stop an alert, or all of somebody's, without a login (L5).

A link says what it stops, under a signature: nothing is kept of it, and it works for as long as the key does. It
can do no more than to stop, so it lies in mails and in the outbox as it is.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from workflow.alerts.commands import stop_alerts
from workflow.alerts.queries import AlertView, alert_view, alerts_of
from workflow.alerts.tables import Alert

What = Literal["alert", "all"]

_MARKS: dict[What, bytes] = {"alert": b"\x01", "all": b"\x02"}
_SIGNATURE = 16
_TOKEN = re.compile(r"[A-Za-z0-9_-]{44}")
"""Of 33 bytes: each token stands for other ones, and there is one way to write it."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a link stops: one alert, or all of a candidate's; `id` is the alert's or the candidate's."""

    what: What
    id: UUID


def unsubscribing_path(what: What, of: UUID, *, secret_key: str) -> str:
    """The path of the page that stops it, the same each time."""
    body = _MARKS[what] + of.bytes
    token = urlsafe_b64encode(body + _signature(body, secret_key)).decode()
    return f"/alerts/unsubscribe/{token}"


def subscription_of(token: str, *, secret_key: str) -> Subscription | None:
    """What a link's token stands for; None where we did not make it."""
    if not _TOKEN.fullmatch(token):
        return None
    both = urlsafe_b64decode(token)
    body = both[:-_SIGNATURE]
    if not hmac.compare_digest(_signature(body, secret_key), both[-_SIGNATURE:]):
        return None
    whats = {mark: what for what, mark in _MARKS.items()}
    return Subscription(whats[body[:1]], UUID(bytes=body[1:]))


def _signature(body: bytes, secret_key: str) -> bytes:
    return hmac.digest(secret_key.encode(), b"unsubscribe from alerts\0" + body, hashlib.sha256)[:_SIGNATURE]


async def subscribed_alerts(subscription: Subscription) -> tuple[AlertView, ...]:
    """The alerts that it stops, those that rest already as well; none where they were deleted."""
    if subscription.what == "all":
        return await alerts_of(subscription.id)
    row = await Alert.select().where(Alert.id == subscription.id).first()
    return (alert_view(row),) if row else ()


async def unsubscribe(subscription: Subscription, *, now: datetime) -> tuple[UUID, ...]:
    """Let them rest; the ids of those that were active until now. It may be repeated."""
    if subscription.what == "all":
        return await stop_alerts(subscription.id, now=now)
    alerts = await subscribed_alerts(subscription)
    return await stop_alerts(alerts[0].candidate_id, [subscription.id], now=now) if alerts else ()
