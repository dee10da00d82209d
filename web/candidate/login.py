"""Logging in and out."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from web.candidate.arrivals import destination, offer_to_come_back_to
from web.kit.addresses import local_path
from web.kit.forms import texts
from web.kit.gates import limited_login
from web.kit.language import language_of
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from web.kit.visitors import NEW_PASSWORD, SESSION_COOKIE, arrival_of, login_cookies, no_session_cookie
from workflow.candidates.commands import log_in
from workflow.candidates.sessions import end_session
from workflow.errors import FieldError, WrongCredentials
from workflow.language import N_


@get("/candidate/login")
async def login_form(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """The form of A4; who is logged in goes straight on."""
    wanted = {name: request.query_params.get(name, "") for name in ("next", "offer")}
    if request.state.candidate:
        return redirect(request, await destination(wanted["next"], wanted["offer"]))
    return await _form(request, portal, now, form=wanted)


async def _form(
    request: Request[Any, Any, Any],
    portal: Portal,
    now: datetime,
    *,
    form: dict[str, str],
    errors: tuple[FieldError, ...] = (),
    refused: bool = False,
) -> Response[Any]:
    return render(
        request,
        "candidate/login.html",
        status_code=422 if errors else 200,
        form=form,
        errors=errors,
        refused=refused,
        next=local_path(form["next"], ""),
        offer=await offer_to_come_back_to(form["offer"], language_of(request), portal, now),
    )


@post("/candidate/login")
async def enter(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """Begin a session and go on to where the candidate was going (A1, A4); with a temporary password by way of A5."""
    form = await texts(request, "email", "password", "next", "offer")
    empty = tuple(
        FieldError(name, N_("Fill in this field."))
        for name in ("email", "password")
        if not form[name].strip()
    )
    if empty:
        return await _form(request, portal, now, form=form, errors=empty)
    try:
        async with limited_login(request, form["email"], now=now):
            session = await log_in(form["email"], form["password"], arrival=arrival_of(request), now=now)
    except WrongCredentials as error:
        errors = (FieldError("", error.template()),)
        return await _form(request, portal, now, form=form, errors=errors, refused=True)
    path = await destination(form["next"], form["offer"])
    if session.is_restricted:
        path = f"{NEW_PASSWORD}?next={quote(path)}"
    return redirect(
        request,
        path,
        ("success", N_("Login successful")),
        cookies=await login_cookies(request, session),
    )


@post("/candidate/logout")
async def leave(request: Request[Any, Any, Any]) -> Response[Any]:
    """End the session, here and in the database."""
    if token := request.cookies.get(SESSION_COOKIE):
        await end_session(token)
    return redirect(request, "/", ("success", N_("You are logged out.")), cookies=[no_session_cookie()])


ROUTE_HANDLERS = (login_form, enter, leave)
