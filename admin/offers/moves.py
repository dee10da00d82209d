"""Publishing, closing, archiving and cancelling offers, each after it is said what will happen (C2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.kit.addresses import offer_address
from admin.kit.moves import version_of
from admin.kit.wording import Wording
from admin.offers.page import moves_of, overview
from web.kit.forms import texts
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from workflow.applications.commands import PARAGRAPH_LENGTH, cancel_offer, checked_paragraph
from workflow.applications.offer_clocks import Told, standings, told_of_cancelling
from workflow.applications.previews import PreviewedMail, mail_of_move
from workflow.errors import DomainError, FieldError, InvalidInput, NotFound
from workflow.language import LANGUAGES
from workflow.offers.commands import move_offer, offer_of_staff
from workflow.offers.machine import OfferMachine
from workflow.offers.queries import OfferView
from workflow.recruiters.queries import StaffMember

_CONFIRMED = frozenset({"close", "archive"})
"""Moves that a page of their own explains first. What publishing needs stands on the offer's page."""
_PARAGRAPHS = tuple(f"paragraph_{code}" for code in LANGUAGES)


@get("/offers/{reference:str}/moves/{event:str}")
async def confirm_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
    event: FromPath[str],
) -> Response[Any]:
    """What closing or archiving will do, before it is done; whatever is not possible leads to the offer."""
    offer = await offer_of_staff(staff, reference)
    if event not in _CONFIRMED or event not in moves_of(offer, staff):
        return redirect(request, offer_address(reference))
    return render(
        request,
        "console/offer_move.html",
        staff=staff,
        words=Wording(request, now),
        offer=offer,
        address=offer_address(reference),
        event=event,
        undecided=(await standings([offer], now=now))[reference].undecided,
    )


@get("/offers/{reference:str}/cancel")
async def cancel_page(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
) -> Response[Any]:
    """What cancelling will do, with the mails as they will go out."""
    offer = await offer_of_staff(staff, reference)
    if "cancel" not in moves_of(offer, staff):
        return redirect(request, offer_address(reference))
    return await _cancelling(request, portal, staff, now, offer, {"version": str(offer.version)})


@post("/offers/{reference:str}/cancel")
async def cancel(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
) -> Response[Any]:
    """Show the mails with the words that were added, or cancel."""
    form = await texts(request, "version", "action", *_PARAGRAPHS)
    offer = await offer_of_staff(staff, reference)
    paragraphs, problems = _checked_paragraphs(form)
    if form["action"] == "preview" or problems:
        if "cancel" not in moves_of(offer, staff):
            return redirect(request, offer_address(reference))
        return await _cancelling(request, portal, staff, now, offer, form, problems)
    try:
        await cancel_offer(
            staff,
            reference,
            terms=portal.terms,
            now=now,
            expected_version=version_of(form),
            paragraphs=paragraphs,
        )
    except NotFound:
        raise
    except DomainError as error:
        return await _refused(request, staff, now, reference, error, "cancel")
    return _moved(request, portal, reference, "cancel")


def _checked_paragraphs(form: Mapping[str, str]) -> tuple[dict[str, str], list[FieldError]]:
    """Language → words, and what is wrong with them."""
    paragraphs: dict[str, str] = {}
    problems: list[FieldError] = []
    for code, field in zip(LANGUAGES, _PARAGRAPHS, strict=True):
        try:
            words = checked_paragraph(field, form.get(field, ""))
        except InvalidInput as error:
            problems += error.errors
        else:
            paragraphs |= {code: words} if words else {}
    return paragraphs, problems


@dataclass(frozen=True, slots=True)
class Telling:
    """The mail in one language: who gets it, the field for words of one's own, and an example."""

    told: Told
    field: str
    mail: PreviewedMail | None


async def _cancelling(
    request: Request[Any, Any, Any],
    portal: Portal,
    staff: StaffMember,
    now: datetime,
    offer: OfferView,
    form: Mapping[str, str],
    problems: Sequence[FieldError] = (),
) -> Response[Any]:
    words = Wording(request, now)
    paragraphs, _ = _checked_paragraphs(form)
    tellings = [
        Telling(
            told,
            f"paragraph_{told.language}",
            await mail_of_move(
                told.example, "cancel", paragraphs, terms=portal.terms, house=portal.house, now=now
            ),
        )
        for told in await told_of_cancelling(offer.id, now=now)
    ]
    return render(
        request,
        "console/offer_cancel.html",
        status_code=422 if problems else 200,
        form=form,
        errors=problems,
        staff=staff,
        words=words,
        offer=offer,
        address=offer_address(offer.reference),
        tellings=tellings,
        live=sum(each.told.number for each in tellings),
        names={code: words.name("language", code) for code in LANGUAGES},
        longest=PARAGRAPH_LENGTH,
    )


@post("/offers/{reference:str}/moves")
async def move_of_offer(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
) -> Response[Any]:
    """Publish, close or archive. An offer that is not complete comes back with what is missing.

    Whoever would cancel here is led to the page that says what cancelling does.
    """
    form = await texts(request, "event", "version")
    event = form["event"]
    if event == "cancel":
        await offer_of_staff(staff, reference)
        return redirect(request, f"{offer_address(reference)}/cancel")
    try:
        await move_offer(
            staff, reference, event, terms=portal.terms, now=now, expected_version=version_of(form)
        )
    except NotFound:
        raise
    except DomainError as error:
        return await _refused(request, staff, now, reference, error, event)
    return _moved(request, portal, reference, event)


async def _refused(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    now: datetime,
    reference: str,
    error: DomainError,
    event: str,
) -> Response[Any]:
    offer = await offer_of_staff(staff, reference)
    errors = error.errors if isinstance(error, InvalidInput) else ()
    return await overview(request, staff, now, offer, errors=errors, error=error, event=event)


def _moved(request: Request[Any, Any, Any], portal: Portal, reference: str, event: str) -> Response[Any]:
    response = redirect(request, offer_address(reference), ("success", OfferMachine.done_message(event)))
    response.background = BackgroundTask(portal.nudge)
    return response


OFFER_MOVE_HANDLERS = (confirm_page, cancel_page, cancel, move_of_offer)
