"""“Your email alerts” (L1, L2): the table of them, their frequency, and an end to each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from web.kit.forms import texts
from web.kit.language import language_of
from web.kit.offers import ShownOffer, shown_offer
from web.kit.pages import SAVED, redirect, render
from web.kit.portal import Portal
from workflow.alerts.bounces import clear_bounce
from workflow.alerts.commands import delete_alert, resume_alerts, set_frequency_of_all, stop_alerts
from workflow.alerts.criteria import (
    FREQUENCIES,
    Criteria,
    criteria_in_words,
    frequency_in_words,
    what_in_words,
    where_in_words,
)
from workflow.alerts.queries import MOST_ALERTS, AlertView, alert_of, alerts_of
from workflow.candidates.queries import CandidateView
from workflow.errors import FieldError, InvalidInput, NotFound
from workflow.language import N_, say
from workflow.offers.queries import offers_by_ids

ALERTS = "/candidate/alerts"
_PREVIEWED, _PREVIEWED_ALONE = 5, 50

_Request = Request[Any, Any, Any]
_Candidate = NamedDependency[CandidateView]
_Portal = NamedDependency[Portal]
_Now = NamedDependency[datetime]


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """What templates read of an alert; `words` is all that it looks for, on one line."""

    id: UUID
    href: str
    what: str
    where: str
    words: str
    frequency: str
    is_active: bool
    stopped_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ShownPreview:
    """What criteria would have found in the last month: the number, and the newest; `open_href`: what is open of it."""

    total: int
    offers: tuple[ShownOffer, ...]
    open_href: str


def alert_address(alert_id: UUID) -> str:
    """The path of the form of an alert."""
    return f"{ALERTS}/{alert_id}"


def shown_alert(alert: AlertView, language: str) -> ShownAlert:
    """The alert for a reader of that language."""
    return ShownAlert(
        id=alert.id,
        href=alert_address(alert.id),
        what=what_in_words(alert.criteria, language),
        where=where_in_words(alert.criteria, language),
        words=criteria_in_words(alert.criteria, language),
        frequency=frequency_in_words(alert.frequency, language),
        is_active=alert.is_active,
        stopped_at=alert.stopped_at,
        created_at=alert.created_at,
    )


async def preview_of(
    criteria: Criteria, portal: Portal, language: str, *, now: datetime, most: int = _PREVIEWED
) -> ShownPreview:
    """What these criteria would have found in the last month (L3)."""
    found = await portal.recent_offers.found(criteria, most=most, now=now, zone=portal.zone)
    offers = await offers_by_ids(found.ids)
    return ShownPreview(
        found.total,
        tuple(shown_offer(each, language, now=now, zone=portal.zone) for each in offers),
        _search_address(criteria),
    )


def _search_address(criteria: Criteria) -> str:
    chosen = {
        name: value
        for name in ("keywords", "region", "job_type", "industry", "job")
        if (value := getattr(criteria, name))
    }
    return f"/offers?{urlencode(chosen)}" if chosen else "/offers"


def frequency_options(language: str) -> list[tuple[str, str]]:
    """Pairs of code and name."""
    return [(code, say(language, name)) for code, name in FREQUENCIES.items()]


def common_frequency(alerts: tuple[AlertView, ...]) -> str:
    """The one that all alerts have; '' where they differ, or there is none."""
    frequencies = {alert.frequency for alert in alerts}
    return frequencies.pop() if len(frequencies) == 1 else ""


@get("/alerts")
async def all_alerts(request: _Request, candidate: _Candidate) -> Response[Any]:
    """The table, and the frequency of all."""
    return await _table(request, candidate)


async def _table(
    request: _Request, candidate: CandidateView, errors: tuple[FieldError, ...] = ()
) -> Response[Any]:
    language = language_of(request)
    alerts = await alerts_of(candidate.id)
    return render(
        request,
        "candidate/alerts.html",
        status_code=422 if errors else 200,
        form={"frequency": common_frequency(alerts)},
        errors=errors,
        alerts=[shown_alert(alert, language) for alert in alerts],
        most=MOST_ALERTS,
        frequencies=frequency_options(language),
    )


@post("/alerts/frequency")
async def set_frequency(request: _Request, candidate: _Candidate, now: _Now) -> Response[Any]:
    """Set the frequency of all (L2)."""
    try:
        await set_frequency_of_all(candidate.id, await texts(request, "frequency"), now=now)
    except InvalidInput as wrong:
        return await _table(request, candidate, wrong.errors)
    return redirect(request, ALERTS, SAVED)


@post("/alerts/try-again")
async def try_again(request: _Request, candidate: _Candidate, now: _Now) -> Response[Any]:
    """Write to an address again that refused our mails."""
    await clear_bounce(candidate.id, now=now)
    return redirect(request, ALERTS, ("success", N_("We will write to this address again.")))


@get("/alerts/{alert_id:uuid}/preview")
async def preview(
    request: _Request, alert_id: FromPath[UUID], candidate: _Candidate, portal: _Portal, now: _Now
) -> Response[Any]:
    """What the alert would have found in the last month (L3). Raises NotFound."""
    alert = await _own(candidate, alert_id)
    language = language_of(request)
    return render(
        request,
        "candidate/alert_preview.html",
        alert=shown_alert(alert, language),
        preview=await preview_of(alert.criteria, portal, language, now=now, most=_PREVIEWED_ALONE),
    )


@post("/alerts/{alert_id:uuid}/stop")
async def stop(
    request: _Request, alert_id: FromPath[UUID], candidate: _Candidate, now: _Now
) -> Response[Any]:
    """Let an alert rest. Raises NotFound."""
    await _own(candidate, alert_id)
    await stop_alerts(candidate.id, [alert_id], now=now)
    message = N_("This alert is stopped. You can resume it at any time.")
    return redirect(request, ALERTS, ("success", message))


@post("/alerts/{alert_id:uuid}/resume")
async def resume(
    request: _Request, alert_id: FromPath[UUID], candidate: _Candidate, now: _Now
) -> Response[Any]:
    """Let an alert go on. Raises NotFound."""
    await resume_alerts(candidate.id, [alert_id], now=now)
    message = N_("This alert is active again: it tells you of what is published from now on.")
    return redirect(request, ALERTS, ("success", message))


@get("/alerts/{alert_id:uuid}/delete")
async def deletion_form(request: _Request, alert_id: FromPath[UUID], candidate: _Candidate) -> Response[Any]:
    """Asks once more. Raises NotFound."""
    alert = await _own(candidate, alert_id)
    return render(request, "candidate/alert_delete.html", alert=shown_alert(alert, language_of(request)))


@post("/alerts/{alert_id:uuid}/delete")
async def delete(
    request: _Request, alert_id: FromPath[UUID], candidate: _Candidate, now: _Now
) -> Response[Any]:
    """Take an alert away. Raises NotFound."""
    await delete_alert(candidate.id, alert_id, now=now)
    return redirect(request, ALERTS, ("success", N_("The alert is deleted.")))


async def _own(candidate: CandidateView, alert_id: UUID) -> AlertView:
    alert = await alert_of(candidate.id, alert_id)
    if alert is None:
        raise NotFound
    return alert


OWN_HANDLERS = (
    all_alerts,
    set_frequency,
    try_again,
    preview,
    stop,
    resume,
    deletion_form,
    delete,
)
