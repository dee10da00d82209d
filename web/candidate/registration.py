"""Registering, and confirming the account by the link in the mail.

The browser that registers has a cookie. In that browser the link needs no more than a click; anywhere else the page
asks for the password: so nobody confirms what somebody else has registered, be it by mistake or misled.
"""

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath

from web.candidate.arrivals import AREA, destination, offer_to_come_back_to
from web.candidate.mailed_links import link_page, link_problem
from web.kit.form_guard import REOPENS
from web.kit.forms import options, texts
from web.kit.gates import limited_confirmation, limited_mail
from web.kit.language import language_of
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from web.kit.visitors import arrival_of, login_cookies
from workflow.candidates.commands import confirm_candidate, register_candidate, send_confirmation_link
from workflow.candidates.confirming import account_of_link, waiting_registration
from workflow.candidates.links import LINK_LIMIT
from workflow.checks import Checks, clean_line
from workflow.errors import FieldError, InvalidInput, LinkExpired, LinkUsed
from workflow.language import N_
from workflow.passwords import MINIMUM_LENGTH
from workflow.reference.queries import secret_questions, titles

REGISTRATION_COOKIE = "vivier_registration"
_PAGE_OF_LINK = "candidate/confirm.html"
_BROWSER = re.compile(r"[0-9a-f]{64}")

_FIELDS = (
    "title",
    "first_name",
    "last_name",
    "email",
    "email_again",
    "password",
    "password_again",
    "secret_question",
    "own_secret_question",
    "secret_answer",
    "accept_notice",
)
_CONFIRMED = (
    ("success", N_("Your account is confirmed")),
    ("success", N_("Login successful")),
)
_CONFIRMED_BEFORE = ("success", N_("Your account is confirmed already"))


@get("/candidate/register")
async def registration_form(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """The form of A2, for an offer where the address names one (P1)."""
    if request.state.candidate:
        return redirect(request, await destination(reference=request.query_params.get("offer")))
    return await _form(request, portal, now, reference=request.query_params.get("offer", ""))


async def _form(
    request: Request[Any, Any, Any],
    portal: Portal,
    now: datetime,
    *,
    reference: str,
    form: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> Response[Any]:
    language = language_of(request)
    page = render(
        request,
        "candidate/register.html",
        status_code=422 if errors else 200,
        form=form,
        errors=errors,
        titles=options(titles(), language),
        secret_questions=options(secret_questions(), language),
        password_length=MINIMUM_LENGTH,
        offer=await offer_to_come_back_to(reference, language, portal, now),
    )
    if not _browser(request):  # already here, so that a double click has one
        page.set_cookie(_registration_cookie(portal, _new_browser()))
    return page


@post("/candidate/register")
async def register(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """Keep the registration and say where its mail went; whether the address was known before is not told (A2)."""
    form = await texts(request, *_FIELDS, "offer")
    browser = _browser(request) or _new_browser()
    offer = await offer_to_come_back_to(form["offer"], language_of(request), portal, now)
    try:
        async with limited_mail(request, form["email"], now=now):
            await register_candidate(
                form | {"language": language_of(request)},
                secret_key=portal.settings.secret_key,
                now=now,
                browser=browser,
                return_to=offer.reference if offer else None,
            )
    except InvalidInput as wrong:
        return await _form(request, portal, now, reference=form["offer"], form=form, errors=wrong.errors)
    page = _check_your_mail(request, portal, form["email"])
    page.set_cookie(_registration_cookie(portal, browser))
    return page


def _browser(request: Request[Any, Any, Any]) -> str:
    """What the browser was given when somebody registered in it; all who do so within two days share it."""
    value = request.cookies.get(REGISTRATION_COOKIE, "")
    return value if _BROWSER.fullmatch(value) else ""


def _new_browser() -> str:
    return secrets.token_hex(32)


def _registration_cookie(portal: Portal, browser: str) -> Cookie:
    return Cookie(
        REGISTRATION_COOKIE,
        value=browser,
        max_age=int(LINK_LIMIT.total_seconds()),
        httponly=True,
        secure=portal.settings.is_production,
        samesite="lax",
    )


def _check_your_mail(request: Request[Any, Any, Any], portal: Portal, email: str) -> Response[Any]:
    page = render(
        request,
        "candidate/registered.html",
        email=clean_line(email),
        hours=LINK_LIMIT // timedelta(hours=1),
    )
    page.background = BackgroundTask(portal.nudge)
    return page


@get("/candidate/confirm")
async def new_link_form(request: Request[Any, Any, Any]) -> Response[Any]:
    """Where a new confirmation link is asked for."""
    return render(request, "candidate/new_link.html")


@post("/candidate/confirm")
async def send_new_link(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """Mail a new link, if a registration waits for one; what is said is the same."""
    form = await texts(request, "email")
    checks = Checks(form)
    checks.email("email")
    if checks.errors:
        return render(request, "candidate/new_link.html", status_code=422, form=form, errors=checks.errors)
    async with limited_mail(request, form["email"], now=now):
        await send_confirmation_link(
            form["email"], secret_key=portal.settings.secret_key, now=now, browser=_browser(request)
        )
    page = _check_your_mail(request, portal, form["email"])
    if browser := _browser(request):  # as long as the new link
        page.set_cookie(_registration_cookie(portal, browser))
    return page


@get("/candidate/confirm/{token:str}")
async def confirmation(
    request: Request[Any, Any, Any], token: FromPath[str], now: NamedDependency[datetime]
) -> Response[Any]:
    """Reading changes nothing: programs that open links of mails must not use them up."""
    return await _confirmation_page(request, token, now)


async def _confirmation_page(
    request: Request[Any, Any, Any], token: str, now: datetime, errors: tuple[FieldError, ...] = ()
) -> Response[Any]:
    """One button, which a script presses in the browser that registered, unless somebody is logged in there."""
    try:
        waiting = await waiting_registration(token, browser=_browser(request), now=now)
    except (LinkUsed, LinkExpired) as error:
        return await _link_problem(request, token, error)
    return link_page(
        request,
        _PAGE_OF_LINK,
        errors=errors,
        token=token,
        email=waiting.email,
        asks_password=not waiting.is_from_here,
    )


async def _link_problem(
    request: Request[Any, Any, Any], token: str, error: LinkUsed | LinkExpired
) -> Response[Any]:
    """Who is logged in to the account that the link has made has what they wanted: a second tab is no mistake."""
    candidate = request.state.candidate
    if isinstance(error, LinkUsed) and candidate and candidate.id == await account_of_link(token):
        return redirect(request, AREA, _CONFIRMED_BEFORE)
    return link_problem(request, _PAGE_OF_LINK, error)


@post("/candidate/confirm/{token:str}", **REOPENS)
async def confirm(
    request: Request[Any, Any, Any], token: FromPath[str], now: NamedDependency[datetime]
) -> Response[Any]:
    """Make the account, log in, and go on to the offer that the candidate registered for (A3, P1)."""
    form = await texts(request, "password")
    try:
        async with limited_confirmation(request, now=now):
            confirmed = await confirm_candidate(
                token,
                password=form["password"],
                browser=_browser(request),
                arrival=arrival_of(request),
                now=now,
            )
    except InvalidInput as wrong:
        return await _confirmation_page(request, token, now, wrong.errors)
    except (LinkUsed, LinkExpired) as error:
        return await _link_problem(request, token, error)
    path = await destination(AREA, confirmed.return_to)
    return redirect(request, path, *_CONFIRMED, cookies=await login_cookies(request, confirmed.session))


ROUTE_HANDLERS = (registration_form, register, new_link_form, send_new_link, confirmation, confirm)
