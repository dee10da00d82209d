"""Where a visitor goes on to: the page or the offer that they came for, or the application that they have sent."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Request, Response

from web.candidate.presenting import application_address
from web.kit.addresses import local_path
from web.kit.offers import ShownOffer, application_form_address, shown_offer
from web.kit.pages import redirect
from web.kit.portal import Portal
from workflow.applications.queries import CandidateApplication, live_application
from workflow.candidates.queries import CandidateView
from workflow.errors import AlreadyApplied
from workflow.offers.queries import OfferView, offer_by_reference

AREA = "/candidate"
_DOUBLE_CLICK = timedelta(minutes=1)


async def public_offer(reference: str | None) -> OfferView | None:
    """The offer that a form or an address names, if the public may know of it."""
    offer = await offer_by_reference(reference) if reference else None
    return offer if offer and offer.is_public else None


async def offer_to_come_back_to(
    reference: str | None, language: str, portal: Portal, now: datetime
) -> ShownOffer | None:
    """The same, as a page shows it."""
    offer = await public_offer(reference)
    return shown_offer(offer, language, now=now, zone=portal.zone) if offer else None


async def destination(next_path: str = "", reference: str | None = None) -> str:
    """The form for the offer (P1), else the page that was asked for (A1), else the Candidate Area's homepage."""
    offer = await public_offer(reference)
    return application_form_address(offer.reference) if offer else local_path(next_path, AREA)


def already_applied(request: Request[Any, Any, Any], existing: CandidateApplication) -> Response[Any]:
    """To the application that there is (P4)."""
    return redirect(request, application_address(existing.id), ("info", AlreadyApplied.template()))


async def to_first_application(
    request: Request[Any, Any, Any], candidate: CandidateView, offer: OfferView, now: datetime
) -> Response[Any]:
    """A double click is answered as the first click; whoever comes later is led to the application there is (P4)."""
    existing = await live_application(candidate.id, offer.id, now=now)
    if existing is None:
        raise AlreadyApplied
    if now - existing.submitted_at < _DOUBLE_CLICK:
        return redirect(request, f"{application_address(existing.id)}/submitted")
    return already_applied(request, existing)
