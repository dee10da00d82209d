"""One application as recruiters read it: what was sent, where it stands, what is said of it (C1, C4, C7)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup

from admin.applications.neighbours import neighbours_of
from admin.applications.reading import draw_ahead, shown_documents
from admin.kit.moves import Refused, refused_move
from admin.kit.wording import ShownStep, Wording, shown_steps
from web.kit.errors import status_of
from web.kit.pages import render
from web.kit.portal import Portal, portal_of
from workflow.applications.beside import others_of_candidate
from workflow.applications.machine import ApplicationMachine
from workflow.applications.queries import StaffApplication, application_for_staff
from workflow.documents.pages import SIZES
from workflow.engine.drawing.journey import Journey
from workflow.engine.drawing.picture import Mark, draw
from workflow.errors import DomainError, FieldError, NotFound
from workflow.language import say
from workflow.recruiters.queries import StaffMember
from workflow.reviews.queries import reviews_of

_NOTHING_TYPED: Mapping[str, str] = {"event": "", "note": "", "paragraph": "", "words": ""}


@get("/applications/{application_id:uuid}")
async def application_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    application_id: FromPath[UUID],
) -> Response[Any]:
    """All that is known of one application; the address may carry the filters that one goes through."""
    return await show_application(request, staff, now, application_id)


async def seen_application(staff: StaffMember, application_id: UUID, now: datetime) -> StaffApplication:
    """The application, if this recruiter sees it. Raises NotFound."""
    application = await application_for_staff(staff, application_id, now=now)
    if application is None:
        raise NotFound
    return application


async def show_application(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    now: datetime,
    application_id: UUID,
    *,
    error: DomainError | None = None,
    form: Mapping[str, str] = _NOTHING_TYPED,
    problems: Sequence[FieldError] = (),
) -> Response[Any]:
    """The page; with what is said of a move that was refused, or of a note that cannot be kept."""
    portal = portal_of(request)
    application = await seen_application(staff, application_id, now)
    words = Wording(request, now)
    steps = await steps_in_words(application, words)
    neighbours = await neighbours_of(request, staff, application, now)
    zoom = request.query_params.get("zoom", "")
    response = render(
        request,
        "console/application.html",
        status_code=status_of(error) if error else 422 if problems else 200,
        form={**_NOTHING_TYPED, **form},
        errors=problems,
        staff=staff,
        words=words,
        application=application,
        steps=steps,
        drawing=drawing_of(application, words),
        documents=await shown_documents(portal, staff, application),
        zoom=zoom if zoom in SIZES else SIZES[0],
        neighbours=neighbours,
        reviews=await reviews_of(application_id),
        others=await others_of_candidate(staff, application),
        refused=refused_application(application, words, staff, steps, form, error) if error else None,
    )
    if neighbours.following_id is not None:
        response.background = BackgroundTask(_prepare, portal, staff, neighbours.following_id, now)
    return response


async def _prepare(portal: Portal, staff: StaffMember, application_id: UUID, now: datetime) -> None:
    await draw_ahead(portal, await application_for_staff(staff, application_id, now=now))


async def steps_in_words(application: StaffApplication, words: Wording) -> tuple[ShownStep, ...]:
    """The history as the console tells it, newest first."""
    person = application.candidate
    name = (
        say(words.language, "Deleted account")
        if person.has_left
        else f"{person.first_name} {person.last_name}"
    )
    return await shown_steps(application.history, ApplicationMachine, words, candidate=name)


def refused_application(
    application: StaffApplication,
    words: Wording,
    staff: StaffMember,
    steps: Sequence[ShownStep],
    form: Mapping[str, str],
    error: DomainError,
) -> Refused:
    """What is said of a move that was refused."""
    return refused_move(
        error,
        ApplicationMachine,
        words,
        staff=staff,
        history=application.history,
        shown=steps,
        event=form.get("event", ""),
        note=form.get("note", ""),
    )


def drawing_of(application: StaffApplication, words: Wording) -> Callable[[Mark], Markup]:
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


APPLICATION_HANDLERS = (application_page,)
