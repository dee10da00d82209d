"""The moves of an application: before one the mail as it will go out, after it a way back (C3, C5, C6, C8)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.applications import (
    address_of,
    refused_application,
    seen_application,
    show_application,
    steps_in_words,
)
from admin.undoing import UNDO_COOKIE, remember_decision
from admin.wording import Wording
from web.kit.addresses import local_path
from web.kit.errors import status_of
from web.kit.forms import texts
from web.kit.pages import redirect, render
from web.kit.portal import Portal, portal_of
from workflow.applications.beside import Rivals, live_rivals, rivals_of
from workflow.applications.commands import PARAGRAPH_LENGTH, move_application
from workflow.applications.machine import ApplicationMachine
from workflow.applications.previews import PreviewedMail, mail_of_move
from workflow.applications.queries import StaffApplication
from workflow.checks import clean_text, number_in
from workflow.engine.history import Step
from workflow.engine.machine import UNDO
from workflow.errors import (
    DomainError,
    FieldError,
    IllegalEvent,
    InvalidInput,
    NoteMissing,
    NotFound,
    StaleVersion,
)
from workflow.language import LANGUAGES, N_
from workflow.messages.rendering import MARK_ID, mark
from workflow.offers.commands import move_offer
from workflow.offers.machine import OfferMachine
from workflow.recruiters.queries import StaffMember
from workflow.reviews.paragraphs import ParagraphView, paragraphs_for

_FIELDS = ("event", "version", "note", "next", "paragraph", "saved", "then", "others", "close")

_MAILS_OWN_STYLES = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)

ACCEPT, REJECT = "accept", "reject"

_MOST_IN_ADDRESS = 100
"""So many applications fit in an address."""


def is_previewed(event: str) -> bool:
    """Whether the mail of an event can be seen, and added to, before it goes out: the candidate is told of it."""
    rule = ApplicationMachine.rules.get(event)
    return rule is not None and "candidate" in rule.tells


@dataclass(frozen=True, slots=True)
class Preview:
    """The mail of a move as the page shows it: in a frame that nothing can leave, and as text."""

    recipient: str
    language: str
    subject: str
    text: str
    html: str
    told_at: datetime

    @classmethod
    def of(cls, previewed: PreviewedMail) -> "Preview":
        """Its picture lies in itself, and its links lead nowhere."""
        mail = previewed.mail
        picture = f"data:image/png;base64,{base64.b64encode(mark()).decode()}"
        html = mail.html.replace(f"cid:{MARK_ID}", picture)
        html = html.replace("<head>", '<head><base target="_blank">', 1)
        return cls(previewed.recipient, previewed.language, mail.subject, mail.text, html, previewed.told_at)


@get("/applications/{application_id:uuid}/moves/{event:str}")
async def move_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    application_id: FromPath[UUID],
    event: FromPath[str],
    next: FromQuery[str] = "",  # noqa: A002  # its name in the address
) -> Response[Any]:
    """What a move would tell, and room for one's own words; a move that is no longer possible leads back."""
    application = await seen_application(staff, application_id, now)
    if event not in application.moves or not is_previewed(event):
        return redirect(request, local_path(next, address_of(application_id)))
    form = {"version": str(application.version), "next": next}
    return await _move_form(request, staff, now, application, event, form)


@post("/applications/{application_id:uuid}/moves/{event:str}", status_code=200)
async def change_preview(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    application_id: FromPath[UUID],
    event: FromPath[str],
) -> Response[Any]:
    """The same page with what was typed, and with a saved paragraph where one was chosen; nothing moves."""
    form = await texts(request, *_FIELDS)
    application = await seen_application(staff, application_id, now)
    if event not in application.moves or not is_previewed(event):
        return redirect(request, local_path(form["next"], address_of(application_id)))
    if form["then"] == "insert":
        saved = await _paragraphs(staff, application, event)
        words = next((each.words for each in saved if str(each.id) == form["saved"]), "")
        form["paragraph"] = "\n\n".join(filter(None, (form["paragraph"].strip(), words)))
    return await _move_form(request, staff, now, application, event, form)


@get("/applications/{application_id:uuid}/moves")
async def moves_page(request: Request[Any, Any, Any], application_id: FromPath[UUID]) -> Response[Any]:
    """Where the address stands after a refused move: whoever loads it again is led to the application."""
    return redirect(request, address_of(application_id))


@post("/applications/{application_id:uuid}/moves")
async def move(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    application_id: FromPath[UUID],
) -> Response[Any]:
    """Fire an event. Whoever comes second reads who was first; a missing reason is asked for, typed words are kept."""
    form = await texts(request, *_FIELDS)
    event = form["event"]
    try:
        step = await move_application(
            staff,
            application_id,
            event,
            terms=portal.terms,
            now=now,
            expected_version=version_of(form),
            note=form["note"],
            paragraph=form["paragraph"],
        )
    except NotFound:
        raise
    except DomainError as error:
        return await _refusal(request, staff, now, application_id, form, error)
    home = address_of(application_id)
    target = local_path(form["next"], home)
    closing: list[tuple[str, str]] = []
    if event == ACCEPT and (form["close"] or form["others"]):
        application = await seen_application(staff, application_id, now)
        closing = await _close_offer(portal, staff, now, application) if form["close"] else []
        target = await _to_the_others(application, target) if form["others"] else target
    return _moved(request, target, step, now, *closing)


def _moved(
    request: Request[Any, Any, Any], target: str, step: Step, now: datetime, *closing: tuple[str, str]
) -> Response[Any]:
    """On to another page, with the bar for what can be undone, or with a word on what was done."""
    done = () if step.is_held(now) else (("success", ApplicationMachine.done_message(step.event)),)
    response = redirect(request, target, *done, *closing)
    if step.event == UNDO:
        response.delete_cookie(UNDO_COOKIE)
    remember_decision(request, response, step, now)
    response.background = BackgroundTask(portal_of(request).nudge)
    return response


async def _to_the_others(application: StaffApplication, back: str) -> str:
    """Where one sees who else would be rejected, before a mail goes to them (C8); `back`: or leave them."""
    others = await live_rivals(application)
    chosen = (
        [("application", str(each)) for each in others]
        if len(others) <= _MOST_IN_ADDRESS
        else [("everything", "yes"), ("offer", application.offer.reference)]
    )
    return (
        f"/console/batches/new?{urlencode([('event', REJECT), ('after', ACCEPT), ('next', back), *chosen])}"
    )


async def _close_offer(
    portal: Portal, staff: StaffMember, now: datetime, application: StaffApplication
) -> list[tuple[str, str]]:
    """Close the offer with the last place that was filled (C8); what to say of it."""
    reference = application.offer.reference
    try:
        await move_offer(staff, reference, "close", terms=portal.terms, now=now)
    except (IllegalEvent, StaleVersion):
        return [("warning", N_("The offer was not closed: it is not open any more."))]
    return [("success", OfferMachine.done_message("close"))]


async def _refusal(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    now: datetime,
    application_id: UUID,
    form: dict[str, str],
    error: DomainError,
) -> Response[Any]:
    """The form with what was typed where the move is still possible, for the present version; else the application."""
    application = await seen_application(staff, application_id, now)
    event = form["event"]
    if event not in application.moves or not is_previewed(event):
        return await show_application(request, staff, now, application_id, error=error, form=form)
    if isinstance(error, NoteMissing):
        problem = FieldError("note", N_("Say why, in a sentence or two."))
        return await _move_form(request, staff, now, application, event, form, problem)
    if isinstance(error, InvalidInput):
        return await _move_form(request, staff, now, application, event, form, *error.errors)
    form |= {"version": str(application.version)}
    return await _move_form(request, staff, now, application, event, form, error=error)


def version_of(form: Mapping[str, str]) -> int:
    """The version that a button was made for; one that is none fits nothing, so that nothing moves blindly."""
    return number_in(form["version"])


async def _move_form(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    now: datetime,
    application: StaffApplication,
    event: str,
    form: Mapping[str, str],
    *problems: FieldError,
    error: DomainError | None = None,
) -> Response[Any]:
    words = Wording(request, now)
    steps = await steps_in_words(application, words) if error else ()
    rule = ApplicationMachine.rules[event]
    rivals = await rivals_of(application) if event == ACCEPT else Rivals(0, 0)
    response = render(
        request,
        "console/move.html",
        status_code=status_of(error) if error else 422 if problems else 200,
        form={**form, "next": local_path(form.get("next"), address_of(application.id))},
        errors=problems,
        staff=staff,
        words=words,
        application=application,
        event=event,
        refused=refused_application(application, words, staff, steps, form, error) if error else None,
        held=rule.held,
        needs_note=rule.needs_note,
        paragraph_length=PARAGRAPH_LENGTH,
        preview=await _preview(request, application, event, form.get("paragraph", ""), now),
        paragraphs=await _paragraphs(staff, application, event),
        rivals=rivals,
        fills=event == ACCEPT and rivals.successful + 1 >= application.offer.positions,
        can_close="close" in OfferMachine.moves_from(application.offer.status, staff.actor.role),
    )
    response.headers["Content-Security-Policy"] = _MAILS_OWN_STYLES
    return response


async def _preview(
    request: Request[Any, Any, Any], application: StaffApplication, event: str, paragraph: str, now: datetime
) -> Preview | None:
    portal = portal_of(request)
    # What is too long for a mail is shown as far as it could go; confirming says that it is too long.
    words = clean_text(paragraph)[:PARAGRAPH_LENGTH]
    paragraphs = dict.fromkeys(LANGUAGES, words)
    mail = await mail_of_move(
        application.id, event, paragraphs, terms=portal.terms, house=portal.house, now=now
    )
    return Preview.of(mail) if mail else None


async def _paragraphs(
    staff: StaffMember, application: StaffApplication, event: str
) -> tuple[ParagraphView, ...]:
    language = application.candidate.language
    return await paragraphs_for(staff, event, language, application.offer.unit_id)


MOVE_HANDLERS = (move_page, change_preview, moves_page, move)
