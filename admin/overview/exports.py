"""Applications and offers as CSV, with the filters of the board; each export leaves a trace (C8)."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.response import Stream

from admin.kit.filtering import strict_filters
from admin.kit.spreadsheets import Cell, Sheet, at_once, sheet_response
from admin.kit.wording import Wording
from workflow.applications.board import matching_applications
from workflow.applications.exporting import (
    ExportedApplication,
    ExportedOffer,
    exported_applications,
    exported_offers,
    record_export,
)
from workflow.applications.machine import ApplicationMachine
from workflow.language import N_, say
from workflow.offers.titles import title_in
from workflow.recruiters.queries import StaffMember

_APPLICATION = (
    N_("Reference"),
    N_("Offer"),
    N_("Unit"),
    N_("First name"),
    N_("Last name"),
    N_("E-mail address"),
    N_("Phone"),
    N_("City"),
    N_("State"),
    N_("Sent"),
    N_("In this state since"),
    N_("Days waiting"),
    N_("Average rating"),
    N_("Documents"),
)
_OFFER = (
    N_("Reference"),
    N_("Title (French)"),
    N_("Title (English)"),
    N_("Unit"),
    N_("State"),
    N_("Published"),
    N_("Last day"),
    N_("Positions"),
)
_OF_OFFERS = ("offer", "unit")
_FILTERS = (*_OF_OFFERS, "name", "status", "overdue", "stars")
_LEFT = N_("Deleted account")
_BETWEEN = " · "


@get("/exports/applications.csv")
async def applications_export(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Stream:
    """One row an application, in the order of the board; only those that the recruiter sees. Raises InvalidInput."""
    words, filters = Wording(request, now), strict_filters(request.query_params, _FILTERS)
    ids = await matching_applications(staff, filters, now=now)
    await record_export(staff, "applications", rows=len(ids), filters=filters, now=now)
    return sheet_response(
        _sheet(words),
        [say(words.language, name) for name in _APPLICATION],
        _applications(ids, words),
        name=f"vivier-applications-{_today(words)}",
    )


async def _applications(ids: Sequence[UUID], words: Wording) -> AsyncIterator[list[Sequence[Cell]]]:
    async for some in exported_applications(ids, now=words.now):
        yield [_application_row(application, words) for application in some]


def _application_row(application: ExportedApplication, words: Wording) -> Sequence[Cell]:
    return (
        application.offer_reference,
        title_in(words.language, application.title_fr, application.title_en),
        application.unit,
        application.first_name,
        say(words.language, _LEFT) if application.has_left else application.last_name,
        application.email,
        application.phone,
        application.city,
        words.application_state(application.status),
        application.submitted_at,
        application.since,
        application.waiting_days,
        application.rating,
        _BETWEEN.join(application.documents),
    )


@get("/exports/offers.csv")
async def offers_export(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Stream:
    """One row an offer, with how many applications stand in each state. Raises InvalidInput."""
    words, filters = Wording(request, now), strict_filters(request.query_params, _OF_OFFERS)
    offers = await exported_offers(staff, filters)
    await record_export(staff, "offers", rows=len(offers), filters=filters, now=now)
    states = [words.application_state(state) for state in ApplicationMachine.state_ids()]
    return sheet_response(
        _sheet(words),
        [*(say(words.language, name) for name in _OFFER), *states],
        at_once(_offer_row(offer, words) for offer in offers),
        name=f"vivier-offers-{_today(words)}",
    )


def _offer_row(offer: ExportedOffer, words: Wording) -> Sequence[Cell]:
    return (
        offer.reference,
        offer.title_fr,
        offer.title_en,
        offer.unit,
        words.offer_state(offer.status),
        offer.published_at,
        offer.closes_on,
        offer.positions,
        *offer.applications.values(),
    )


def _sheet(words: Wording) -> Sheet:
    return Sheet(words.language, words.zone)


def _today(words: Wording) -> str:
    return words.now.astimezone(words.zone).date().isoformat()


EXPORT_HANDLERS = (applications_export, offers_export)
