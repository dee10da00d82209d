"""Many applications moved at once: watched, reported, stopped, taken back (C3, C5, C8)."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.batches.preview import PREVIEW_HANDLERS, to_batch
from admin.kit.addresses import batch_address
from admin.kit.batch_form import posted_form
from admin.kit.paging import PAGE_SIZE, first_of, pages_of
from admin.kit.proposals import SHOWN
from admin.kit.wording import Wording
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from workflow.applications.machine import ApplicationMachine
from workflow.batches.commands import stop_batch, undo_batch
from workflow.batches.reasons import in_words
from workflow.batches.reports import (
    batch_view,
    latest_batches,
    moved_items,
    refusal_counts,
    refused_items,
    telling_of,
)
from workflow.engine.machine import UNDO
from workflow.errors import UndoTooLate
from workflow.recruiters.queries import StaffMember


@get("/batches")
async def batches_page(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Response[Any]:
    """One's own last batches; administrators see everybody's."""
    return render(
        request,
        "console/batches.html",
        staff=staff,
        words=Wording(request, now),
        batches=await latest_batches(staff),
    )


@get("/batches/{batch_id:uuid}")
async def batch_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    batch_id: FromPath[UUID],
    page: FromQuery[int] = 1,
) -> Response[Any]:
    """How far it is; then what became of each."""
    batch = await batch_view(staff, batch_id)
    pages = pages_of(batch.moved, page, f"{batch_address(batch_id)}?page=")
    is_over = batch.finished_at is not None
    rule = ApplicationMachine.rules[batch.event]
    moved = (
        await moved_items(staff, batch_id, offset=first_of(page), limit=PAGE_SIZE)
        if is_over and batch.moved
        else ()
    )
    return render(
        request,
        "console/batch.html",
        staff=staff,
        words=Wording(request, now),
        batch=batch,
        pages=pages,
        moved=moved,
        refusals=await refusal_counts(batch_id) if batch.refused else {},
        refused=await refused_items(staff, batch_id, most=SHOWN) if is_over and batch.refused else {},
        telling=await telling_of(batch_id, now=now) if is_over and rule.tells and batch.moved else None,
        undoing_id=uuid4(),
        is_undo=batch.event == UNDO,
        in_words=in_words,
    )


@post("/batches/{batch_id:uuid}/stop")
async def stop(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    batch_id: FromPath[UUID],
) -> Response[Any]:
    """Leave alone what still waits."""
    await stop_batch(staff, batch_id, now=now)
    return redirect(request, batch_address(batch_id))


@post("/batches/{batch_id:uuid}/undo")
async def undo(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    batch_id: FromPath[UUID],
) -> Response[Any]:
    """Take back all that no candidate knows of, in a batch of its own."""
    form = await posted_form(request)
    undoing_id = form.batch_id or uuid4()
    try:
        await undo_batch(staff, batch_id, undoing_id, now=now)
    except UndoTooLate as error:
        return redirect(request, batch_address(batch_id), ("error", error.template()))
    return to_batch(request, portal, undoing_id)


BATCH_HANDLERS = (*PREVIEW_HANDLERS, batches_page, batch_page, stop, undo)
