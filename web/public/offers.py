"""Searching the offers, and reading one."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from search.queries import Order
from web.kit.forms import options
from web.kit.language import language_of
from web.kit.offers import shown_offer
from web.kit.pages import render
from web.kit.portal import Portal
from web.public.searching import active_filters, address, asked, facets, orders, pages_of, shown_results
from workflow.applications.draft_queries import draft_of_candidate
from workflow.applications.queries import live_application
from workflow.errors import NotFound
from workflow.offers.queries import offer_by_reference
from workflow.reference.queries import job_types, levels, regions


@dataclass(frozen=True, slots=True)
class _Meant:
    """Better spelt keywords, and the search for them."""

    text: str
    href: str


@get("/offers")
async def results(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """What a search finds (S1–S3, S7). Misspelt keywords that find nothing are answered by the better ones."""
    language = language_of(request)
    wanted = asked(request.query_params)
    query = wanted.query
    answer = await asyncio.to_thread(portal.index.search, query, now)
    meant = None
    if answer.did_you_mean:
        query = replace(query, keywords=answer.did_you_mean)
        meant = _Meant(answer.did_you_mean, address(query))
        answer = await asyncio.to_thread(portal.index.search, query, now)
    return render(
        request,
        "public/offers.html",
        form={
            "keywords": wanted.query.keywords,
            "order": query.order.value if query.order is Order.date else "",
        },
        results=await shown_results(answer.ids, language, now=now, zone=portal.zone, keywords=query.keywords),
        total=answer.total,
        facets=facets(query, answer, language),
        active=active_filters(query, language),
        orders=orders(query, language),
        pages=pages_of(query, answer.total),
        did_you_mean=meant,
        corrected=meant is not None,
        ignored=wanted.ignored,
    )


@get("/offers/advanced")
async def advanced(request: Request[Any, Any, Any]) -> Response[Any]:
    """Every field that one can search by, the level among them (S3)."""
    language = language_of(request)
    return render(
        request,
        "public/advanced.html",
        form=dict(request.query_params),
        regions=options(regions(), language),
        job_types=options(job_types(), language),
        levels=options(levels(), language),
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
    candidate = request.state.candidate
    applied = await live_application(candidate.id, offer.id, now=now) if candidate else None
    page = render(
        request,
        "public/offer.html",
        offer=shown_offer(offer, language_of(request), now=now, zone=portal.zone),
        applied=applied,
        draft=await draft_of_candidate(candidate.id, offer.id, now=now)
        if candidate and not applied
        else None,
    )
    if not offer.is_open(now, portal.zone):
        page.headers["X-Robots-Tag"] = "noindex"
    return page
