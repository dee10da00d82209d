"""Applying to an offer (P1–P4)."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath

from web.candidate.arrivals import public_offer
from web.candidate.presenting import application_address
from web.candidate.profile import cv_of
from web.kit.errors import status_of
from web.kit.forms import texts, upload
from web.kit.language import language_of
from web.kit.offers import offer_address, shown_offer
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from workflow.applications.commands import submit_application
from workflow.applications.queries import CandidateApplication, live_application
from workflow.applications.submission import LETTER_LENGTH, ApplicationForm
from workflow.candidates.queries import CandidateView
from workflow.documents.commands import COVERING_LETTER, CV
from workflow.errors import AlreadyApplied, FieldError, InvalidInput, NotFound, OfferNotOpen
from workflow.language import N_
from workflow.offers.queries import OfferView

_LOGGED_OUT = FieldError(
    "",
    N_(
        "You are no longer logged in. Log in again in another tab of your browser, then come back and submit: "
        "what you wrote is still here."
    ),
)
_DOUBLE_CLICK = timedelta(minutes=1)


@get("/offers/{reference:str}/apply")
async def application_form(
    request: Request[Any, Any, Any],
    reference: FromPath[str],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The form; a stranger goes to the homepage to register, and comes back to this offer (P1)."""
    offer = await _offer(reference)
    candidate: CandidateView | None = request.state.candidate
    if not offer.is_open(now, portal.zone):
        return redirect(request, offer_address(offer.reference))
    if candidate is None:
        return redirect(request, f"/?offer={quote(offer.reference, safe='')}#candidate-area")
    if existing := await live_application(candidate.id, offer.id, now=now):
        return _already_applied(request, existing)
    return await _form(request, portal, now, offer, candidate)


@post("/offers/{reference:str}/apply")
async def submit(
    request: Request[Any, Any, Any],
    reference: FromPath[str],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Apply, and confirm it on a screen (P3). Words are kept whatever is wrong; files must be chosen again."""
    offer = await _offer(reference)
    candidate: CandidateView | None = request.state.candidate
    form = await texts(request, "covering_letter_text", "cv_url")
    if candidate is None:
        return await _form(request, portal, now, offer, None, form, (_LOGGED_OUT,), status_code=401)
    try:
        application_id = await submit_application(
            candidate.id,
            offer.reference,
            ApplicationForm(
                covering_letter=await upload(request, COVERING_LETTER),
                covering_letter_text=form["covering_letter_text"],
                cv=await upload(request, CV),
                cv_url=form["cv_url"],
            ),
            documents=portal.documents,
            terms=portal.terms,
            now=now,
        )
    except InvalidInput as wrong:
        return await _form(request, portal, now, offer, candidate, form, wrong.errors)
    except OfferNotOpen as closed:
        return _not_sent(request, portal, now, await _offer(reference), form, status_of(closed))
    except AlreadyApplied:
        return await _second_time(request, candidate, offer, now)
    answer = redirect(request, f"{application_address(application_id)}/submitted")
    answer.background = BackgroundTask(portal.nudge)
    return answer


async def _offer(reference: str) -> OfferView:
    offer = await public_offer(reference)
    if offer is None:
        raise NotFound
    return offer


async def _form(
    request: Request[Any, Any, Any],
    portal: Portal,
    now: datetime,
    offer: OfferView,
    candidate: CandidateView | None,
    form: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
    status_code: int = 422,
) -> Response[Any]:
    return render(
        request,
        "candidate/apply.html",
        status_code=status_code if errors else 200,
        form=form,
        errors=errors,
        offer=shown_offer(offer, language_of(request), now=now, zone=portal.zone),
        cv=await cv_of(candidate) if candidate else None,
        letter_limit=LETTER_LENGTH,
    )


def _not_sent(
    request: Request[Any, Any, Any],
    portal: Portal,
    now: datetime,
    offer: OfferView,
    form: dict[str, str],
    status_code: int,
) -> Response[Any]:
    """The offer closed while somebody wrote: say so, and give the letter back (S7)."""
    return render(
        request,
        "candidate/not_sent.html",
        status_code=status_code,
        offer=shown_offer(offer, language_of(request), now=now, zone=portal.zone),
        letter=form["covering_letter_text"],
    )


def _already_applied(request: Request[Any, Any, Any], existing: CandidateApplication) -> Response[Any]:
    return redirect(request, application_address(existing.id), ("info", AlreadyApplied.template()))


async def _second_time(
    request: Request[Any, Any, Any], candidate: CandidateView, offer: OfferView, now: datetime
) -> Response[Any]:
    """A double click is answered as the first click; whoever comes later is led to the application there is (P4)."""
    existing = await live_application(candidate.id, offer.id, now=now)
    if existing is None:
        raise AlreadyApplied
    if now - existing.submitted_at < _DOUBLE_CLICK:
        return redirect(request, f"{application_address(existing.id)}/submitted")
    return _already_applied(request, existing)
