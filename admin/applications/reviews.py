"""Notes and ratings of an application, written on its page (C7)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.applications.page import seen_application, show_application
from admin.kit.addresses import application_address
from admin.kit.wording import Wording
from web.kit.addresses import local_path
from web.kit.forms import texts
from web.kit.pages import redirect, render
from workflow.checks import number_in
from workflow.errors import CandidateLeft, FieldError, InvalidInput, NotFound
from workflow.recruiters.queries import StaffMember
from workflow.reviews.commands import delete_note, rate_application, write_note
from workflow.reviews.queries import reviews_of


@post("/applications/{application_id:uuid}/notes")
async def add_note(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    application_id: FromPath[UUID],
) -> Response[Any]:
    """Write a note; one that cannot be kept comes back with what is to be mended."""
    form = await texts(request, "words", "next")
    try:
        await write_note(staff, application_id, form["words"], now=now)
    except InvalidInput as error:
        return await show_application(request, staff, now, application_id, form=form, problems=error.errors)
    except CandidateLeft as error:
        return await _left(request, staff, now, application_id, error)
    return _back(request, application_id, form["next"], "notes")


@get(["/applications/{application_id:uuid}/notes", "/applications/{application_id:uuid}/rating"])
async def after_refusal(request: Request[Any, Any, Any], application_id: FromPath[UUID]) -> Response[Any]:
    """Where the address stands after what was refused: whoever loads it again is led to the application."""
    return redirect(request, application_address(application_id))


@get("/applications/{application_id:uuid}/notes/{note_id:uuid}/delete")
async def ask_to_delete_note(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    application_id: FromPath[UUID],
    note_id: FromPath[UUID],
) -> Response[Any]:
    """Asks once more; there is no way back from it."""
    application = await seen_application(staff, application_id, now)
    notes = (await reviews_of(application_id)).notes
    note = next((each for each in notes if each.id == note_id and each.recruiter_id == staff.id), None)
    if note is None:
        raise NotFound
    return render(
        request,
        "console/application_note.html",
        staff=staff,
        words=Wording(request, now),
        application=application,
        note=note,
        next=_next(request.query_params.get("next"), application_id),
    )


@post("/applications/{application_id:uuid}/notes/{note_id:uuid}/delete")
async def remove_note(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    application_id: FromPath[UUID],
    note_id: FromPath[UUID],
) -> Response[Any]:
    """Delete a note of one's own."""
    form = await texts(request, "next")
    try:
        await delete_note(staff, application_id, note_id, now=now)
    except CandidateLeft as error:
        return await _left(request, staff, now, application_id, error)
    return _back(request, application_id, form["next"], "notes")


@post("/applications/{application_id:uuid}/rating")
async def rate(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    application_id: FromPath[UUID],
) -> Response[Any]:
    """Give stars, or take one's own back with the button for it."""
    form = await texts(request, "stars", "clear", "next")
    stars = number_in(form["stars"])
    try:
        await rate_application(staff, application_id, None if form["clear"] else stars, now=now)
    except InvalidInput as error:
        problems = [FieldError("stars", each.message) for each in error.errors]
        return await show_application(request, staff, now, application_id, problems=problems)
    except CandidateLeft as error:
        return await _left(request, staff, now, application_id, error)
    return _back(request, application_id, form["next"], "rating")


async def _left(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    now: datetime,
    application_id: UUID,
    error: CandidateLeft,
) -> Response[Any]:
    return await show_application(request, staff, now, application_id, error=error)


def _back(request: Request[Any, Any, Any], application_id: UUID, next_: str, part: str) -> Response[Any]:
    return redirect(request, f"{_next(next_, application_id)}#{part}")


def _next(address: object, application_id: UUID) -> str:
    """This application's page, with the filters that it was opened with; nowhere else."""
    home = application_address(application_id)
    path = local_path(address, home)
    return path if path.partition("?")[0] == home and "#" not in path else home


REVIEW_HANDLERS = (add_note, after_refusal, ask_to_delete_note, remove_note, rate)
