"""Searching and reading offers."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from litestar import get
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Meta, Struct

from search.queries import OfferQuery, Order
from web.api.offer_answers import OfferDetail, OfferItem, Reader
from web.api.problems import INPUT, problems
from web.api.reference import require_known
from web.kit.portal import Portal
from workflow.checks import clean_line
from workflow.errors import NotFound
from workflow.offers.queries import OfferView, offer_by_reference, offers_by_ids
from workflow.reference.queries import Kind

LAST_PAGE = 100_000
_SUGGESTED_SECONDS = 60

Chosen = Annotated[
    list[str] | None, QueryParameter(description="A code; repeat it to allow several.", max_items=200)
]


class OfferPage(Struct, frozen=True, kw_only=True):
    """One page of results."""

    items: list[OfferItem]
    total: Annotated[int, Meta(description="How many offers there are on all pages.")]
    page: int
    page_size: int
    facets: Annotated[
        dict[str, dict[str, int]],
        Meta(
            description="For each filter and code: how many results there would be if that were its only value.",
            examples=[{"region": {"53": 12, "11": 40}}],
        ),
    ]
    did_you_mean: Annotated[
        str | None,
        Meta(
            description="The keywords in better spelling, where those sent find no open offer at all, or few and "
            "the better ones many.",
            examples=["ingénieur"],
        ),
    ]
    corrected: Annotated[
        bool,
        Meta(
            description="Whether these are the results of `did_you_mean`, because the keywords sent find nothing."
        ),
    ]


class Suggestions(Struct, frozen=True):
    """Ways to complete what was typed."""

    suggestions: Annotated[
        list[str],
        Meta(
            description="Up to eight keywords, each of which finds open offers; those with most first.",
            examples=[["ingénieur", "ingénieur d'études"]],
        ),
    ]


async def provide_reader(
    portal: NamedDependency[Portal], now: NamedDependency[datetime], language: NamedDependency[str]
) -> Reader:
    """Litestar's dependency `reader`."""
    return Reader(language, portal.settings.base_url, now, portal.zone)


@get(
    "/offers",
    operation_id="searchOffers",
    summary="Search offers",
    tags=["offers"],
    responses=problems(*INPUT, search=True),
)
async def search_offers(
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
    reader: NamedDependency[Reader],
    keywords: Annotated[str, QueryParameter(description="Words of the title.", max_length=500)] = "",
    region: Chosen = None,
    job_type: Chosen = None,
    level: Chosen = None,
    industry: Chosen = None,
    job: Chosen = None,
    order: FromQuery[Order] = Order.relevance,
    page: Annotated[int, QueryParameter(ge=1, le=LAST_PAGE)] = 1,
    page_size: Annotated[int, QueryParameter(ge=1, le=100)] = 20,
    exact: Annotated[bool, QueryParameter(description="Search for the keywords as they are spelt.")] = False,
) -> OfferPage:
    """Open offers. Keywords match the title; filters must all hold, any value of one filter will do."""
    query = OfferQuery(
        keywords=clean_line(keywords),
        region=_codes("region", region),
        job_type=_codes("job_type", job_type),
        level=_codes("level", level),
        industry=_codes("industry", industry),
        job=_codes("job", job),
        order=order,
        page=page,
        page_size=page_size,
        as_typed=exact,
    )
    answer = await asyncio.to_thread(portal.index.search, query, now)
    return OfferPage(
        items=[reader.item(offer) for offer in await offers_by_ids(answer.ids) if reader.is_open(offer)],
        total=answer.total,
        page=page,
        page_size=page_size,
        facets={facet: dict(counts) for facet, counts in answer.facets.items()},
        did_you_mean=answer.did_you_mean,
        corrected=answer.corrected,
    )


@get(
    "/offers/suggestions",
    operation_id="suggestKeywords",
    summary="Complete keywords",
    tags=["offers"],
    responses=problems(*INPUT, search=True),
    cache_control=CacheControlHeader(public=True, max_age=_SUGGESTED_SECONDS),
)
async def suggest_keywords(
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
    keywords: Annotated[str, QueryParameter(description="What has been typed so far.", max_length=500)] = "",
) -> Suggestions:
    """What the beginning of keywords may become, by what the titles of open offers hold."""
    return Suggestions(await asyncio.to_thread(portal.index.suggest, keywords, now))


def _codes(kind: Kind, codes: Sequence[str] | None) -> frozenset[str]:
    for code in codes or ():
        require_known(kind, code)
    return frozenset(codes or ()) - {""}


@get(
    "/offers/{reference:str}",
    operation_id="readOffer",
    summary="Read an offer",
    tags=["offers"],
    responses=problems(NotFound),
)
async def read_offer(reference: FromPath[str], reader: NamedDependency[Reader]) -> OfferDetail:
    """One offer. A closed one can still be read; `is_open` says so."""
    return reader.detail(await public_offer(reference))


async def public_offer(reference: str) -> OfferView:
    """An offer that the public has been shown, though it may have closed since. Raises NotFound."""
    offer = await offer_by_reference(reference)
    if offer is None or not offer.is_public:
        raise NotFound
    return offer


ROUTE_HANDLERS = [search_offers, suggest_keywords, read_offer]
