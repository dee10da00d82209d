"""Every search as an Atom feed (S5, RFC 4287)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, UUID, uuid5

from litestar import Request, Response, get
from litestar.di import NamedDependency

from search.queries import OfferQuery, Order
from web.kit.language import language_of
from web.kit.offers import ShownOffer, shown_offer
from web.kit.portal import Portal
from web.public.conditional import NOT_FOR_BROWSERS, answered, entity_tag, is_known
from web.public.narrowing import active_filters
from web.public.searching import address, asked, parameters, plain
from web.public.xml import written
from workflow.language import LANGUAGES
from workflow.offers.queries import OfferView, offers_by_ids

MEDIA_TYPE = "application/atom+xml"
ENTRIES = 50
_SECONDS = 300


@dataclass(frozen=True, slots=True)
class _Entry:
    """An offer in a feed; `changed_at` is when it could first be found."""

    id: UUID
    offer: ShownOffer
    published_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as a page links to it."""

    href: str
    title: str


def feed_of(query: OfferQuery, language: str) -> Feed:
    """The feed of a search. Feed readers send no cookies, so its address says its language."""
    path = feed_address(query, language)
    words = [query.keywords, *(label for label, _ in active_filters(query, language))]
    return Feed(path, ", ".join(word for word in words if word))


def feed_address(query: OfferQuery, language: str) -> str:
    """Where the feed of a search is; a feed is always in order of date, and has one page."""
    wanted = parameters(plain(query))
    return f"/offers.atom{wanted}{'&' if wanted else '?'}{urlencode({'language': language})}"


@get("/offers.atom", opt=NOT_FOR_BROWSERS)
async def feed(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[bytes]:
    """The newest offers that a search finds: those of the words as they are typed, whatever else may be meant."""
    asked_for = request.query_params.get("language")
    language = asked_for if asked_for in LANGUAGES else language_of(request)
    wanted = asked(request.query_params).query
    query = replace(wanted, order=Order.date, page=1, page_size=ENTRIES, as_typed=True)
    answer = await asyncio.to_thread(portal.index.search, query, now)
    entries = _entries(await offers_by_ids(answer.ids), language, portal, now)
    changed_at = max((entry.changed_at for entry in entries), default=None)
    shown = feed_of(query, language)
    address_of_feed = portal.settings.base_url + shown.href
    body = written(
        portal,
        "public/offers.atom",
        language,
        feed_id=uuid5(NAMESPACE_URL, address_of_feed),
        href=address_of_feed,
        page_href=portal.settings.base_url + address(plain(query)),
        words=shown.title,
        # of an empty feed nobody knows when it became so: a day is soon enough
        changed_at=changed_at or _first_instant(now, portal),
        entries=entries,
    )
    tag = entity_tag(body)
    known = is_known(request, tag, changed_at)
    response = answered(None if known else body, MEDIA_TYPE, tag=tag, seconds=_SECONDS, changed_at=changed_at)
    if language != asked_for:
        response.headers["Vary"] = "Cookie, Accept-Language"
    return response


def _entries(offers: Sequence[OfferView], language: str, portal: Portal, now: datetime) -> list[_Entry]:
    """Those that are open at this very moment, whatever the index still holds (S7)."""
    return [
        _Entry(
            offer.id,
            shown_offer(offer, language, now=now, zone=portal.zone),
            offer.published_at or offer.appeared_at,
            offer.appeared_at,
        )
        for offer in offers
        if offer.is_open(now, portal.zone)
    ]


def _first_instant(now: datetime, portal: Portal) -> datetime:
    return now.astimezone(portal.zone).replace(hour=0, minute=0, second=0, microsecond=0)
