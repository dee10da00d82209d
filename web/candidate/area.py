"""The homepage of the Candidate Area, open to all."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from web.candidate.arrivals import AREA, offer_to_come_back_to
from web.candidate.preparing import shown_draft
from web.kit.language import language_of
from web.kit.pages import render
from web.kit.portal import Portal
from workflow.alerts.queries import number_of_alerts
from workflow.applications.draft_queries import drafts_of_candidate
from workflow.applications.queries import applications_of_candidate
from workflow.candidates.queries import CandidateView


@get(AREA)
async def home(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """Three sections (A7); Login and Register for strangers (A1), the invitation to the profile for others (A3)."""
    candidate: CandidateView | None = request.state.candidate
    if candidate is None:
        return render(
            request,
            "candidate/home.html",
            profile_complete=False,
            live_count=0,
            alert_count=0,
            came_for=None,
            drafts=(),
        )
    language = language_of(request)
    applications = await applications_of_candidate(candidate.id, now=now)
    came_for = await offer_to_come_back_to(candidate.return_to, language, portal, now)
    begun = [
        shown_draft(each, language, now=now, zone=portal.zone)
        for each in await drafts_of_candidate(candidate.id, now=now)
        if each.offer.is_open(now, portal.zone)
    ]
    is_begun = came_for and came_for.reference in [draft.offer.reference for draft in begun]
    return render(
        request,
        "candidate/home.html",
        profile_complete=not candidate.missing,
        live_count=sum(application.is_live for application in applications),
        alert_count=await number_of_alerts(candidate.id),
        came_for=came_for if came_for and came_for.is_open and not is_begun else None,
        drafts=begun,
    )
