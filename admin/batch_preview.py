"""Before many move: who was chosen, what shall happen to them, who moves and who cannot, the mails; and the start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency

from admin.batch_form import BatchForm, addressed_form, packed, posted_form
from admin.wording import Wording
from web.kit.addresses import local_path
from web.kit.pages import redirect, render
from web.kit.portal import Portal, portal_of
from workflow.applications.commands import PARAGRAPH_LENGTH
from workflow.applications.machine import LIVE, ApplicationMachine
from workflow.applications.previews import PreviewedMail, mail_of_move
from workflow.batches.commands import MOST, TOO_MANY, start_batch
from workflow.batches.queries import EVENTS, ON_THE_WAY, Chosen, Plan, chosen_applications, plan_of
from workflow.batches.reasons import in_words
from workflow.errors import FieldError, InvalidInput
from workflow.language import N_
from workflow.recruiters.queries import StaffMember
from workflow.reviews.paragraphs import ParagraphView, paragraphs_of

SHOWN = 200
"""Names that a list on a page has at most; how many there are is always said."""

BATCHES = "/console/batches"

_PAGES = {"/console/": N_("Board"), "/console/list": N_("List")}
_UNCHANGED = N_("Back without changing anything")
_LEAVE = N_("Leave the others as they are")


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
        return await _preview(request, staff, form, now, FieldError("", _NOBODY_MOVES))
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


_NOBODY_MOVES = N_("None of these applications can be moved like this.")


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
    saved = await _saved_paragraphs(staff, form.event, chosen)
    form = form.with_inserted(saved)
    plan = plan_of(chosen, form.event, staff, now=now)
    return render(
        request,
        "console/batch_preview.html",
        status_code=422 if problems else 200,
        errors=problems,
        form=form.texts,
        staff=staff,
        words=Wording(request, now),
        plan=plan,
        total=len(chosen),
        items=packed(plan),
        batch_id=form.batch_id or uuid4(),
        way=ON_THE_WAY.get(plan.event, ""),
        rule=ApplicationMachine.rules[plan.event],
        mails=await _mails(request, plan, form, now),
        saved=saved,
        paragraph_length=PARAGRAPH_LENGTH,
        **_way_back(form),
        in_words=in_words,
        shown=SHOWN,
    )


async def _saved_paragraphs(staff: StaffMember, event: str, chosen: Sequence[Chosen]) -> list[ParagraphView]:
    """Those that fit all mails: of every unit, or of the one that all these applications belong to."""
    units = {each.unit_id for each in chosen}
    return [
        each
        for each in await paragraphs_of(staff)
        if each.event == event and (each.unit_id is None or {each.unit_id} == units)
    ]


@dataclass(frozen=True, slots=True)
class ExampleMail:
    """What one of those who read a language will get. `number`: how many read it; `before`: of the step before."""

    language: str
    number: int
    example: Chosen
    mail: PreviewedMail
    before: PreviewedMail | None


async def _mails(
    request: Request[Any, Any, Any], plan: Plan, form: BatchForm, now: datetime
) -> list[ExampleMail]:
    mails = _Mails(portal_of(request), now)
    found = []
    for language, example in plan.examples.items():
        main = await mails.of(example, plan.event, form.paragraphs)
        if main is None:
            continue
        first = next((each for each in plan.via if each.language == language), None)
        before = await mails.of(first, ON_THE_WAY[plan.event], {}) if first else None
        number = sum(each.language == language for each in (*plan.movable, *plan.via))
        found.append(ExampleMail(language, number, example, main, before))
    return found


@dataclass(frozen=True, slots=True)
class _Mails:
    """What mails would say at this instant."""

    portal: Portal
    now: datetime

    async def of(self, chosen: Chosen, event: str, paragraphs: Mapping[str, str]) -> PreviewedMail | None:
        return await mail_of_move(
            chosen.id,
            event,
            paragraphs,
            terms=self.portal.terms,
            house=self.portal.house,
            now=self.now,
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
    """Where one came from, and what the link there says; from an accepted application it leaves the others alone."""
    query = form.filters.query()
    back = local_path(form.texts["next"], f"/console/?{query}" if query else "/console/")
    page = back.partition("?")[0].partition("#")[0]
    return {
        "back": back,
        "back_label": _LEAVE if form.texts["after"] == "accept" else _PAGES.get(page, _PAGES["/console/"]),
        "unchanged": _LEAVE if form.texts["after"] == "accept" else _UNCHANGED,
        "after": form.texts["after"],
    }


def to_batch(request: Request[Any, Any, Any], portal: Portal, batch_id: UUID) -> Response[Any]:
    """On to the page where one sees it going on; the worker hears of it at once."""
    response = redirect(request, f"{BATCHES}/{batch_id}")
    response.background = BackgroundTask(portal.nudge)
    return response


PREVIEW_HANDLERS = (proposed_batch_page, preview_batch, begin_batch)
