"""Logging in to the console and out again, with a second factor where there is one; Piccolo Admin's login too."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromQuery

from admin.entrance.arrivals import (
    HOME,
    LOGIN,
    STEPS,
    arrival_of,
    arrived,
    login_cookies,
    token_of,
    with_next,
)
from admin.entrance.codes import RECOVERY_CODES, codes_cookie, qr_code
from web.kit.addresses import local_path
from web.kit.forms import texts
from web.kit.gates import limited_code, limited_login
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from workflow.errors import (
    AuthenticationRequired,
    CodeRequired,
    CodeWrong,
    DomainError,
    FieldError,
    WrongCredentials,
)
from workflow.language import N_
from workflow.recruiters.login import (
    begin_enrolment_at_login,
    enrol_at_login,
    finish_login,
    known_by_password,
    log_in_recruiter,
    log_out_recruiter,
)
from workflow.recruiters.queries import StaffMember, staff_of_session
from workflow.recruiters.second_factor import waiting_authenticator
from workflow.recruiters.sessions import CODE, ENROLMENT, LackingLogin, lacking_login
from workflow.recruiters.tables import SESSION_COOKIE
from workflow.roles import RECRUITER

_Request = Request[Any, Any, Any]
_Portal = NamedDependency[Portal]
_Now = NamedDependency[datetime]


async def provide_staff(request: _Request) -> StaffMember:
    """Litestar's dependency `staff`: who works here. Raises AuthenticationRequired, which leads to the login."""
    if "staff" not in request.state:  # the bar to undo asks before the page does
        request.state["staff"] = await _staff_of(request)
    staff: StaffMember | None = request.state["staff"]
    if staff is None:
        raise AuthenticationRequired(login=LOGIN)
    return staff


async def _staff_of(request: _Request) -> StaffMember | None:
    token = token_of(request)
    return await staff_of_session(token) if token else None


@get("/login")
async def login_page(request: _Request, next: FromQuery[str] = "") -> Response[Any]:  # noqa: A002  # its name in the address
    """The form; whoever is logged in goes on, and who has begun to goes on with that."""
    if await _staff_of(request):
        return redirect(request, local_path(next, HOME))
    if begun := await lacking_login(token_of(request)):
        return redirect(request, with_next(STEPS[begun.lacks], next))
    return _page(request, "console/login.html", {"next": next})


def _page(
    request: _Request, template: str, form: dict[str, str], *errors: FieldError, **context: Any
) -> Response[Any]:
    wanted = local_path(form.get("next"), "")
    return render(
        request,
        template,
        status_code=401 if errors else 200,
        form={"email": form.get("email", ""), "next": wanted},
        errors=errors,
        staff=None,
        next=wanted,
        **context,
    )


@post("/login")
async def log_in(request: _Request, now: _Now) -> Response[Any]:
    """Begin a session of one's own, never one that was brought along; what this browser had before ends."""
    form = await texts(request, "email", "password", "next")
    try:
        async with limited_login(request, form["email"], now=now, role=RECRUITER):
            known = await known_by_password(form["email"], form["password"])
            login = await log_in_recruiter(known, arrival=arrival_of(request), now=now)
    except WrongCredentials as error:
        return _page(request, "console/login.html", form, FieldError("", error.template()))
    return await arrived(request, login, local_path(form["next"], HOME))


async def _begun(request: _Request, lack: str) -> LackingLogin:
    """Who came in so far, and lacks just this. Raises AuthenticationRequired."""
    begun = await lacking_login(token_of(request))
    if begun is None or begun.lacks != lack:
        raise AuthenticationRequired(login=LOGIN)
    return begun


@get("/login/code")
async def code_page(request: _Request, next: FromQuery[str] = "") -> Response[Any]:  # noqa: A002
    """Asks for a code of the second factor; whoever need not give one is led on."""
    begun = await lacking_login(token_of(request))
    if begun is None or begun.lacks != CODE:
        return redirect(request, with_next(LOGIN, next))
    return _page(request, "console/login_code.html", {"next": next})


@post("/login/code")
async def give_code(request: _Request, portal: _Portal, now: _Now) -> Response[Any]:
    """Open the door, with a new session."""
    form = await texts(request, "code", "next")
    begun = await _begun(request, CODE)
    try:
        async with limited_code(request, begun.recruiter_id, now=now):
            login = await finish_login(
                form["code"],
                arrival=arrival_of(request),
                secret_key=portal.settings.secret_key,
                now=now,
            )
    except (CodeWrong, CodeRequired) as error:
        return _page(request, "console/login_code.html", form, code_error(error))
    return await arrived(request, login, local_path(form["next"], HOME))


def code_error(error: DomainError) -> FieldError:
    """What is wrong with a code, beside its field."""
    missing = isinstance(error, CodeRequired)
    return FieldError("code", N_("Fill in this field.") if missing else error.template())


@get("/login/second-factor")
async def enrolment_page(
    request: _Request,
    portal: _Portal,
    now: _Now,
    next: FromQuery[str] = "",  # noqa: A002
) -> Response[Any]:
    """Asks to set up a second factor, for an administrator wants one; whoever need not is led on."""
    begun = await lacking_login(token_of(request))
    if begun is None or begun.lacks != ENROLMENT:
        return redirect(request, with_next(LOGIN, next))
    return await _enrolment(request, begun, portal, now, {"next": next})


async def _enrolment(
    request: _Request,
    begun: LackingLogin,
    portal: Portal,
    now: datetime,
    form: dict[str, str],
    *errors: FieldError,
) -> Response[Any]:
    waiting = await waiting_authenticator(begun.recruiter_id, secret_key=portal.settings.secret_key, now=now)
    return _page(
        request,
        "console/login_second_factor.html",
        form,
        *errors,
        authenticator=waiting,
        qr_code=qr_code(waiting.address) if waiting else None,
    )


@post("/login/second-factor/begin")
async def begin_enrolment(request: _Request, portal: _Portal, now: _Now) -> Response[Any]:
    """Draw a secret, which the page then shows."""
    form = await texts(request, "next")
    await _begun(request, ENROLMENT)
    await begin_enrolment_at_login(
        arrival=arrival_of(request), secret_key=portal.settings.secret_key, now=now
    )
    return redirect(request, with_next(STEPS[ENROLMENT], form["next"]))


@post("/login/second-factor")
async def enrol(request: _Request, portal: _Portal, now: _Now) -> Response[Any]:
    """Let the authenticator count from its first code on, and come in by way of the recovery codes."""
    form = await texts(request, "code", "next")
    begun = await _begun(request, ENROLMENT)
    secret_key = portal.settings.secret_key
    try:
        async with limited_code(request, begun.recruiter_id, now=now):
            login, codes = await enrol_at_login(
                form["code"], arrival=arrival_of(request), secret_key=secret_key, now=now
            )
    except CodeWrong as error:
        return await _enrolment(request, begun, portal, now, form, code_error(error))
    page = redirect(
        request,
        with_next(RECOVERY_CODES, form["next"]),
        cookies=[*await login_cookies(request, login), codes_cookie(request, login.recruiter_id, codes)],
    )
    page.background = BackgroundTask(portal.nudge)
    return page


@post("/logout")
async def log_out(request: _Request) -> Response[Any]:
    """End the session, here and in Piccolo Admin, also one that is not finished."""
    token = token_of(request)
    if token:
        await log_out_recruiter(token)
    response = redirect(request, LOGIN, ("success", N_("You are logged out.")))
    response.delete_cookie(SESSION_COOKIE)
    return response


SESSION_HANDLERS = (
    login_page,
    log_in,
    code_page,
    give_code,
    enrolment_page,
    begin_enrolment,
    enrol,
    log_out,
)
