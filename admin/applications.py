"""One application as recruiters read it, its documents, and its moves (C1, C3, C5)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from markupsafe import Markup

from admin.board import needing_a_note
from admin.refused import Refused, refused_move
from admin.wording import ShownStep, Wording, shown_steps
from web.kit.addresses import local_path
from web.kit.downloads import hand_out
from web.kit.errors import status_of
from web.kit.forms import texts
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from workflow.applications.commands import move_application
from workflow.applications.machine import ApplicationMachine
from workflow.applications.queries import StaffApplication, application_for_staff, document_for_staff
from workflow.engine.drawing.journey import Journey
from workflow.engine.drawing.picture import Mark, draw
from workflow.errors import DomainError, FieldError, NoteMissing, NotFound
from workflow.language import N_, say
from workflow.recruiters.queries import StaffMember

_NOTHING_TYPED = {"event": "", "note": ""}


@get("/applications/{application_id:uuid}")
async def application_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    application_id: FromPath[UUID],
) -> Response[Any]:
    """All that is known of one application."""
    return await _page(request, staff, now, application_id)


@get("/applications/{application_id:uuid}/moves/{event:str}")
async def move_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    application_id: FromPath[UUID],
    event: FromPath[str],
    next: FromQuery[str] = "",  # noqa: A002  # its name in the address
) -> Response[Any]:
    """Where the reason for a move is written; a move that is no longer possible leads to the application."""
    application = await _application(staff, application_id, now)
    if event not in application.moves:
        return redirect(request, _address(application_id))
    form = {"version": str(application.version), "next": next}
    return await _move_form(request, staff, now, application, event, form)


@get("/applications/{application_id:uuid}/moves")
async def moves_page(request: Request[Any, Any, Any], application_id: FromPath[UUID]) -> Response[Any]:
    """Where the address stands after a refused move: whoever loads it again is led to the application."""
    return redirect(request, _address(application_id))


@post("/applications/{application_id:uuid}/moves")
async def move(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    application_id: FromPath[UUID],
) -> Response[Any]:
    """Fire an event. Whoever comes second reads who was first; a missing reason is asked for, a typed one kept."""
    form = await texts(request, "event", "version", "note", "next")
    event = form["event"]
    try:
        await move_application(
            staff,
            application_id,
            event,
            terms=portal.terms,
            now=now,
            expected_version=version_of(form),
            note=form["note"],
        )
    except NotFound:
        raise
    except DomainError as error:
        return await _refusal(request, staff, now, application_id, form, error)
    done = ("success", ApplicationMachine.done_message(event))
    response = redirect(request, local_path(form["next"], _address(application_id)), done)
    response.background = BackgroundTask(portal.nudge)
    return response


async def _refusal(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    now: datetime,
    application_id: UUID,
    form: dict[str, str],
    error: DomainError,
) -> Response[Any]:
    """The form with its reason where the move is still possible, for the present version; else the application."""
    application = await _application(staff, application_id, now)
    event = form["event"]
    if event not in application.moves or event not in needing_a_note():
        return await _page(request, staff, now, application_id, error=error, form=form)
    if isinstance(error, NoteMissing):
        problem = FieldError("note", N_("Say why, in a sentence or two."))
        return await _move_form(request, staff, now, application, event, form, problem)
    form |= {"version": str(application.version)}
    return await _move_form(request, staff, now, application, event, form, error=error)


def version_of(form: dict[str, str]) -> int:
    """The version that a button was made for; one that is none fits nothing, so that nothing moves blindly."""
    text = form["version"]
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


@get("/applications/{application_id:uuid}/documents/{document_id:uuid}")
async def document(
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    application_id: FromPath[UUID],
    document_id: FromPath[UUID],
) -> Response[bytes]:
    """A file of an application, to be saved: nothing in it may act as a page of ours."""
    found = await document_for_staff(staff, application_id, document_id)
    if found is None:
        raise NotFound
    return await hand_out(found, portal.store, reader=staff.actor.id, application_id=application_id)


async def _application(staff: StaffMember, application_id: UUID, now: datetime) -> StaffApplication:
    application = await application_for_staff(staff, application_id, now=now)
    if application is None:
        raise NotFound
    return application


async def _page(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    now: datetime,
    application_id: UUID,
    *,
    error: DomainError | None = None,
    form: Mapping[str, str] = _NOTHING_TYPED,
) -> Response[Any]:
    application = await _application(staff, application_id, now)
    words = Wording(request, now)
    steps = await _steps(application, words)
    return render(
        request,
        "console/application.html",
        status_code=status_of(error) if error else 200,
        staff=staff,
        words=words,
        application=application,
        steps=steps,
        drawing=_drawing(application, words),
        needs_note=needing_a_note(),
        refused=_refused(application, words, staff, steps, form, error) if error else None,
    )


async def _steps(application: StaffApplication, words: Wording) -> tuple[ShownStep, ...]:
    person = application.candidate
    name = (
        say(words.language, "Deleted account")
        if person.has_left
        else f"{person.first_name} {person.last_name}"
    )
    return await shown_steps(application.history, ApplicationMachine, words, candidate=name)


def _refused(
    application: StaffApplication,
    words: Wording,
    staff: StaffMember,
    steps: Sequence[ShownStep],
    form: Mapping[str, str],
    error: DomainError,
) -> Refused:
    return refused_move(
        error,
        ApplicationMachine,
        words,
        staff=staff,
        history=application.history,
        shown=steps,
        event=form["event"],
        note=form["note"],
    )


def _drawing(application: StaffApplication, words: Wording) -> Callable[[Mark], Markup]:
    """Draws where the application stands, the way that it came, and where this reader may move it (C4)."""
    journey = Journey(application.history, application.moves, words.now)
    svg = partial(
        draw,
        ApplicationMachine,
        words.drawing(ApplicationMachine),
        title=say(words.language, "Where the application stands"),
        journey=journey,
    )
    return lambda mark: Markup(svg(mark=mark))  # noqa: S704  # the drawing escapes every text


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
    steps = await _steps(application, words) if error else ()
    return render(
        request,
        "console/move.html",
        status_code=status_of(error) if error else 422 if problems else 200,
        form={**form, "next": local_path(form.get("next"), _address(application.id))},
        errors=problems,
        staff=staff,
        words=words,
        application=application,
        event=event,
        refused=_refused(application, words, staff, steps, form, error) if error else None,
        held=ApplicationMachine.rules[event].held,
    )


def _address(application_id: UUID) -> str:
    return f"/console/applications/{application_id}"


APPLICATION_HANDLERS = (application_page, move_page, moves_page, move, document)
