"""The paragraphs that recruiters keep for mails: a list, a form, and throwing one away (C6)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.kit.wording import Wording
from web.kit.forms import texts
from web.kit.pages import SAVED, redirect, render
from workflow.applications.commands import PARAGRAPH_LENGTH
from workflow.errors import FieldError, InvalidInput
from workflow.language import LANGUAGES, N_
from workflow.recruiters.queries import StaffMember, units
from workflow.reviews.paragraphs import (
    EVENTS,
    ParagraphView,
    delete_paragraph,
    paragraph_of,
    paragraphs_of,
    save_paragraph,
)

_LIST = "/console/paragraphs"
_FIELDS = ("name", "event", "language", "unit", "words")


@get("/paragraphs")
async def paragraphs_page(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Response[Any]:
    """All that one may insert, by the mail that they are for."""
    every = await paragraphs_of(staff)
    groups = [(event, [each for each in every if each.event == event]) for event in EVENTS]
    return render(
        request,
        "console/paragraphs.html",
        staff=staff,
        words=Wording(request, now),
        groups=[(event, own) for event, own in groups if own],
    )


@get("/paragraphs/new")
async def new_paragraph(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    event: FromQuery[str] = "",
    language: FromQuery[str] = "",
    unit: FromQuery[str] = "",
) -> Response[Any]:
    """An empty form; the address may choose the mail, the language and the unit."""
    form = {"event": event, "language": language, "unit": unit}
    return await _form(request, staff, now, form, None)


@post("/paragraphs/new")
async def make_paragraph(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Response[Any]:
    """Keep a new one."""
    form = await texts(request, *_FIELDS)
    try:
        await save_paragraph(staff, form, now=now)
    except InvalidInput as error:
        return await _form(request, staff, now, form, None, *error.errors)
    return redirect(request, _LIST, SAVED)


@get("/paragraphs/{paragraph_id:int}")
async def paragraph_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    paragraph_id: FromPath[int],
) -> Response[Any]:
    """One to be changed."""
    paragraph = await paragraph_of(staff, paragraph_id)
    form = {name: getattr(paragraph, name) for name in ("name", "event", "language", "words")}
    unit = str(paragraph.unit_id) if paragraph.unit_id else ""
    return await _form(request, staff, now, {**form, "unit": unit}, paragraph)


@post("/paragraphs/{paragraph_id:int}")
async def change_paragraph(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    paragraph_id: FromPath[int],
) -> Response[Any]:
    """Save the changes."""
    form = await texts(request, *_FIELDS)
    paragraph = await paragraph_of(staff, paragraph_id)
    try:
        await save_paragraph(staff, form, now=now, paragraph_id=paragraph_id)
    except InvalidInput as error:
        return await _form(request, staff, now, form, paragraph, *error.errors)
    return redirect(request, _LIST, SAVED)


@get("/paragraphs/{paragraph_id:int}/delete")
async def ask_to_delete_paragraph(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    paragraph_id: FromPath[int],
) -> Response[Any]:
    """Asks once more."""
    paragraph = await paragraph_of(staff, paragraph_id)
    return render(
        request,
        "console/paragraph_delete.html",
        staff=staff,
        words=Wording(request, now),
        paragraph=paragraph,
    )


@post("/paragraphs/{paragraph_id:int}/delete")
async def remove_paragraph(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    paragraph_id: FromPath[int],
) -> Response[Any]:
    """Throw one away."""
    await delete_paragraph(staff, paragraph_id, now=now)
    return redirect(request, _LIST, ("success", N_("The paragraph is deleted.")))


async def _form(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    now: datetime,
    form: Mapping[str, str],
    paragraph: ParagraphView | None,
    *problems: FieldError,
) -> Response[Any]:
    return render(
        request,
        "console/paragraph.html",
        status_code=422 if problems else 200,
        form=form,
        errors=problems,
        staff=staff,
        words=Wording(request, now),
        paragraph=paragraph,
        events=EVENTS,
        languages_of_mails=list(LANGUAGES.items()),
        units=await units(staff.unit_ids),
        length=PARAGRAPH_LENGTH,
    )


PARAGRAPH_HANDLERS = (
    paragraphs_page,
    new_paragraph,
    make_paragraph,
    paragraph_page,
    change_paragraph,
    ask_to_delete_paragraph,
    remove_paragraph,
)
