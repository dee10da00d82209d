"""What search engines may read: robots.txt, and a map of every open offer (S6)."""

import asyncio
from datetime import datetime
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency

from web.kit.offers import offer_address
from web.kit.portal import Portal
from web.public.conditional import NOT_FOR_BROWSERS, answered, entity_tag, is_known
from web.public.xml import written
from workflow.errors import NotFound
from workflow.language import DEFAULT
from workflow.offers.queries import open_offers, some_open_offers

LARGEST_PART = 50_000
"""Addresses in one file, by the rules of sitemaps.org."""
_PAGES = ("/", "/offers", "/offers/advanced", "/accessibility", "/contact", "/privacy")
_PRIVATE = ("/admin/", "/api/", "/candidate", "/console", "/dev/", "/offers/*/apply", "/offers/*/closing.ics")
_SECONDS = 3600


@get("/robots.txt", opt=NOT_FOR_BROWSERS)
async def robots(request: Request[Any, Any, Any], portal: NamedDependency[Portal]) -> Response[bytes]:
    """Candidates' pages, the console and the API are no business of search engines."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _PRIVATE), ""]
    body = "\n".join([*lines, f"Sitemap: {portal.settings.base_url}/sitemap.xml", ""]).encode()
    tag = entity_tag(body)
    return answered(
        None if is_known(request, tag) else body,
        MediaType.TEXT,
        tag=tag,
        seconds=_SECONDS,
    )


@get("/sitemap.xml", opt=NOT_FOR_BROWSERS)
async def sitemap(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[bytes]:
    """The pages and all open offers; where they are too many for one file, a list of parts.

    A part is a query parameter, for a map covers only what lies below its own path. Raises NotFound for
    a part that there is not.
    """
    today = now.astimezone(portal.zone).date()
    offers = await open_offers(today)
    count = -(-(len(_PAGES) + offers.number) // LARGEST_PART)
    part = _part(request.query_params.get("part"), count)
    # offers come with a new instant and go with the number, so neither need be read to know
    tag = entity_tag(portal.settings.base_url, offers, today, part, LARGEST_PART)
    body = None
    if not is_known(request, tag):
        body = await _map(portal, now, part) if part else _parts(portal, count)
    return answered(body, "application/xml", tag=tag, seconds=_SECONDS)


def _part(wanted: str | None, count: int) -> int | None:
    """Which part to give, from 1; None for the list of parts."""
    if wanted is None:
        return 1 if count == 1 else None
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 9 and 1 <= int(wanted) <= count:
        return int(wanted)
    raise NotFound


def _parts(portal: Portal, count: int) -> bytes:
    return written(portal, "public/sitemap_parts.xml", DEFAULT, count=count)


async def _map(portal: Portal, now: datetime, part: int) -> bytes:
    """One part; the pages stand at the head of the first, and move the offers on."""
    pages = [f"{portal.settings.base_url}{path}" for path in _PAGES] if part == 1 else []
    offers = await some_open_offers(
        now.astimezone(portal.zone).date(),
        limit=LARGEST_PART - len(pages),
        offset=max(0, (part - 1) * LARGEST_PART - len(_PAGES)),
    )
    places = [(f"{portal.settings.base_url}{offer_address(name)}", changed_at) for name, changed_at in offers]
    return await asyncio.to_thread(written, portal, "public/sitemap.xml", DEFAULT, pages=pages, offers=places)
