"""Which pages may be held for others, and how a held one becomes its visitor's own."""

from collections.abc import Hashable
from datetime import datetime
from typing import Any

from litestar import Request, Response
from markupsafe import escape

from web.kit.held_pages import TOKEN, HeldPage
from web.kit.language import language_of
from web.kit.pages import FLASH_COOKIE, page_of
from web.kit.portal import Portal
from web.kit.security import csrf_token

_LONGEST_QUERY = 1000


def place_of(request: Request[Any, Any, Any], portal: Portal, now: datetime) -> Hashable:
    """All that a page depends on besides the rows: its address, the language and the day; None: it is not held.

    Nothing is held for whoever is logged in or is to be told something, nor while templates are being written.
    """
    is_known = request.state.candidate or request.state.restricted or FLASH_COOKIE in request.cookies
    if is_known or not portal.settings.is_production or len(request.url.query) > _LONGEST_QUERY:
        return None
    return language_of(request), request.url.path, request.url.query, now.astimezone(portal.zone).date()


def for_visitor(request: Request[Any, Any, Any], page: HeldPage) -> Response[str]:
    """The page with this visitor's token in its forms, and with the headers that they are due."""
    response = page_of(request, page.html.replace(TOKEN, escape(csrf_token(request))))
    if not page.is_for_search_engines:
        response.headers["X-Robots-Tag"] = "noindex"
    return response
