"""An offer as candidates will see it, before they do (C2)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.kit.addresses import offer_address
from admin.kit.wording import Wording
from web.kit.language import language_of
from web.kit.offers import shown_offer
from web.kit.pages import redirect, render
from workflow.errors import NotFound
from workflow.language import LANGUAGES, N_
from workflow.offers.commands import offer_of_staff
from workflow.offers.queries import OfferView
from workflow.recruiters.queries import StaffMember


@get("/offers/{reference:str}/preview")
async def preview_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
    language: FromQuery[str] = "",
) -> Response[Any]:
    """The public page's own template, in the language asked for; a draft looks as if it were published now."""
    offer = await offer_of_staff(staff, reference)
    reads = language if language in LANGUAGES else language_of(request)
    words = Wording(request, now)
    shown = shown_offer(_as_published(offer, now), reads, now=now, zone=words.zone)
    address = offer_address(reference)
    return render(
        request,
        "console/offer_preview.html",
        offer=replace(shown, href=f"{address}/preview/{reads}"),
        posting=None,
        applied=None,
        draft=None,
        candidate=None,
        languages=[],
        language=reads,
        other_languages=[(code, name) for code, name in LANGUAGES.items() if code != reads],
        alert_me=f"{address}/preview/{reads}/apply",  # leads nowhere, as its other buttons
        address=address,
        status=offer.status,
        state=words.offer_state(offer.status),
        public_address=shown.href if offer.is_public else "",
    )


def _as_published(offer: OfferView, now: datetime) -> OfferView:
    if offer.status != "draft":
        return offer
    return replace(offer, status="published", published_at=now)


@get(
    [
        "/offers/{reference:str}/preview/{language:str}/apply",
        "/offers/{reference:str}/preview/{language:str}/closing.ics",
    ]
)
async def nothing_happens(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    reference: FromPath[str],
    language: FromPath[str],
) -> Response[Any]:
    """Where the preview's buttons lead: back to it."""
    await offer_of_staff(staff, reference)
    if language not in LANGUAGES:
        raise NotFound
    said = ("info", N_("This is a preview: here this button leads nowhere."))
    return redirect(request, f"{offer_address(reference)}/preview?language={language}", said)


OFFER_PREVIEW_HANDLERS = (preview_page, nothing_happens)
