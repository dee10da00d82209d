"""Withdrawing an application, with a word to the employer or without (P7)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath

from web.candidate.applications import may_apply_again, own_application
from web.candidate.presenting import application_address, shown_application
from web.kit.forms import texts
from web.kit.language import language_of
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from workflow.applications.commands import MESSAGE_LENGTH, withdraw_application
from workflow.applications.machine import ENDED
from workflow.applications.queries import CandidateApplication
from workflow.candidates.queries import CandidateView
from workflow.errors import FieldError, IllegalEvent, InvalidInput
from workflow.language import N_, say

_PROPOSED = N_(
    "Dear Sir or Madam,\n\n"
    "I applied for “{offer}” (reference {reference}) and would like to withdraw my application.\n\n"
    "Thank you for the time that you have given to it.\n\n"
    "{name}"
)
_TOO_LATE = ("warning", N_("This application cannot be withdrawn any more."))
_MESSAGE_SENT = ("success", N_("We told the laboratory in your words. You get a copy."))
_NOTHING_SENT = ("info", N_("We wrote nothing to the laboratory; they see the new status."))
_WITHOUT_MESSAGE = "none"


@get("/applications/{application_id:uuid}/withdraw")
async def withdrawal_form(
    request: Request[Any, Any, Any],
    application_id: FromPath[UUID],
    candidate: NamedDependency[CandidateView],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """A proposed message, to be changed or left out."""
    application = await own_application(candidate, application_id, now)
    if "withdraw" not in application.actions:
        return redirect(request, application_address(application_id), _TOO_LATE)
    language = language_of(request)
    message = say(
        language,
        _PROPOSED,
        offer=application.offer.title(language),
        reference=application.offer.reference,
        name=f"{candidate.first_name} {candidate.last_name}",
    )
    return _form(request, application, portal, now, message)


def _form(
    request: Request[Any, Any, Any],
    application: CandidateApplication,
    portal: Portal,
    now: datetime,
    message: str,
    errors: tuple[FieldError, ...] = (),
) -> Response[Any]:
    return render(
        request,
        "candidate/withdraw.html",
        status_code=422 if errors else 200,
        form={"message": message},
        errors=errors,
        application=shown_application(application, language_of(request), now=now, zone=portal.zone),
        limit=MESSAGE_LENGTH,
    )


@post("/applications/{application_id:uuid}/withdraw")
async def withdraw(
    request: Request[Any, Any, Any],
    application_id: FromPath[UUID],
    candidate: NamedDependency[CandidateView],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Withdraw and confirm it on a screen; a second click leads there too, and claims nothing about messages."""
    form = await texts(request, "message", "send")
    message = None if form["send"] == _WITHOUT_MESSAGE else form["message"]
    told = [_NOTHING_SENT if message is None else _MESSAGE_SENT]
    try:
        await withdraw_application(candidate.id, application_id, message, terms=portal.terms, now=now)
    except InvalidInput as wrong:
        application = await own_application(candidate, application_id, now)
        return _form(request, application, portal, now, form["message"], wrong.errors)
    except IllegalEvent:
        application = await own_application(candidate, application_id, now)
        if application.status not in ENDED:
            return redirect(request, application_address(application_id), _TOO_LATE)
        told = []
    answer = redirect(request, f"{application_address(application_id)}/withdrawn", *told)
    answer.background = BackgroundTask(portal.nudge)
    return answer


@get("/applications/{application_id:uuid}/withdrawn")
async def withdrawn(
    request: Request[Any, Any, Any],
    application_id: FromPath[UUID],
    candidate: NamedDependency[CandidateView],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The screen that confirms it."""
    application = await own_application(candidate, application_id, now)
    if application.status not in ENDED:
        return redirect(request, application_address(application_id))
    return render(
        request,
        "candidate/withdrawn.html",
        application=shown_application(application, language_of(request), now=now, zone=portal.zone),
        may_apply_again=await may_apply_again(candidate, application, portal, now),
    )
