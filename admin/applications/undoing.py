"""After a decision: a bar on every page of the console that offers to undo it, until it is told (C5)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.fernet import InvalidToken
from litestar import Request, Response

from admin.entrance.session import provide_staff
from admin.kit.wording import Wording
from web.kit.portal import portal_of
from workflow.applications.held import HeldDecision, held_decision
from workflow.engine.history import Step
from workflow.errors import DomainError
from workflow.recruiters.queries import StaffMember
from workflow.sealing import seal, unseal

UNDO_COOKIE = "vivier_undo"
"""Names the last decision that was made in this browser; ids alone, sealed, and gone when it is told."""


async def find_undo_bar(request: Request[Any, Any, Any]) -> None:
    """Litestar's `before_request` of the console: what the bar shows stands in `request.state.undo_bar`."""
    request.state.undo_bar = None
    if UNDO_COOKIE not in request.cookies:
        return
    now = portal_of(request).clock()
    try:
        staff = await provide_staff(request)
    except DomainError:
        return
    decision = await undo_bar_of(request, staff, now)
    if decision is not None:
        request.state.undo_bar = {"decision": decision, "words": Wording(request, now)}


async def undo_bar_of(
    request: Request[Any, Any, Any], staff: StaffMember, now: datetime
) -> HeldDecision | None:
    """The last decision of this recruiter in this browser, while it can be undone."""
    sealed = request.cookies.get(UNDO_COOKIE)
    if not sealed:
        return None
    try:
        facts = unseal(sealed.encode(), portal_of(request).settings.secret_key)
        application_id, version = UUID(facts["application"]), int(facts["version"])
    except (InvalidToken, ValueError, KeyError):
        return None
    return await held_decision(staff, application_id, version, now=now)


def remember_decision(
    request: Request[Any, Any, Any], response: Response[Any], step: Step, now: datetime
) -> None:
    """Have the pages that follow offer to undo this step, for as long as that is possible."""
    if step.announce_at is None or not step.is_held(now):
        return
    settings = portal_of(request).settings
    facts = {"application": str(step.subject_id), "version": str(step.version)}
    response.set_cookie(
        UNDO_COOKIE,
        seal(facts, settings.secret_key).decode(),
        max_age=int((step.announce_at - now).total_seconds()),
        httponly=True,
        secure=settings.is_production,
        samesite="lax",
    )
