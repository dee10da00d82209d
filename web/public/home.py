"""The homepage, and the choice of a language."""

import asyncio
from datetime import datetime
from typing import Any

import structlog
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency

from search.errors import IndexUnusable
from search.queries import Answer, OfferQuery, Order
from web.kit.addresses import local_path
from web.kit.forms import options, texts
from web.kit.language import COOKIE, language_of
from web.kit.offers import ShownOffer, shown_offer
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from web.public.searching import shown_results
from workflow.language import LANGUAGES
from workflow.offers.queries import offer_by_reference
from workflow.reference.queries import job_types, regions

_NEWEST = OfferQuery(order=Order.date, page_size=6)
_YEAR = 365 * 24 * 3600
_log = structlog.get_logger(__name__)


@get("/")
async def home(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """Search box, Candidate Area and the newest offers (S1, A1); with `?offer=` on the way to an application (P1)."""
    language = language_of(request)
    answer = await _newest(portal, now)
    return render(
        request,
        "public/home.html",
        regions=options(regions(), language),
        job_types=options(job_types(), language),
        offers=await shown_results(answer.ids, language, now=now, zone=portal.zone) if answer else None,
        open_count=answer.total if answer else 0,
        apply_to=await _wanted_offer(request, portal, now),
    )


async def _newest(portal: Portal, now: datetime) -> Answer | None:
    """The newest offers; without an index the homepage still leads to all the rest."""
    try:
        return await asyncio.to_thread(portal.index.search, _NEWEST, now)
    except IndexUnusable as error:
        _log.warning("homepage without offers", reason=error.reason)
        return None


async def _wanted_offer(request: Request[Any, Any, Any], portal: Portal, now: datetime) -> ShownOffer | None:
    reference = request.query_params.get("offer")
    offer = await offer_by_reference(reference) if reference and not request.state.candidate else None
    if offer is None or not offer.is_open(now, portal.zone):
        return None
    return shown_offer(offer, language_of(request), now=now, zone=portal.zone)


@post("/language")
async def switch_language(request: Request[Any, Any, Any], portal: NamedDependency[Portal]) -> Response[Any]:
    """Remember the language for a year, and stay on the page."""
    form = await texts(request, "language", "next")
    if form["language"] not in LANGUAGES:
        return redirect(request, local_path(form["next"]))
    cookie = Cookie(
        COOKIE,
        value=form["language"],
        max_age=_YEAR,
        httponly=True,
        secure=portal.settings.is_production,
        samesite="lax",
    )
    return redirect(request, local_path(form["next"]), cookies=[cookie])
