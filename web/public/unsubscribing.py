"""Where the links of digests lead: one button stops an alert, or all of them, without a login (L5).

Mail programs press it by themselves (RFC 8058): a POST without cookies or tokens, answered where it was sent to.
Looking changes nothing, for programs that guard mailboxes look at every link.
"""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from web.kit.language import language_of
from web.kit.pages import render
from web.kit.portal import Portal
from workflow.alerts.criteria import criteria_in_words, frequency_in_words
from workflow.alerts.unsubscribing import Subscription, subscribed_alerts, subscription_of, unsubscribe
from workflow.errors import NotFound


@get("/alerts/unsubscribe/{token:str}")
async def unsubscribing(
    request: Request[Any, Any, Any], token: FromPath[str], portal: NamedDependency[Portal]
) -> Response[Any]:
    """What the link stops, and the button. Raises NotFound."""
    return await _page(request, _subscription(token, portal), token, is_done=False)


@post("/alerts/unsubscribe/{token:str}", status_code=200)
async def stop(
    request: Request[Any, Any, Any],
    token: FromPath[str],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Stop it; a repeat says the same. What else is sent along is not looked at. Raises NotFound."""
    subscription = _subscription(token, portal)
    await unsubscribe(subscription, now=now)
    return await _page(request, subscription, token, is_done=True)


def _subscription(token: str, portal: Portal) -> Subscription:
    subscription = subscription_of(token, secret_key=portal.settings.secret_key)
    if subscription is None:
        raise NotFound
    return subscription


async def _page(
    request: Request[Any, Any, Any], subscription: Subscription, token: str, *, is_done: bool
) -> Response[Any]:
    alerts = await subscribed_alerts(subscription)
    language = language_of(request)
    page = render(
        request,
        "public/unsubscribing.html",
        is_all=subscription.what == "all",
        is_done=is_done,
        is_active=any(alert.is_active for alert in alerts),
        alerts=[
            (criteria_in_words(alert.criteria, language), frequency_in_words(alert.frequency, language))
            for alert in alerts
            if alert.is_active or is_done or subscription.what == "alert"
        ],
        token=token,
    )
    page.headers["Referrer-Policy"] = "no-referrer"
    page.headers["X-Robots-Tag"] = "noindex"
    page.headers["Cache-Control"] = "no-store"
    return page
