"""A forgotten password (A5), step by step: the address, the secret question, the mail, a password of one's own.

Whoever asks sees the same pages, whether or not there is such an account and the answer is right.
"""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency

from web.kit.addresses import local_path
from web.kit.forms import texts
from web.kit.gates import limited_answer, limited_question
from web.kit.language import language_of
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from web.kit.visitors import NEW_PASSWORD, arrival_of, login_cookies, restricted_candidate
from workflow.candidates.recovery import question_of, replace_temporary_password, send_new_password
from workflow.checks import Checks
from workflow.errors import AuthenticationRequired, FieldError, InvalidInput
from workflow.language import N_
from workflow.passwords import MINIMUM_LENGTH
from workflow.reference.queries import label

START = "/candidate/forgotten-password"
_EMAIL = f"{START}/email"
_QUESTION = f"{START}/question"
_SENT = f"{START}/sent"


@get(START)
async def forgotten_password(request: Request[Any, Any, Any]) -> Response[Any]:
    """How it goes, and the link to start."""
    return render(request, "candidate/forgotten_password.html", start=_EMAIL)


@get(_EMAIL)
async def email_form(request: Request[Any, Any, Any]) -> Response[Any]:
    """Whose password it is."""
    return render(request, "candidate/forgotten_email.html", action=_QUESTION)


@get(_QUESTION)
async def question_again(request: Request[Any, Any, Any]) -> Response[Any]:
    """The question stands in no address: whoever reloads begins again."""
    return redirect(request, _EMAIL)


@post(_QUESTION)
async def question(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """The secret question; of an address that nobody has a plausible one."""
    form = await texts(request, "email")
    checks = Checks(form)
    checks.email("email")
    if checks.errors:
        return render(
            request,
            "candidate/forgotten_email.html",
            status_code=422,
            form=form,
            errors=checks.errors,
            action=_QUESTION,
        )
    async with limited_question(request, now=now):
        return await _question_page(request, portal, form)


async def _question_page(
    request: Request[Any, Any, Any], portal: Portal, form: dict[str, str], errors: tuple[FieldError, ...] = ()
) -> Response[Any]:
    asked = await question_of(form["email"], secret_key=portal.settings.secret_key)
    return render(
        request,
        "candidate/forgotten_question.html",
        status_code=422 if errors else 200,
        form=form,
        errors=errors,
        action=_SENT,
        question=label("secret_question", asked, language_of(request)),
    )


@post(_SENT)
async def send(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """Mail the new password if the answer is right; what is said is the same."""
    form = await texts(request, "email", "secret_answer")
    if not form["secret_answer"].strip():
        missing = (FieldError("secret_answer", N_("Fill in this field.")),)
        async with limited_question(request, now=now):
            return await _question_page(request, portal, form, missing)
    async with limited_answer(request, form["email"], now=now):
        await send_new_password(
            form["email"], form["secret_answer"], secret_key=portal.settings.secret_key, now=now
        )
    page = redirect(request, _SENT)
    page.background = BackgroundTask(portal.nudge)
    return page


@get(_SENT)
async def sent(request: Request[Any, Any, Any]) -> Response[Any]:
    """The message that an e-mail has been sent."""
    return render(request, "candidate/forgotten_sent.html", start=_EMAIL)


@get(NEW_PASSWORD)
async def new_password_form(request: Request[Any, Any, Any]) -> Response[Any]:
    """Where a temporary password leads; whoever has one of their own changes it in the settings."""
    if restricted_candidate(request) is None:
        return redirect(request, "/candidate/account")
    return _form(request, request.query_params.get("next", ""))


def _form(
    request: Request[Any, Any, Any], next_path: str, errors: tuple[FieldError, ...] = ()
) -> Response[Any]:
    return render(
        request,
        "candidate/new_password.html",
        status_code=422 if errors else 200,
        errors=errors,
        action=NEW_PASSWORD,
        next=local_path(next_path, ""),
        password_length=MINIMUM_LENGTH,
    )


@post(NEW_PASSWORD)
async def replace(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """Make it their own; all other sessions end, and they go on to where they were going."""
    form = await texts(request, "password", "password_again", "next")
    candidate_id = restricted_candidate(request)
    if candidate_id is None:
        raise AuthenticationRequired
    try:
        session = await replace_temporary_password(candidate_id, form, arrival=arrival_of(request), now=now)
    except InvalidInput as wrong:
        return _form(request, form["next"], wrong.errors)
    page = redirect(
        request,
        local_path(form["next"], "/candidate"),
        ("success", N_("Your password is changed. You are logged out everywhere else.")),
        cookies=await login_cookies(request, session),
    )
    page.background = BackgroundTask(portal.nudge)
    return page


ROUTE_HANDLERS = (
    forgotten_password,
    email_form,
    question_again,
    question,
    send,
    sent,
    new_password_form,
    replace,
)
