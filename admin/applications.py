"""One application as recruiters read it, its documents, and its moves (C1, C3, C5)."""

from collections.abc import Callable
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
from admin.wording import Wording, shown_steps
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
from workflow.errors import DomainError, FieldError, NoteMissing, NotFound, StaleVersion
from workflow.language import N_, say
from workflow.recruiters.queries import StaffMember


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
    return _move_form(request, staff, now, application, event, form)


@post("/applications/{application_id:uuid}/moves")
async def move(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    application_id: FromPath[UUID],
) -> Response[Any]:
    """Fire an event. Whoever comes second reads who was first; a missing reason is asked for."""
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
    except NoteMissing as error:
        application = await _application(staff, application_id, now)
        problem = FieldError("note", N_("Say why, in a sentence or two."))
        return _move_form(request, staff, now, application, str(error.facts["event"]), form, problem)
    except DomainError as error:
        return await _page(request, staff, now, application_id, refused=error)
    done = ("success", ApplicationMachine.done_message(event))
    response = redirect(request, local_path(form["next"], _address(application_id)), done)
    response.background = BackgroundTask(portal.nudge)
    return response


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
    refused: DomainError | None = None,
) -> Response[Any]:
    application = await _application(staff, application_id, now)
    words = Wording(request, now)
    person = application.candidate
    steps = await shown_steps(
        application.history,
        ApplicationMachine,
        words,
        candidate=say(words.language, "Deleted account")
        if person.has_left
        else f"{person.first_name} {person.last_name}",
    )
    return render(
        request,
        "console/application.html",
        status_code=status_of(refused) if refused else 200,
        staff=staff,
        words=words,
        application=application,
        steps=steps,
        drawing=_drawing(application, words),
        needs_note=needing_a_note(),
        first=steps[0] if isinstance(refused, StaleVersion) else None,
        refusal=words.error(refused, ApplicationMachine) if refused else "",
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


def _move_form(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    now: datetime,
    application: StaffApplication,
    event: str,
    form: dict[str, str],
    *errors: FieldError,
) -> Response[Any]:
    return render(
        request,
        "console/move.html",
        status_code=422 if errors else 200,
        form={**form, "next": local_path(form.get("next"), _address(application.id))},
        errors=errors,
        staff=staff,
        words=Wording(request, now),
        application=application,
        event=event,
        held=ApplicationMachine.rules[event].held,
    )


def _address(application_id: UUID) -> str:
    return f"/console/applications/{application_id}"


APPLICATION_HANDLERS = (application_page, move_page, move, document)
