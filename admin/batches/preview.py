"""Before many move: who was chosen, what shall happen to them, who moves and who cannot, the mails; and the start."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency

from admin.kit.addresses import batch_address
from admin.kit.batch_form import BatchForm, addressed_form, packed, posted_form
from admin.kit.proposals import NOBODY_MOVES, SHOWN, proposal_of
from admin.kit.wording import Wording
from web.kit.addresses import local_path
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from workflow.applications.commands import PARAGRAPH_LENGTH
from workflow.applications.machine import LIVE
from workflow.batches.commands import MOST, TOO_MANY, start_batch
from workflow.batches.queries import EVENTS, Chosen, chosen_applications, plan_of
from workflow.errors import FieldError, InvalidInput
from workflow.language import N_
from workflow.recruiters.queries import StaffMember

_PAGES = {"/console/": N_("Board"), "/console/list": N_("List")}
_UNCHANGED = N_("Back without changing anything")


@get("/batches/new")
async def proposed_batch_page(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Response[Any]:
    """The same as the form leads to, for links; nothing is changed by it."""
    return await _preview(request, staff, addressed_form(request), now)


@post("/batches/new", status_code=200)
async def preview_batch(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Response[Any]:
    """Who will move, who cannot and why, and what they will be told; nothing is changed by it."""
    return await _preview(request, staff, await posted_form(request), now)


@post("/batches")
async def begin_batch(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Start what was previewed, once, however often it is sent; or ask for what is missing."""
    form = await posted_form(request)
    if form.batch_id is None or not form.items:
        return await _preview(request, staff, form, now, FieldError("", NOBODY_MOVES))
    try:
        await start_batch(
            staff,
            form.batch_id,
            form.items,
            form.event,
            now=now,
            note=form.texts["note"],
            paragraphs=form.paragraphs,
        )
    except InvalidInput as error:
        return await _preview(request, staff, form, now, *error.errors)
    return to_batch(request, portal, form.batch_id)


async def _preview(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    form: BatchForm,
    now: datetime,
    *problems: FieldError,
) -> Response[Any]:
    ids = await form.chosen(staff, now=now)
    if len(ids) > MOST:
        return _choose_anew(request, staff, form, FieldError("", TOO_MANY, {"most": MOST}))
    chosen = await chosen_applications(staff, ids)
    if form.only_live:
        chosen = tuple(each for each in chosen if each.status in LIVE)
    if not chosen:
        return _choose_anew(request, staff, form, *problems)
    if form.event not in EVENTS:
        return _choose_event(request, staff, form, chosen, now)
    proposal = await proposal_of(request, staff, form, form.event, chosen, now)
    return render(
        request,
        "console/batch_preview.html",
        status_code=422 if problems else 200,
        errors=problems,
        form=proposal.form.texts,
        staff=staff,
        words=Wording(request, now),
        proposal=proposal,
        paragraph_length=PARAGRAPH_LENGTH,
        **_way_back(form),
        shown=SHOWN,
    )


def _choose_event(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    form: BatchForm,
    chosen: Sequence[Chosen],
    now: datetime,
) -> Response[Any]:
    plans = [plan_of(chosen, event, staff, now=now) for event in EVENTS]
    return render(
        request,
        "console/batch_event.html",
        staff=staff,
        words=Wording(request, now),
        plans=plans,
        chosen=chosen,
        items=packed(plans[0]),
        **_way_back(form),
        shown=SHOWN,
    )


def _choose_anew(
    request: Request[Any, Any, Any], staff: StaffMember, form: BatchForm, *problems: FieldError
) -> Response[Any]:
    """Nobody is chosen, or too many are."""
    return render(
        request,
        "console/batch_nobody.html",
        status_code=422 if problems else 200,
        errors=problems,
        staff=staff,
        **_way_back(form),
    )


def _way_back(form: BatchForm) -> dict[str, Any]:
    """Where one came from, and what the link there says."""
    query = form.filters.query()
    back = local_path(form.texts["next"], f"/console/?{query}" if query else "/console/")
    page = back.partition("?")[0].partition("#")[0]
    return {"back": back, "back_label": _PAGES.get(page, _PAGES["/console/"]), "unchanged": _UNCHANGED}


def to_batch(request: Request[Any, Any, Any], portal: Portal, batch_id: UUID) -> Response[Any]:
    """On to the page where one sees it going on; the worker hears of it at once."""
    response = redirect(request, batch_address(batch_id))
    response.background = BackgroundTask(portal.nudge)
    return response


PREVIEW_HANDLERS = (proposed_batch_page, preview_batch, begin_batch)
