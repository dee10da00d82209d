"""The moves of an application: before one the mail as it will go out, after it a way back (C3, C5, C6, C8)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.applications.acceptance import PREFIX, Following, accept, following_of, words_about_others
from admin.applications.mail_preview import is_previewed, preview_of
from admin.applications.page import (
    refused_application,
    seen_application,
    show_application,
    steps_in_words,
)
from admin.applications.undoing import UNDO_COOKIE, remember_decision
from admin.kit.addresses import application_address, batch_address
from admin.kit.batch_form import form_from, posted_form
from admin.kit.mail_frames import MAILS_OWN_STYLES
from admin.kit.moves import version_of
from admin.kit.proposals import SHOWN
from admin.kit.wording import Wording
from web.kit.addresses import local_path
from web.kit.errors import status_of
from web.kit.forms import texts
from web.kit.pages import page_of, redirect, render
from web.kit.portal import Portal, portal_of
from workflow.applications.commands import PARAGRAPH_LENGTH, move_application
from workflow.applications.machine import ApplicationMachine
from workflow.applications.queries import StaffApplication
from workflow.batches.acceptance import ACCEPT, CLOSE
from workflow.engine.history import Step
from workflow.engine.machine import UNDO
from workflow.errors import DomainError, FieldError, InvalidInput, NoteMissing, NotFound
from workflow.language import N_
from workflow.offers.machine import OfferMachine
from workflow.recruiters.queries import StaffMember
from workflow.reviews.paragraphs import ParagraphView, paragraphs_for

_FIELDS = ("event", "version", "note", "next", "paragraph", "saved", "then", "others", "close", "part")

_DIALOG, _MAIL = "dialog", "mail"
"""The `part` of the page that the board shows over itself, and the one that follows what is typed: the mail alone."""


@get("/applications/{application_id:uuid}/moves/{event:str}")
async def move_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    application_id: FromPath[UUID],
    event: FromPath[str],
    next: FromQuery[str] = "",  # noqa: A002  # its name in the address
    part: FromQuery[str] = "",
) -> Response[Any]:
    """What a move would tell, and room for one's own words; a move that is no longer possible leads back."""
    application = await seen_application(staff, application_id, now)
    if event not in application.moves or not is_previewed(event):
        return redirect(request, local_path(next, application_address(application_id)))
    form = dict.fromkeys(_FIELDS, "") | {"version": str(application.version), "next": next, "part": part}
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
        return redirect(request, local_path(form["next"], application_address(application_id)))
    if form["then"] == "insert":
        saved = await _paragraphs(staff, application, event)
        words = next((each.words for each in saved if str(each.id) == form["saved"]), "")
        form["paragraph"] = "\n\n".join(filter(None, (form["paragraph"].strip(), words)))
    return await _move_form(request, staff, now, application, event, form)


@get("/applications/{application_id:uuid}/moves")
async def moves_page(request: Request[Any, Any, Any], application_id: FromPath[UUID]) -> Response[Any]:
    """Where the address stands after a refused move: whoever loads it again is led to the application."""
    return redirect(request, application_address(application_id))


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
    try:
        if form["event"] == ACCEPT:
            return await _accept(request, portal, staff, now, application_id, form)
        step = await move_application(
            staff,
            application_id,
            form["event"],
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
    return _moved(request, local_path(form["next"], application_address(application_id)), step, now)


async def _accept(
    request: Request[Any, Any, Any],
    portal: Portal,
    staff: StaffMember,
    now: datetime,
    application_id: UUID,
    form: Mapping[str, str],
) -> Response[Any]:
    """Name one successful; where others are rejected with it, on to where one sees that going on (C8)."""
    others = await posted_form(request, PREFIX)
    accepted = await accept(portal, staff, application_id, form, others, now)
    target = local_path(form["next"], application_address(application_id))
    if accepted.rejecting and others.batch_id:
        target = batch_address(others.batch_id)
    closing = []
    if accepted.is_closed:
        closing = [("success", OfferMachine.done_message(CLOSE))]
    elif form["close"]:
        closing = [("warning", _NOT_CLOSED)]
    return _moved(request, target, accepted.step, now, *closing)


_NOT_CLOSED = N_("The offer was not closed: it is not open any more.")


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
        kept = form | words_about_others(form, await posted_form(request, PREFIX))
        return await show_application(request, staff, now, application_id, error=error, form=kept)
    if isinstance(error, NoteMissing):
        problem = FieldError("note", N_("Say why, in a sentence or two."))
        return await _move_form(request, staff, now, application, event, form, problem)
    if isinstance(error, InvalidInput):
        return await _move_form(request, staff, now, application, event, form, *error.errors)
    form |= {"version": str(application.version)}
    return await _move_form(request, staff, now, application, event, form, error=error)


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
    is_part = form["part"] == _DIALOG
    following = Following()
    if event == ACCEPT and form["part"] not in (_DIALOG, _MAIL):
        others = await posted_form(request, PREFIX) if request.method == "POST" else form_from({})
        following = await following_of(request, staff, application, others, now)
    response = render(
        request,
        "console/move_dialog.html" if is_part else "console/move.html",
        status_code=status_of(error) if error else 422 if problems else 200,
        form={
            **form,
            **following.fields,
            "next": local_path(form["next"], application_address(application.id)),
        },
        errors=problems,
        staff=staff,
        words=words,
        application=application,
        event=event,
        refused=refused_application(application, words, staff, steps, form, error) if error else None,
        held=rule.held,
        needs_note=rule.needs_note,
        paragraph_length=PARAGRAPH_LENGTH,
        preview=await preview_of(request, application, event, form["paragraph"], now),
        paragraphs=await _paragraphs(staff, application, event),
        following=following,
        shown=SHOWN,
    )
    if is_part:
        return page_of(request, str(response.content), response.status_code or 200)
    response.headers["Content-Security-Policy"] = MAILS_OWN_STYLES
    return response


async def _paragraphs(
    staff: StaffMember, application: StaffApplication, event: str
) -> tuple[ParagraphView, ...]:
    language = application.candidate.language
    return await paragraphs_for(staff, event, language, application.offer.unit_id)


MOVE_HANDLERS = (move_page, change_preview, moves_page, move)
