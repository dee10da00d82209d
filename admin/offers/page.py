"""An offer's own page: where it stands, what waits, what comes next and what happened; and its last day (C2)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup

from admin.kit.addresses import offer_address
from admin.kit.moves import refused_move
from admin.kit.wording import Wording, shown_steps
from admin.offers.form import schedule_form
from admin.offers.timers import timers_of_offers
from web.kit.errors import status_of
from web.kit.forms import texts
from web.kit.offers import shown_offer
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from workflow.applications.machine import ApplicationMachine
from workflow.applications.offer_clocks import standings
from workflow.engine.drawing.journey import Journey
from workflow.engine.drawing.picture import Mark, draw
from workflow.engine.history import Step
from workflow.errors import DomainError, FieldError, InvalidInput, NotFound
from workflow.language import N_, say
from workflow.offers.commands import extend_offer, offer_of_staff
from workflow.offers.machine import OfferMachine
from workflow.offers.queries import OfferView, history_of_offer
from workflow.offers.readiness import advisable, missing
from workflow.recruiters.queries import StaffMember

_NOTHING_TYPED: Mapping[str, Any] = {}


def moves_of(offer: OfferView, staff: StaffMember) -> tuple[str, ...]:
    """What this recruiter may do with an offer now."""
    return OfferMachine.moves_from(offer.status, staff.actor.role)


@get("/offers/{reference:str}")
async def offer_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
) -> Response[Any]:
    """All that is to be known of an offer, and to be done with it."""
    return await overview(request, staff, now, await offer_of_staff(staff, reference))


@post("/offers/{reference:str}/extend")
async def extend(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
) -> Response[Any]:
    """Set another last day to apply; a closed offer says why it cannot have one."""
    form = await texts(request, "closes_on")
    try:
        await extend_offer(staff, reference, form["closes_on"], terms=portal.terms, now=now)
    except NotFound:
        raise
    except DomainError as error:
        offer = await offer_of_staff(staff, reference)
        errors = error.errors if isinstance(error, InvalidInput) else ()
        return await overview(request, staff, now, offer, form, errors, error=error)
    done = ("success", N_("The last day to apply is changed."))
    response = redirect(request, offer_address(reference), done)
    response.background = BackgroundTask(portal.nudge)
    return response


@get(["/offers/{reference:str}/moves", "/offers/{reference:str}/schedule", "/offers/{reference:str}/extend"])
async def refused_page(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """Where the address stands after a refusal: whoever loads it again is led to the offer."""
    return redirect(request, offer_address(reference))


async def overview(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    now: datetime,
    offer: OfferView,
    form: Mapping[str, Any] = _NOTHING_TYPED,
    errors: Sequence[FieldError] = (),
    *,
    error: DomainError | None = None,
    event: str = "",
) -> Response[Any]:
    """The page. `form` and `errors`: of the small forms on it; `error`: why the event was refused."""
    words = Wording(request, now)
    today = now.astimezone(words.zone).date()
    history = await history_of_offer(offer.id)
    steps = await shown_steps(history, OfferMachine, words)
    moves = moves_of(offer, staff)
    is_draft = "publish" in moves
    return render(
        request,
        "console/offer.html",
        status_code=status_of(error) if error else 422 if errors else 200,
        form={**schedule_form(offer, words.zone), "closes_on": offer.closes_on.isoformat(), **form},
        errors=errors,
        staff=staff,
        words=words,
        offer=offer,
        shown=shown_offer(offer, words.language, now=now, zone=words.zone),
        today=today,
        address=offer_address(offer.reference),
        steps=steps,
        moves=moves,
        timers=(await timers_of_offers([offer], words))[offer.reference],
        standing=(await standings([offer], now=now))[offer.reference],
        application_states=ApplicationMachine.state_ids(),
        missing=shown_errors(missing(offer, today) if is_draft else (), words),
        advice=shown_errors(advisable(offer, today) if is_draft else (), words),
        drawing=_drawing(history, moves, words),
        refused=refused_move(
            error, OfferMachine, words, staff=staff, history=history, shown=steps, event=event
        )
        if error
        else None,
    )


def shown_errors(errors: Sequence[FieldError], words: Wording) -> list[tuple[str, str]]:
    """Pairs of field and sentence in the reader's language."""
    return [(each.field, say(words.language, each.message, **each.facts)) for each in errors]


def _drawing(history: Sequence[Step], moves: Sequence[str], words: Wording) -> Callable[[Mark], Markup]:
    """Draws where the offer stands, the way that it came, and where this reader may move it."""
    svg = partial(
        draw,
        OfferMachine,
        words.drawing(OfferMachine),
        title=say(words.language, N_("Where the offer stands")),
        journey=Journey(tuple(history), tuple(moves), words.now),
    )
    return lambda mark: Markup(svg(mark=mark))  # noqa: S704  # the drawing escapes every text


OFFER_PAGE_HANDLERS = (offer_page, extend, refused_page)
