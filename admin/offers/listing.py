"""The list of offers: searched, narrowed and ordered, and what may be done next with each (C2)."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from admin.kit.addresses import OFFERS
from admin.kit.paging import PAGE_SIZE, first_of, pages_of
from admin.kit.wording import Wording
from admin.offers.editing import OFFER_EDITING_HANDLERS
from admin.offers.importing import OFFER_IMPORT_HANDLERS
from admin.offers.moves import OFFER_MOVE_HANDLERS
from admin.offers.page import OFFER_PAGE_HANDLERS, moves_of
from admin.offers.preview import OFFER_PREVIEW_HANDLERS
from admin.offers.timers import timers_of_offers
from web.kit.pages import render
from workflow.applications.machine import ApplicationMachine
from workflow.applications.offer_clocks import standings
from workflow.applications.offer_lists import ORDERS, found_offers, offer_filters_from
from workflow.errors import NotFound
from workflow.offers.queries import offers_by_ids
from workflow.recruiters.queries import StaffMember, units

_MOST_PAGES = 100_000
"""Beyond it databases could not count the rows before."""


@get("/offers")
async def offers_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    page: FromQuery[int] = 1,
) -> Response[Any]:
    """The offers that one may see, newest first. Raises NotFound for a page that is none."""
    if not 1 <= page <= _MOST_PAGES:
        raise NotFound
    filters = offer_filters_from(request.query_params)
    words = Wording(request, now)
    found = await found_offers(
        staff,
        filters,
        today=now.astimezone(words.zone).date(),
        now=now,
        limit=PAGE_SIZE,
        offset=first_of(page),
    )
    offers = await offers_by_ids(found.ids)
    query = filters.query()
    return render(
        request,
        "console/offers.html",
        form=filters.fields,
        staff=staff,
        words=words,
        filters=filters,
        offers=offers,
        pages=pages_of(found.total, page, f"{OFFERS}?{query + '&' if query else ''}page="),
        found=found,
        orders=ORDERS,
        units=[(str(unit.id), unit.code) for unit in await units(staff.unit_ids)],
        application_states=ApplicationMachine.state_ids(),
        standings=await standings(offers, now=now),
        moves={offer.reference: moves_of(offer, staff) for offer in offers},
        timers=await timers_of_offers([offer for offer in offers if offer.publish_at], words),
    )


OFFER_HANDLERS = (
    offers_page,
    *OFFER_EDITING_HANDLERS,
    *OFFER_IMPORT_HANDLERS,
    *OFFER_MOVE_HANDLERS,
    *OFFER_PAGE_HANDLERS,
    *OFFER_PREVIEW_HANDLERS,
)
