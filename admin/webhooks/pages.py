"""What one sees of webhooks: the list, one with its log, one try."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.kit.wording import Wording
from web.kit.addresses import row_id
from web.kit.pages import render
from workflow.errors import NotFound
from workflow.language import N_
from workflow.recruiters.queries import StaffMember
from workflow.webhooks import queries
from workflow.webhooks.events import EVENTS, PING

WEBHOOKS = "/console/webhooks"

STATES = {"active": N_("Active"), "failing": N_("Fails"), "stopped": N_("Stopped")}
"""How a subscription fares, in the console's words."""

EVENT_NAMES = {**EVENTS, PING: N_("Test")}

SPANS = {
    "1": N_("of the last hour"),
    "24": N_("of the last 24 hours"),
    "168": N_("of the last 7 days"),
    "720": N_("of the last 30 days"),
}
"""Hours → which messages are sent again."""

_Staff = NamedDependency[StaffMember]
_Now = NamedDependency[datetime]


@get("/webhooks")
async def webhooks_page(request: Request[Any, Any, Any], staff: _Staff, now: _Now) -> Response[Any]:
    """All subscriptions. Raises NotFound for those who are no administrators."""
    found = await queries.webhooks(staff)
    return render(
        request,
        "console/webhooks.html",
        staff=staff,
        words=Wording(request, now),
        webhooks=found,
        states=STATES,
        event_names=EVENT_NAMES,
    )


@get("/webhooks/{webhook_id:uuid}")
async def webhook_page(
    request: Request[Any, Any, Any],
    staff: _Staff,
    now: _Now,
    webhook_id: FromPath[UUID],
    status: FromQuery[str] = "",
    before: FromQuery[int | None] = None,
) -> Response[Any]:
    """One with its log, the newest try first; `status=failed` shows only what failed. Raises NotFound."""
    if status not in ("", "failed"):
        raise NotFound
    webhook = await queries.webhook(staff, webhook_id)
    start = row_id(before) if before is not None else None
    shown, older = await queries.attempts(staff, webhook_id, only_failed=bool(status), before=start)
    address = f"{WEBHOOKS}/{webhook_id}"
    return render(
        request,
        "console/webhook.html",
        form={"status": status},
        staff=staff,
        words=Wording(request, now),
        webhook=webhook,
        attempts=shown,
        older=f"{address}?{urlencode({'status': status, 'before': older})}" if older else "",
        states=STATES,
        event_names=EVENT_NAMES,
        spans=list(SPANS.items()),
    )


@get("/webhooks/{webhook_id:uuid}/attempts/{attempt_id:int}")
async def attempt_page(
    request: Request[Any, Any, Any],
    staff: _Staff,
    now: _Now,
    webhook_id: FromPath[UUID],
    attempt_id: FromPath[int],
) -> Response[Any]:
    """One try: what was sent, what came back. Raises NotFound."""
    webhook = await queries.webhook(staff, webhook_id)
    tried = await queries.attempt(staff, webhook_id, row_id(attempt_id))
    return render(
        request,
        "console/webhook_attempt.html",
        staff=staff,
        words=Wording(request, now),
        webhook=webhook,
        attempt=tried,
        event_names=EVENT_NAMES,
    )


PAGES = (webhooks_page, webhook_page, attempt_page)
