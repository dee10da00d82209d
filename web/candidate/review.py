"""Looking an application over, and submitting it (P3)."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath

from web.candidate.apply import not_sent, offer_to_apply_to, too_late
from web.candidate.arrivals import already_applied, to_first_application
from web.candidate.preparing import shown_draft, shown_profile
from web.candidate.presenting import application_address
from web.kit.errors import status_of
from web.kit.forms import texts
from web.kit.language import language_of
from web.kit.offers import application_form_address
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from workflow.applications.draft_queries import DraftView, draft_of_candidate
from workflow.applications.queries import live_application
from workflow.applications.sending import submit_draft
from workflow.applications.submission import word_errors
from workflow.candidates.queries import CandidateView
from workflow.errors import AlreadyApplied, DraftChanged, FieldError, InvalidInput, NotFound, OfferNotOpen
from workflow.language import N_
from workflow.offers.queries import OfferView

_UNFINISHED = ("warning", N_("Something is still missing before you can look your application over."))


@get("/offers/{reference:str}/apply/review")
async def review(
    request: Request[Any, Any, Any],
    reference: FromPath[str],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """What would be sent, each part with a way to change it."""
    offer = await offer_to_apply_to(reference)
    candidate: CandidateView | None = request.state.candidate
    if candidate is None:
        return _to_login(request, offer)
    draft = await draft_of_candidate(candidate.id, offer.id, now=now)
    if not offer.is_open(now, portal.zone):
        return too_late(request, portal, now, offer, draft)
    if existing := await live_application(candidate.id, offer.id, now=now):
        return already_applied(request, existing)
    return (
        _page(request, portal, now, candidate, draft) if draft and _is_whole(draft) else _back(request, offer)
    )


def _is_whole(draft: DraftView) -> bool:
    return not word_errors(draft.covering_letter_text, draft.cv_url, draft.covering_letter is not None)


def _to_login(request: Request[Any, Any, Any], offer: OfferView) -> Response[Any]:
    return redirect(request, f"/candidate/login?next={quote(_address(offer))}")


def _address(offer: OfferView) -> str:
    return f"{application_form_address(offer.reference)}/review"


def _back(request: Request[Any, Any, Any], offer: OfferView) -> Response[Any]:
    return redirect(request, application_form_address(offer.reference), _UNFINISHED)


def _page(
    request: Request[Any, Any, Any],
    portal: Portal,
    now: datetime,
    candidate: CandidateView,
    draft: DraftView,
    errors: tuple[FieldError, ...] = (),
    status_code: int = 200,
) -> Response[Any]:
    language = language_of(request)
    return render(
        request,
        "candidate/review.html",
        status_code=status_code,
        errors=errors,
        draft=shown_draft(draft, language, now=now, zone=portal.zone),
        profile=shown_profile(candidate, language),
        reviewed=draft.mark,
    )


@post("/offers/{reference:str}/apply/review")
async def submit(
    request: Request[Any, Any, Any],
    reference: FromPath[str],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Send what was looked at, and confirm it on a screen; what was changed meanwhile is shown again first."""
    offer = await offer_to_apply_to(reference)
    candidate: CandidateView | None = request.state.candidate
    mark = (await texts(request, "mark"))["mark"]
    if candidate is None:
        return _to_login(request, offer)
    try:
        application_id = await submit_draft(candidate.id, offer.reference, mark, terms=portal.terms, now=now)
    except AlreadyApplied:
        return await to_first_application(request, candidate, offer, now)
    except (OfferNotOpen, DraftChanged, NotFound, InvalidInput) as error:
        draft = await draft_of_candidate(candidate.id, offer.id, now=now)
        if isinstance(error, OfferNotOpen):
            now_closed = await offer_to_apply_to(reference)
            return not_sent(request, portal, now, now_closed, draft, status_code=status_of(error))
        if draft is None or not isinstance(error, DraftChanged):
            return _back(request, offer)
        changed = (FieldError("", error.template()),)
        return _page(request, portal, now, candidate, draft, changed, status_of(error))
    answer = redirect(request, f"{application_address(application_id)}/submitted")
    answer.background = BackgroundTask(portal.nudge)
    return answer


FORM_HANDLERS = (review, submit)
