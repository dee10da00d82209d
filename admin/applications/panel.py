"""What Piccolo Admin shows of ours on its page of an application: its moves, drawing and history (C3, C4)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.applications.page import drawing_of, seen_application, steps_in_words
from admin.kit.wording import Wording
from web.kit.pages import render
from workflow.recruiters.queries import StaffMember


@get("/applications/{application_id:uuid}/panel")
async def panel(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    application_id: FromPath[UUID],
) -> Response[Any]:
    """A page without a frame of its own; what is pressed in it leads the whole window, and back."""
    application = await seen_application(staff, application_id, now)
    words = Wording(request, now)
    return render(
        request,
        "console/panel.html",
        staff=staff,
        words=words,
        application=application,
        steps=await steps_in_words(application, words),
        drawing=drawing_of(application, words),
        back=f"/admin/#/application/{application_id}",
    )


PANEL_HANDLERS = (panel,)
