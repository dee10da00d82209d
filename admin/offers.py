"""Offers as recruiters keep them: the list, the form in two languages, and their moves (C2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.applications import version_of
from admin.offer_form import choices, form_from, schedule_form
from admin.paging import page_of
from admin.refused import refused_move
from admin.timers import timers_of_offers
from admin.wording import Wording, shown_steps
from web.kit.errors import status_of
from web.kit.forms import texts
from web.kit.pages import SAVED, redirect, render
from web.kit.portal import Portal
from workflow.applications.commands import cancel_offer
from workflow.applications.machine import ApplicationMachine
from workflow.applications.queries import application_counts, undecided_applications
from workflow.checks import Checks
from workflow.errors import DomainError, FieldError, InvalidInput, NotFound
from workflow.language import N_
from workflow.offers.commands import (
    OFFER_FIELDS,
    checked_offer,
    create_offer,
    edit_offer,
    move_offer,
    offer_of_staff,
)
from workflow.offers.machine import OfferMachine
from workflow.offers.queries import OfferView, history_of_offer, offers_of_units
from workflow.recruiters.queries import StaffMember, units

OFFERS = "/console/offers"


@get("/offers")
async def offers_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    status: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Response[Any]:
    """The offers that one may see, newest first. Raises NotFound for a status or a page that is none."""
    if status and status not in OfferMachine.state_ids():
        raise NotFound
    every = await offers_of_units(staff.unit_ids)
    shown, pages = page_of(
        [offer for offer in every if status in ("", offer.status)], page, f"{OFFERS}?status={status}&page="
    )
    words = Wording(request, now)
    return render(
        request,
        "console/offers.html",
        form={"status": status},
        staff=staff,
        words=words,
        offers=shown,
        pages=pages,
        total=len(every),
        states=OfferMachine.state_ids(),
        application_states=ApplicationMachine.state_ids(),
        counts=await application_counts(staff),
        moves={offer.reference: moves_of(offer, staff) for offer in shown},
        timers=await timers_of_offers([offer for offer in shown if offer.publish_at], words),
    )


def moves_of(offer: OfferView, staff: StaffMember) -> tuple[str, ...]:
    """What this recruiter may do with an offer now."""
    return OfferMachine.moves_from(offer.status, staff.actor.role)


@get("/offers/new")
async def new_offer_page(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Response[Any]:
    """An empty form."""
    return await offer_page(request, staff, now, {"positions": "1", "country": "FR", "tells_contact": "yes"})


@post("/offers/new")
async def new_offer(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Make a draft."""
    form = await texts(request, "reference", "unit", *OFFER_FIELDS)
    reference, unit = form["reference"].strip(), form["unit"]
    problems = await _problems_of_new(staff, form)
    if problems:
        return await offer_page(request, staff, now, form, problems)
    try:
        await create_offer(staff, reference, int(unit), form, terms=portal.terms, now=now)
    except InvalidInput as error:
        return await offer_page(request, staff, now, form, error.errors)
    return redirect(
        request, address_of(reference), ("success", N_("A draft is made. Publish it when it is complete."))
    )


async def _problems_of_new(staff: StaffMember, form: Mapping[str, str]) -> list[FieldError]:
    """All that is wrong at once; the reference is compared with others when the draft is made."""
    checks = Checks(form)
    if form["unit"] not in {str(unit.id) for unit in await units(staff.unit_ids)}:
        checks.fail("unit", N_("Choose one of the list."))
    checks.line("reference", maximum=60, required=True)
    try:
        checked_offer(form)
    except InvalidInput as error:
        checks.errors += error.errors
    return checks.errors


@get("/offers/{reference:str}/edit")
async def edit_offer_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
) -> Response[Any]:
    """The form as it was saved."""
    offer = await offer_of_staff(staff, reference)
    return await offer_page(request, staff, now, form_from(offer), offer=offer)


@post("/offers/{reference:str}/edit")
async def save_offer(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
) -> Response[Any]:
    """Save what an offer says; a published one changes for candidates at once."""
    form = await texts(request, *OFFER_FIELDS)
    offer = await offer_of_staff(staff, reference)
    try:
        await edit_offer(staff, reference, form, terms=portal.terms, now=now)
    except InvalidInput as error:
        return await offer_page(request, staff, now, form, error.errors, offer=offer)
    response = redirect(request, address_of(reference), SAVED)
    response.background = BackgroundTask(portal.nudge)
    return response


@get("/offers/{reference:str}/cancel")
async def cancel_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
) -> Response[Any]:
    """What cancelling will do, before it is done."""
    offer = await offer_of_staff(staff, reference)
    if "cancel" not in moves_of(offer, staff):
        return redirect(request, address_of(reference))
    return render(
        request,
        "console/offer_cancel.html",
        staff=staff,
        words=Wording(request, now),
        offer=offer,
        live=len(await undecided_applications(offer.id, now=now)),
    )


@get(["/offers/{reference:str}/moves", "/offers/{reference:str}/schedule"])
async def refused_page(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """Where the address stands after a refusal: whoever loads it again is led to the offer."""
    return redirect(request, address_of(reference))


@post("/offers/{reference:str}/moves")
async def move_of_offer(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
) -> Response[Any]:
    """Publish, close, archive or cancel. An offer that is not complete comes back with what is missing."""
    form = await texts(request, "event", "version")
    event = form["event"]
    command = cancel_offer if event == "cancel" else _fire(event)
    try:
        await command(staff, reference, terms=portal.terms, now=now, expected_version=version_of(form))
    except NotFound:
        raise
    except DomainError as error:
        offer = await offer_of_staff(staff, reference)
        errors = error.errors if isinstance(error, InvalidInput) else ()
        return await offer_page(
            request, staff, now, form_from(offer), errors, offer=offer, error=error, event=event
        )
    response = redirect(request, address_of(reference), ("success", OfferMachine.done_message(event)))
    response.background = BackgroundTask(portal.nudge)
    return response


def _fire(event: str) -> Any:
    async def fire(staff: StaffMember, reference: str, **terms: Any) -> Any:
        return await move_offer(staff, reference, event, **terms)

    return fire


def address_of(reference: str) -> str:
    """Where an offer is edited."""
    return f"{OFFERS}/{quote(reference, safe='')}/edit"


async def offer_page(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    now: datetime,
    form: Mapping[str, Any],
    errors: Sequence[FieldError] = (),
    *,
    offer: OfferView | None = None,
    error: DomainError | None = None,
    event: str = "",
) -> Response[Any]:
    """The form with what was typed and what is wrong with it; of an offer, also what may and will happen to it.

    `error`: why the event was refused.
    """
    words = Wording(request, now)
    timers = await timers_of_offers([offer] if offer else [], words)
    history = await history_of_offer(offer.id) if offer is not None else ()
    steps = await shown_steps(history, OfferMachine, words)
    own_units = await units(staff.unit_ids)
    return render(
        request,
        "console/offer.html",
        status_code=status_of(error) if error else 422 if errors else 200,
        form={**(schedule_form(offer, words.zone) if offer else {}), **form},
        errors=errors,
        staff=staff,
        words=words,
        offer=offer,
        steps=steps,
        moves=moves_of(offer, staff) if offer else (),
        timers=timers[offer.reference] if offer else (),
        units=[(str(unit.id), f"{unit.code} – {unit.name}") for unit in own_units],
        choices=choices(form, words.language),
        refused=refused_move(
            error, OfferMachine, words, staff=staff, history=history, shown=steps, event=event
        )
        if error
        else None,
    )


OFFER_HANDLERS = (
    offers_page,
    new_offer_page,
    new_offer,
    edit_offer_page,
    save_offer,
    cancel_page,
    refused_page,
    move_of_offer,
)
