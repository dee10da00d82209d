"""The last day to apply, as an event for one's own calendar (S6, RFC 5545)."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from web.kit.downloads import disposition
from web.kit.language import language_of
from web.kit.offers import offer_address, shown_offer
from web.kit.portal import Portal
from web.public.conditional import NOT_FOR_BROWSERS
from workflow.errors import NotFound
from workflow.language import N_, say
from workflow.offers.queries import OfferView, offer_by_reference

_LONGEST_LINE = 75
"""Octets, the line's end not counted."""
_REMINDER = "-PT15H"
"""Before midnight at which the day begins: at nine the morning before."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@get("/offers/{reference:str}/closing.ics", opt=NOT_FOR_BROWSERS)
async def closing_day(
    request: Request[Any, Any, Any],
    reference: FromPath[str],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The day as a file; that of an ended offer leads to its page, which says so. Raises NotFound."""
    offer = await offer_by_reference(reference)
    if offer is None or not offer.is_public:
        raise NotFound
    if not offer.is_open(now, portal.zone):
        return Redirect(offer_address(reference), status_code=303)
    text = event(offer, language_of(request), portal=portal, now=now)
    response: Response[Any] = Response(text.encode(), media_type="text/calendar")
    response.headers["Content-Disposition"] = disposition(f"{reference}.ics")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def event(offer: OfferView, language: str, *, portal: Portal, now: datetime) -> str:
    """A day without hours, which fills nobody's calendar, with a reminder; a later file replaces it."""
    shown = shown_offer(offer, language, now=now, zone=portal.zone)
    address = portal.settings.base_url + shown.href
    summary = say(language, N_("Last day to apply: {title}"), title=shown.title)
    place = " · ".join(filter(None, (shown.unit_name, shown.city, shown.region_label)))
    return _calendar(
        ("UID", f"{offer.id}@{urlsplit(address).hostname}"),
        ("DTSTAMP", f"{now:%Y%m%dT%H%M%SZ}"),
        ("DTSTART;VALUE=DATE", f"{offer.closes_on:%Y%m%d}"),
        ("DTEND;VALUE=DATE", f"{offer.closes_on + timedelta(days=1):%Y%m%d}"),
        (f"SUMMARY;LANGUAGE={language}", _text(summary)),
        (f"DESCRIPTION;LANGUAGE={language}", _text(f"{place}\n{address}".strip())),
        ("URL", address),
        ("TRANSP", "TRANSPARENT"),
        ("BEGIN", "VALARM"),
        ("ACTION", "DISPLAY"),
        ("TRIGGER", _REMINDER),
        ("DESCRIPTION", _text(summary)),
        ("END", "VALARM"),
    )


def _calendar(*properties: tuple[str, str]) -> str:
    head = [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Vivier//Offers//EN"),
        ("BEGIN", "VEVENT"),
    ]
    end = [("END", "VEVENT"), ("END", "VCALENDAR")]
    lines = (line for name, value in [*head, *properties, *end] for line in _folded(f"{name}:{value}"))
    return "".join(f"{line}\r\n" for line in lines)


def _text(value: str) -> str:
    """A value of type TEXT. Control characters have no place in one."""
    return _CONTROL.sub("", value).translate(_ESCAPES)


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 octets, the further ones after a space; no character is parted."""
    part, size = "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > _LONGEST_LINE:
            yield part
            part, size = " ", 1
        part += sign
        size += octets
    yield part
