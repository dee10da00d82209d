"""Account settings (A6): address, password, secret question, language of mails, and where one is logged in."""

from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath

from web.candidate.own_data import own_data
from web.kit.forms import options, texts
from web.kit.gates import limited_new_email, limited_password
from web.kit.language import language_of
from web.kit.pages import SAVED, redirect, render
from web.kit.portal import Portal
from web.kit.visitors import SESSION_COOKIE, arrival_of, login_cookies, no_session_cookie
from workflow.candidates.account import (
    EMAIL,
    LANGUAGE,
    PASSWORD,
    SECRET_QUESTION,
    change_account,
    email_to_confirm,
)
from workflow.candidates.queries import CandidateView
from workflow.candidates.sessions import NewSession, end_other_session, log_out_everywhere, sessions_of
from workflow.errors import FieldError, InvalidInput
from workflow.language import LANGUAGES, N_
from workflow.passwords import MINIMUM_LENGTH
from workflow.reference.queries import label, secret_questions

ACCOUNT = "/candidate/account"
_LOGIN = "/candidate/login"
_CURRENT = ("current_password",)

_Request = Request[Any, Any, Any]
_Candidate = NamedDependency[CandidateView]
_Portal = NamedDependency[Portal]
_Now = NamedDependency[datetime]


@get("/account")
async def account(request: _Request, candidate: _Candidate, now: _Now) -> Response[Any]:
    """What the account is known by, with a link to change each, and the open sessions."""
    token = request.cookies.get(SESSION_COOKIE, "")
    return render(
        request,
        "candidate/account.html",
        email_to_confirm=await email_to_confirm(candidate.id, now=now),
        question=label("secret_question", candidate.secret_question, language_of(request)),
        mail_language=LANGUAGES[candidate.language],
        sessions=await sessions_of(candidate.id, token, now=now),
        own_data=await own_data(candidate, now),
    )


@get("/account/email")
async def email_form(request: _Request, candidate: _Candidate) -> Response[Any]:
    """A new address."""
    return _email_form(request, candidate)


def _email_form(
    request: _Request,
    candidate: CandidateView,
    form: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> Response[Any]:
    return _page(request, "candidate/account_email.html", form, errors, present=candidate.email)


def _page(
    request: _Request,
    template: str,
    form: dict[str, str] | None,
    errors: tuple[FieldError, ...],
    **context: Any,
) -> Response[Any]:
    status_code = 422 if errors else 200
    return render(request, template, status_code=status_code, form=form, errors=errors, **context)


@post("/account/email")
async def change_email(request: _Request, candidate: _Candidate, portal: _Portal, now: _Now) -> Response[Any]:
    """Ask for a new address: it counts when the link that is mailed to it is followed."""
    form = await texts(request, *EMAIL, *_CURRENT)
    try:
        await _change(request, candidate, portal, form, now)
    except InvalidInput as wrong:
        return _email_form(request, candidate, form, wrong.errors)
    return await _done(
        request, portal, N_("We have written to your new address. Follow the link in that e-mail.")
    )


async def _change(
    request: _Request, candidate: CandidateView, portal: Portal, form: dict[str, str], now: datetime
) -> NewSession | None:
    """Raises InvalidInput, TooManyAttempts."""
    async with AsyncExitStack() as gates:
        await gates.enter_async_context(limited_password(request, candidate.id, now=now))
        if "email" in form:
            gate = limited_new_email(request, candidate.id, form["email"], now=now)
            await gates.enter_async_context(gate)
        return await change_account(
            candidate.id,
            form,
            arrival=arrival_of(request),
            secret_key=portal.settings.secret_key,
            now=now,
        )


async def _done(
    request: _Request, portal: Portal, message: str, *, session: NewSession | None = None
) -> Response[Any]:
    cookies = await login_cookies(request, session) if session else []
    page = redirect(request, ACCOUNT, ("success", message), cookies=cookies)
    page.background = BackgroundTask(portal.nudge)
    return page


@get("/account/password")
async def password_form(request: _Request, candidate: _Candidate) -> Response[Any]:
    """A new password."""
    return _password_form(request, candidate)


def _password_form(
    request: _Request, candidate: CandidateView, errors: tuple[FieldError, ...] = ()
) -> Response[Any]:
    context = {"email": candidate.email, "password_length": MINIMUM_LENGTH}
    return _page(request, "candidate/account_password.html", None, errors, **context)


@post("/account/password")
async def change_password(
    request: _Request, candidate: _Candidate, portal: _Portal, now: _Now
) -> Response[Any]:
    """Change the password; this browser gets a new session, all others end."""
    form = await texts(request, *PASSWORD, *_CURRENT)
    try:
        session = await _change(request, candidate, portal, form, now)
    except InvalidInput as wrong:
        return _password_form(request, candidate, wrong.errors)
    message = N_("Your password is changed. You are logged out everywhere else.")
    return await _done(request, portal, message, session=session)


@get("/account/secret-question")
async def question_form(request: _Request, candidate: _Candidate) -> Response[Any]:
    """Another secret question."""
    codes = {choice.code for choice in secret_questions()}
    name = "secret_question" if candidate.secret_question in codes else "own_secret_question"
    return _question_form(request, {name: candidate.secret_question})


def _question_form(
    request: _Request, form: dict[str, str], errors: tuple[FieldError, ...] = ()
) -> Response[Any]:
    questions = options(secret_questions(), language_of(request))
    return _page(request, "candidate/account_question.html", form, errors, secret_questions=questions)


@post("/account/secret-question")
async def change_question(
    request: _Request, candidate: _Candidate, portal: _Portal, now: _Now
) -> Response[Any]:
    """Change the secret question and its answer."""
    form = await texts(request, *SECRET_QUESTION, *_CURRENT)
    try:
        await _change(request, candidate, portal, form, now)
    except InvalidInput as wrong:
        return _question_form(request, form, wrong.errors)
    return await _done(request, portal, N_("Your secret question is changed."))


@get("/account/language")
async def language_form(request: _Request, candidate: _Candidate) -> Response[Any]:
    """The language of mails."""
    return _language_form(request, {"language": candidate.language})


def _language_form(
    request: _Request, form: dict[str, str], errors: tuple[FieldError, ...] = ()
) -> Response[Any]:
    return _page(
        request, "candidate/account_language.html", form, errors, mail_languages=list(LANGUAGES.items())
    )


@post("/account/language")
async def change_language(
    request: _Request, candidate: _Candidate, portal: _Portal, now: _Now
) -> Response[Any]:
    """Change the language of mails."""
    form = await texts(request, *LANGUAGE)
    try:
        await _change(request, candidate, portal, form, now)
    except InvalidInput as wrong:
        return _language_form(request, form, wrong.errors)
    return redirect(request, ACCOUNT, SAVED)


@post("/account/sessions/{session_id:int}/end")
async def end_one(request: _Request, candidate: _Candidate, session_id: FromPath[int]) -> Response[Any]:
    """Log out somewhere else. Raises NotFound."""
    await end_other_session(candidate.id, session_id)
    return redirect(request, ACCOUNT, ("success", N_("That device is logged out.")))


@get("/account/sessions/end")
async def end_all_form(request: _Request, candidate: _Candidate, now: _Now) -> Response[Any]:
    """Asks once more."""
    sessions = await sessions_of(candidate.id, request.cookies.get(SESSION_COOKIE, ""), now=now)
    return render(request, "candidate/log_out_everywhere.html", count=len(sessions))


@post("/account/sessions/end")
async def end_all(request: _Request, candidate: _Candidate) -> Response[Any]:
    """Log out everywhere, here too."""
    await log_out_everywhere(candidate.id)
    message = ("success", N_("You are logged out everywhere."))
    return redirect(request, _LOGIN, message, cookies=[no_session_cookie()])


OWN_HANDLERS = (
    account,
    email_form,
    change_email,
    password_form,
    change_password,
    question_form,
    change_question,
    language_form,
    change_language,
    end_one,
    end_all_form,
    end_all,
)
