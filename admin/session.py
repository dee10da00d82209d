"""Logging in to the console and out again; the session is Piccolo Admin's too."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromQuery

from web.kit.addresses import local_path
from web.kit.browsers import known_cookie
from web.kit.forms import texts
from web.kit.gates import limited_login
from web.kit.pages import redirect, render
from web.kit.portal import portal_of
from workflow.errors import AuthenticationRequired, FieldError, WrongCredentials
from workflow.language import N_
from workflow.recruiters.commands import log_in_recruiter, log_out_recruiter
from workflow.recruiters.queries import StaffMember, account_of, staff_of_session
from workflow.recruiters.tables import ABSOLUTE_LIMIT, SESSION_COOKIE
from workflow.roles import RECRUITER

LOGIN = "/console/login"
HOME = "/console/"


async def provide_staff(request: Request[Any, Any, Any]) -> StaffMember:
    """Litestar's dependency `staff`: who works here. Raises AuthenticationRequired, which leads to the login."""
    staff = await _staff_of(request)
    if staff is None:
        raise AuthenticationRequired(login=LOGIN)
    return staff


async def _staff_of(request: Request[Any, Any, Any]) -> StaffMember | None:
    token = request.cookies.get(SESSION_COOKIE)
    return await staff_of_session(token) if token else None


@get("/login")
async def login_page(request: Request[Any, Any, Any], next: FromQuery[str] = "") -> Response[Any]:  # noqa: A002  # its name in the address
    """The form; whoever is logged in goes on."""
    if await _staff_of(request):
        return redirect(request, local_path(next, HOME))
    return _form(request, {"next": next})


@post("/login")
async def log_in(request: Request[Any, Any, Any], now: NamedDependency[datetime]) -> Response[Any]:
    """Begin a session of one's own, never one that was brought along; what this browser had before ends."""
    form = await texts(request, "email", "password", "next")
    try:
        async with limited_login(request, form["email"], now=now, role=RECRUITER):
            session = await log_in_recruiter(form["email"], form["password"])
    except WrongCredentials as error:
        return _form(request, form, FieldError("", error.template()))
    if before := request.cookies.get(SESSION_COOKIE):
        await log_out_recruiter(before)
    cookie = Cookie(
        SESSION_COOKIE,
        value=session.token,
        max_age=int(ABSOLUTE_LIMIT.total_seconds()),
        httponly=True,
        secure=portal_of(request).settings.is_production,
        samesite="lax",
    )
    account = await account_of(session.user_id)
    cookies = [cookie, known_cookie(request, account)] if account else [cookie]
    return redirect(request, local_path(form["next"], HOME), cookies=cookies)


def _form(request: Request[Any, Any, Any], form: dict[str, str], *errors: FieldError) -> Response[Any]:
    shown = {"email": form.get("email", ""), "next": local_path(form.get("next"), "")}
    return render(
        request,
        "console/login.html",
        status_code=401 if errors else 200,
        form=shown,
        errors=errors,
        staff=None,
        next=shown["next"],
    )


@post("/logout")
async def log_out(request: Request[Any, Any, Any]) -> Response[Any]:
    """End the session, here and in Piccolo Admin."""
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        await log_out_recruiter(token)
    response = redirect(request, LOGIN, ("success", N_("You are logged out.")))
    response.delete_cookie(SESSION_COOKIE)
    return response


SESSION_HANDLERS = (login_page, log_in, log_out)
