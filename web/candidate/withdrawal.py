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
from workflow.checks import clean_text
from workflow.errors import FieldError, IllegalEvent, InvalidInput
from workflow.language import N_, say
from workflow.privacy.correspondence import withdrawal_messages

_PROPOSED = N_(
    "Dear Sir or Madam,\n\n"
    "I applied for “{offer}” (reference {reference}) and would like to withdraw my application.\n\n"
    "Thank you for the time that you have given to it.\n\n"
    "{name}"
)
_TOO_LATE = ("warning", N_("This application cannot be withdrawn any more."))
_BEFORE = (
    "warning",
    N_("You had withdrawn this application before. What you have just sent changed nothing."),
)
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
    """Withdraw and confirm it on a screen; a second click leads there too."""
    form = await texts(request, "message", "send")
    message = None if form["send"] == _WITHOUT_MESSAGE else form["message"]
    told = []
    try:
        await withdraw_application(candidate.id, application_id, message, terms=portal.terms, now=now)
    except (InvalidInput, IllegalEvent) as refused:
        application = await own_application(candidate, application_id, now)
        if isinstance(refused, InvalidInput) and "withdraw" in application.actions:
            return _form(request, application, portal, now, form["message"], refused.errors)
        if application.status not in ENDED:
            return redirect(request, application_address(application_id), _TOO_LATE)
        told = [] if await _was_sent(application_id, message) else [_BEFORE]
    answer = redirect(request, f"{application_address(application_id)}/withdrawn", *told)
    answer.background = BackgroundTask(portal.nudge)
    return answer


async def _was_sent(application_id: UUID, message: str | None) -> bool:
    """Whether an application was withdrawn with this very message, or, as asked, with none."""
    sent = (await withdrawal_messages([application_id])).get(application_id)
    return sent == (None if message is None else clean_text(message))


@get("/applications/{application_id:uuid}/withdrawn")
async def withdrawn(
    request: Request[Any, Any, Any],
    application_id: FromPath[UUID],
    candidate: NamedDependency[CandidateView],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The screen that confirms it, and says what was written to the laboratory."""
    application = await own_application(candidate, application_id, now)
    if application.status not in ENDED:
        return redirect(request, application_address(application_id))
    return render(
        request,
        "candidate/withdrawn.html",
        has_message=application_id in await withdrawal_messages([application_id]),
        application=shown_application(application, language_of(request), now=now, zone=portal.zone),
        may_apply_again=await may_apply_again(candidate, application, portal, now),
    )
