"""Searching the offers, and reading one."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from search.keywords import LONGEST_KEYWORDS
from search.queries import Answer, OfferQuery
from search.synonyms import edition
from web.kit.held_pages import TOKEN
from web.kit.language import language_of
from web.kit.offers import shown_offer
from web.kit.pages import render
from web.kit.portal import Portal
from web.public.feeds import feed_of
from web.public.holding import for_visitor, place_of
from web.public.job_posting import job_posting
from web.public.narrowing import (
    active_filters,
    choices,
    facet_label,
    facets,
    orders,
    page_sizes,
    ways_out,
    without_filters,
)
from web.public.results import open_results, shown_results
from web.public.searching import (
    Asked,
    address,
    alert_address,
    answered_query,
    asked,
    pages_of,
    parameters,
    plain,
    spelling_of,
)
from web.public.sharing import is_for_search_engines, offer_presented, search_presented
from workflow.applications.draft_queries import draft_of_candidate
from workflow.applications.queries import live_application
from workflow.errors import NotFound
from workflow.offers.queries import OfferView, offer_by_reference

_RESULTS = "public/offers.html"
_ADVANCED = ("job_type", "level", "region", "industry", "job")


@get("/offers")
async def results(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """What a search finds (S1–S3, S7). Misspelt keywords that find nothing are answered by the better ones.

    Visitors who are not known share what was rendered, as long as the same offers say the same.
    """
    place, held = place_of(request, portal, now), portal.held_pages
    if place and (page := held.recent(place)):
        return for_visitor(request, page)
    wanted = asked(request.query_params)
    answer = await asyncio.to_thread(portal.index.search, wanted.query, now)
    offers = await open_results(answer.ids, now=now, zone=portal.zone)
    # what is marked in a title depends on synonyms, which may change while the answer does not
    basis = answer, edition(), [replace(offer, description_fr="", description_en="") for offer in offers]
    if place and (page := held.unchanged(place, basis)):
        return for_visitor(request, page)
    context = await _shown(wanted, answer, offers, portal, now, language_of(request))
    is_public = is_for_search_engines(wanted.query, answer)
    if place and answer.total:  # what would widen an empty search is made of other answers
        html = render(request, _RESULTS, csrf=TOKEN, **context).content
        return for_visitor(request, held.keep(place, basis, html, is_for_search_engines=is_public))
    own = render(request, _RESULTS, **context)
    if not is_public:
        own.headers["X-Robots-Tag"] = "noindex"
    return own


async def _shown(
    wanted: Asked, answer: Answer, offers: Sequence[OfferView], portal: Portal, now: datetime, language: str
) -> dict[str, Any]:
    """What the page reads."""
    query = wanted.query
    found = answered_query(query, answer)
    return {
        "form": {"keywords": query.keywords},
        "query": query,
        "words": found.keywords,
        "results": shown_results(offers, language, now=now, zone=portal.zone, keywords=found.keywords),
        "total": answer.total,
        "ways_out": [] if answer.total else await ways_out(portal.index, query, now, language),
        "facets": facets(query, answer, language),
        "active": active_filters(query, language),
        "all_filters_away": address(without_filters(query)),
        "orders": orders(query, language),
        "sizes": page_sizes(query, answer.total),
        "pages": pages_of(query, answer.total),
        "spelling": spelling_of(query, answer),
        "ignored": wanted.ignored,
        "cut_at": LONGEST_KEYWORDS if wanted.is_cut else None,
        "advanced": "/offers/advanced" + parameters(plain(query)),
        "page": search_presented(found, answer, language),
        "feed": feed_of(found, language),
        "alert_me": alert_address(found),
    }


@get("/offers/advanced")
async def advanced(request: Request[Any, Any, Any]) -> Response[Any]:
    """Every field that one can search by, the level among them (S3); it takes a search to begin with."""
    language = language_of(request)
    query = asked(request.query_params).query
    return render(
        request,
        "public/advanced.html",
        form={"keywords": query.keywords},
        query=query,
        lists=[(name, facet_label(name, language), choices(language)[name]) for name in _ADVANCED],
    )


@get("/offers/{reference:str}")
async def offer_page(
    request: Request[Any, Any, Any],
    reference: FromPath[str],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """One offer. An ended one says so at its old address, and asks search engines to forget it (S7).

    Raises NotFound, also for what was never published.
    """
    offer = await offer_by_reference(reference)
    if offer is None or not offer.is_public:
        raise NotFound
    candidate, language = request.state.candidate, language_of(request)
    shown = shown_offer(offer, language, now=now, zone=portal.zone)
    applied = await live_application(candidate.id, offer.id, now=now) if candidate else None
    page = render(
        request,
        "public/offer.html",
        offer=shown,
        page=offer_presented(shown, language, portal.zone),
        posting=job_posting(offer, shown, portal) if shown.is_open else None,
        applied=applied,
        alert_me=alert_address(_others_like(offer)),
        draft=await draft_of_candidate(candidate.id, offer.id, now=now)
        if candidate and not applied
        else None,
    )
    if not shown.is_open:
        page.headers["X-Robots-Tag"] = "noindex"
    return page


def _others_like(offer: OfferView) -> OfferQuery:
    """The search for the same kind of job in the same region."""
    facets: dict[str, Any] = {
        name: frozenset([code])
        for name in ("region", "job_type", "industry", "job")
        if (code := getattr(offer, name))
    }
    return OfferQuery(**facets)
