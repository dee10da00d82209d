"""One's own account in the console: name, mails, password, second factor, and where one is logged in."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.entrance.arrivals import SECOND_FACTOR, arrival_of, login_cookies, token_of
from admin.entrance.codes import CODES_COOKIE, RECOVERY_CODES, codes_cookie, codes_to_show, qr_code
from admin.entrance.session import code_error
from web.kit.addresses import local_path
from web.kit.forms import texts
from web.kit.gates import limited_code, limited_password
from web.kit.pages import SAVED, redirect, render
from web.kit.portal import Portal
from workflow.errors import CodeRequired, CodeWrong, FieldError, InvalidInput, NotFound
from workflow.language import LANGUAGES, N_
from workflow.passwords import MINIMUM_LENGTH
from workflow.recruiters.own_account import (
    begin_enrolment,
    change_own_details,
    confirm_enrolment,
    own_details,
    renew_recovery_codes,
    turn_off_second_factor,
)
from workflow.recruiters.passwords import change_password
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.second_factor import second_factor_of, waiting_authenticator
from workflow.recruiters.sessions import end_own_session, log_out_elsewhere, sessions_of

ACCOUNT = "/console/account"

_Request = Request[Any, Any, Any]
_Staff = NamedDependency[StaffMember]
_Portal = NamedDependency[Portal]
_Now = NamedDependency[datetime]


@get("/account")
async def account(request: _Request, staff: _Staff) -> Response[Any]:
    """What the account is known by, with a link to change each, and the open sessions."""
    details = await own_details(staff.id)
    return render(
        request,
        "console/own_account.html",
        staff=staff,
        details=details,
        mail_language=LANGUAGES[details.language],
        second_factor=await second_factor_of(staff.id),
        sessions=await sessions_of(staff.id, token_of(request)),
    )


def _page(
    request: _Request,
    template: str,
    staff: StaffMember,
    form: Mapping[str, Any],
    errors: tuple[FieldError, ...],
    **context: Any,
) -> Response[Any]:
    status_code = 422 if errors else 200
    return render(
        request, template, status_code=status_code, staff=staff, form=form, errors=errors, **context
    )


@get("/account/details")
async def details_form(request: _Request, staff: _Staff) -> Response[Any]:
    """Name and mails."""
    details = await own_details(staff.id)
    form = {
        "first_name": details.first_name,
        "last_name": details.last_name,
        "language": details.language,
        "wants_weekly": "yes" if details.wants_weekly else "",
    }
    return _details_form(request, staff, form)


def _details_form(
    request: _Request, staff: StaffMember, form: dict[str, str], errors: tuple[FieldError, ...] = ()
) -> Response[Any]:
    languages = list(LANGUAGES.items())
    return _page(request, "console/own_account_details.html", staff, form, errors, mail_languages=languages)


@post("/account/details")
async def change_details(request: _Request, staff: _Staff, now: _Now) -> Response[Any]:
    """Change them."""
    form = await texts(request, "first_name", "last_name", "language", "wants_weekly")
    try:
        await change_own_details(staff.id, form, now=now)
    except InvalidInput as wrong:
        return _details_form(request, staff, form, wrong.errors)
    return redirect(request, ACCOUNT, SAVED)


@get("/account/password")
async def password_form(request: _Request, staff: _Staff) -> Response[Any]:
    """A new password."""
    return _password_form(request, staff)


def _password_form(
    request: _Request, staff: StaffMember, errors: tuple[FieldError, ...] = ()
) -> Response[Any]:
    length = MINIMUM_LENGTH
    return _page(request, "console/own_account_password.html", staff, {}, errors, password_length=length)


@post("/account/password")
async def new_password(request: _Request, staff: _Staff, portal: _Portal, now: _Now) -> Response[Any]:
    """Change the password; this browser gets a new session, all others end."""
    form = await texts(request, "current_password", "password", "password_again")
    try:
        async with limited_password(request, staff.id, now=now):
            login = await change_password(staff.id, form, arrival=arrival_of(request), now=now)
    except InvalidInput as wrong:
        return _password_form(request, staff, wrong.errors)
    page = redirect(
        request,
        ACCOUNT,
        ("success", N_("Your password is changed. You are logged out everywhere else.")),
        cookies=await login_cookies(request, login),
    )
    page.background = BackgroundTask(portal.nudge)
    return page


@post("/account/sessions/{session_id:int}/end")
async def end_one(request: _Request, staff: _Staff, session_id: FromPath[int]) -> Response[Any]:
    """Log out somewhere else. Raises NotFound."""
    await end_own_session(staff.id, session_id)
    return redirect(request, ACCOUNT, ("success", N_("That device is logged out.")))


@post("/account/sessions/end")
async def end_others(request: _Request, staff: _Staff) -> Response[Any]:
    """Log out everywhere else."""
    await log_out_elsewhere(staff.id, token_of(request))
    return redirect(request, ACCOUNT, ("success", N_("All other devices are logged out.")))


@get("/account/second-factor")
async def second_factor_page(request: _Request, staff: _Staff, portal: _Portal, now: _Now) -> Response[Any]:
    """Whether there is one; its secret while it is set up, and what may be done about it."""
    return await _second_factor(request, staff, portal, now)


async def _second_factor(
    request: _Request, staff: StaffMember, portal: Portal, now: datetime, *errors: FieldError
) -> Response[Any]:
    waiting = await waiting_authenticator(staff.id, secret_key=portal.settings.secret_key, now=now)
    return _page(
        request,
        "console/own_account_second_factor.html",
        staff,
        {},
        errors,
        second_factor=await second_factor_of(staff.id),
        authenticator=waiting,
        qr_code=qr_code(waiting.address) if waiting else None,
    )


@post("/account/second-factor")
async def confirm(request: _Request, staff: _Staff, portal: _Portal, now: _Now) -> Response[Any]:
    """Let an authenticator count from its first code on."""
    form = await texts(request, "code")
    try:
        async with limited_code(request, staff.id, now=now):
            codes = await confirm_enrolment(
                staff.id,
                form["code"],
                token=token_of(request),
                secret_key=portal.settings.secret_key,
                now=now,
            )
    except CodeWrong as error:
        return await _second_factor(request, staff, portal, now, code_error(error))
    return _to_codes(request, staff, portal, codes)


def _to_codes(request: _Request, staff: StaffMember, portal: Portal, codes: tuple[str, ...]) -> Response[Any]:
    page = redirect(request, RECOVERY_CODES, cookies=[codes_cookie(request, staff.id, codes)])
    page.background = BackgroundTask(portal.nudge)
    return page


_ACTS = {
    "set-up": begin_enrolment,
    "off": turn_off_second_factor,
    "recovery-codes": renew_recovery_codes,
}
"""What is done about a second factor after password and code: the last part of its address."""


@get("/account/second-factor/{act:str}")
async def proof_form(request: _Request, staff: _Staff, act: FromPath[str]) -> Response[Any]:
    """Asks for the password, and a code where there is a second factor."""
    return await _proof(request, staff, act)


async def _proof(
    request: _Request, staff: StaffMember, act: str, errors: tuple[FieldError, ...] = ()
) -> Response[Any]:
    """Raises NotFound for what cannot be done as things stand."""
    second_factor = await second_factor_of(staff.id)
    possible = {"set-up"}
    if second_factor.since:
        possible |= {"recovery-codes"} if second_factor.is_required else {"recovery-codes", "off"}
    if act not in possible:
        raise NotFound
    return _page(
        request, "console/own_account_proof.html", staff, {}, errors, act=act, second_factor=second_factor
    )


@post("/account/second-factor/{act:str}")
async def carry_out(
    request: _Request, staff: _Staff, portal: _Portal, now: _Now, act: FromPath[str]
) -> Response[Any]:
    """Do it."""
    if act not in _ACTS:
        raise NotFound
    form = await texts(request, "current_password", "code")
    try:
        async with _proving(request, staff, now):
            codes = await _ACTS[act](staff.id, form, secret_key=portal.settings.secret_key, now=now)
    except InvalidInput as wrong:
        return await _proof(request, staff, act, wrong.errors)
    except (CodeRequired, CodeWrong) as wrong:
        return await _proof(request, staff, act, (code_error(wrong),))
    if codes:
        return _to_codes(request, staff, portal, codes)
    if act == "off":
        page = redirect(request, ACCOUNT, ("success", N_("Your second factor is turned off.")))
        page.background = BackgroundTask(portal.nudge)
        return page
    return redirect(request, SECOND_FACTOR)


@asynccontextmanager
async def _proving(request: _Request, staff: StaffMember, now: datetime) -> AsyncIterator[None]:
    """Wrong passwords count, and wrong codes count."""
    async with AsyncExitStack() as gates:
        await gates.enter_async_context(limited_password(request, staff.id, now=now))
        await gates.enter_async_context(limited_code(request, staff.id, now=now))
        yield


@get("/account/recovery-codes")
async def recovery_codes_page(
    request: _Request,
    staff: _Staff,
    next: FromQuery[str] = "",  # noqa: A002  # its name in the address
) -> Response[Any]:
    """The codes that were just made, once."""
    codes = codes_to_show(request, staff.id)
    if not codes:
        return redirect(request, SECOND_FACTOR)
    page = render(
        request,
        "console/own_account_codes.html",
        staff=staff,
        codes=codes,
        next=local_path(next, ACCOUNT),
    )
    page.delete_cookie(CODES_COOKIE, path=RECOVERY_CODES)
    return page


OWN_ACCOUNT_HANDLERS = (
    account,
    details_form,
    change_details,
    password_form,
    new_password,
    end_one,
    end_others,
    second_factor_page,
    confirm,
    proof_form,
    carry_out,
    recovery_codes_page,
)
