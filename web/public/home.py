"""The homepage, and the choice of a language."""

import asyncio
from dataclasses import dataclass
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
from web.public.feeds import feed_of
from web.public.narrowing import Facet, facets
from web.public.results import open_results, shown_results
from web.public.searching import address
from web.public.sharing import home_presented
from workflow.language import LANGUAGES
from workflow.offers.queries import offer_by_reference
from workflow.reference.queries import job_types, regions

_NEWEST = OfferQuery(order=Order.date, page_size=6)
_SHELVES = ("region", "job_type", "industry")
_YEAR = 365 * 24 * 3600
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A way to look around: each of its links is a label, an address and the number of offers there."""

    name: str
    label: str
    links: list[tuple[str, str, int]]


@get("/")
async def home(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """Search box, Candidate Area and the newest offers (S1, A1); with `?offer=` on the way to an application (P1)."""
    language = language_of(request)
    answer = await _newest(portal, now)
    offers = await open_results(answer.ids, now=now, zone=portal.zone) if answer else ()
    return render(
        request,
        "public/home.html",
        regions=options(regions(), language),
        job_types=options(job_types(), language),
        offers=shown_results(offers, language, now=now, zone=portal.zone) if answer else None,
        open_count=answer.total if answer else 0,
        browsing=_browsing(answer, language) if answer else [],
        page=home_presented(language),
        feed=feed_of(_NEWEST, language),
        apply_to=await _wanted_offer(request, portal, now),
    )


def _browsing(answer: Answer, language: str) -> list[_Shelf]:
    """By what one can look around, with the number of open offers, from the same answer as the newest ones."""
    shown = {facet.name: facet for facet in facets(_NEWEST, answer, language)}
    return [_shelf(shown[name]) for name in _SHELVES if name in shown]


def _shelf(facet: Facet) -> _Shelf:
    links = [(each.text, _only(facet.name, each.value), each.count) for each in facet.all_options]
    return _Shelf(facet.name, facet.label, links)


def _only(facet: str, value: str) -> str:
    chosen: dict[str, Any] = {facet: frozenset([value])}
    return address(OfferQuery(**chosen))


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
