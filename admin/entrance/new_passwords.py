"""A password by a mailed link: of who was invited, and of who has forgotten theirs. Opening a link does nothing."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.entrance.arrivals import HOME, arrival_of, arrived
from web.kit.errors import status_of
from web.kit.forms import texts
from web.kit.gates import limited_answer, limited_confirmation
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from workflow.checks import Checks
from workflow.errors import FieldError, InvalidInput, LinkExpired, LinkUsed
from workflow.language import N_
from workflow.passwords import MINIMUM_LENGTH
from workflow.recruiters.links import INVITATION, PASSWORD
from workflow.recruiters.passwords import LinkOwner, choose_password, owner_of_link, send_password_link
from workflow.roles import RECRUITER

_START = "/console/forgotten-password"
_SENT = f"{_START}/sent"

_Request = Request[Any, Any, Any]
_Portal = NamedDependency[Portal]
_Now = NamedDependency[datetime]


@get("/forgotten-password")
async def forgotten_password(request: _Request) -> Response[Any]:
    """Whose password it is."""
    return _forgotten(request, {})


def _forgotten(request: _Request, form: dict[str, str], errors: tuple[FieldError, ...] = ()) -> Response[Any]:
    status_code = 422 if errors else 200
    return render(
        request, "console/login_forgotten.html", status_code=status_code, form=form, errors=errors, staff=None
    )


@post("/forgotten-password")
async def ask_for_password(request: _Request, portal: _Portal, now: _Now) -> Response[Any]:
    """Mail a link if there is such an account; what is said is the same."""
    form = await texts(request, "email")
    checks = Checks(form)
    checks.email("email")
    if checks.errors:
        return _forgotten(request, form, tuple(checks.errors))
    async with limited_answer(request, form["email"], now=now, role=RECRUITER):
        await send_password_link(form["email"], secret_key=portal.settings.secret_key, now=now)
    page = redirect(request, _SENT)
    page.background = BackgroundTask(portal.nudge)
    return page


@get("/forgotten-password/sent")
async def sent(request: _Request) -> Response[Any]:
    """What happens next."""
    return render(request, "console/login_forgotten_sent.html", staff=None, start=_START)


@get("/invitation/{token:str}")
async def invitation_page(request: _Request, now: _Now, token: FromPath[str]) -> Response[Any]:
    """Where an invitation leads."""
    return await _opened(request, token, INVITATION, now)


@post("/invitation/{token:str}")
async def join(request: _Request, portal: _Portal, now: _Now, token: FromPath[str]) -> Response[Any]:
    """Come in with the first password."""
    return await _chosen(request, token, INVITATION, portal, now)


@get("/password/{token:str}")
async def password_page(request: _Request, now: _Now, token: FromPath[str]) -> Response[Any]:
    """Where the link to a new password leads."""
    return await _opened(request, token, PASSWORD, now)


@post("/password/{token:str}")
async def replace_password(
    request: _Request, portal: _Portal, now: _Now, token: FromPath[str]
) -> Response[Any]:
    """Come in with a new password."""
    return await _chosen(request, token, PASSWORD, portal, now)


async def _opened(request: _Request, token: str, purpose: str, now: datetime) -> Response[Any]:
    try:
        async with limited_confirmation(request, now=now):
            owner = await owner_of_link(token, purpose, now=now)
    except (LinkUsed, LinkExpired) as over:
        return _over(request, over)
    return _form(request, token, purpose, owner)


def _over(request: _Request, over: LinkUsed | LinkExpired) -> Response[Any]:
    """The link opens nothing any more: why, and where to go on."""
    return render(
        request,
        "console/login_link_over.html",
        status_code=status_of(over),
        staff=None,
        is_used=isinstance(over, LinkUsed),
        start=_START,
    )


def _form(
    request: _Request, token: str, purpose: str, owner: LinkOwner, errors: tuple[FieldError, ...] = ()
) -> Response[Any]:
    return render(
        request,
        "console/login_new_password.html",
        status_code=422 if errors else 200,
        errors=errors,
        staff=None,
        owner=owner,
        joins=purpose == INVITATION,
        action=f"/console/{purpose}/{token}",
        password_length=MINIMUM_LENGTH,
    )


async def _chosen(
    request: _Request, token: str, purpose: str, portal: Portal, now: datetime
) -> Response[Any]:
    form = await texts(request, "password", "password_again")
    try:
        async with limited_confirmation(request, now=now):
            owner = await owner_of_link(token, purpose, now=now)
            login = await choose_password(token, purpose, form, arrival=arrival_of(request), now=now)
    except InvalidInput as wrong:
        return _form(request, token, purpose, owner, wrong.errors)
    except (LinkUsed, LinkExpired) as over:
        return _over(request, over)
    message = (
        N_("Welcome. Your password is set.")
        if purpose == INVITATION
        else N_("Your password is changed. You are logged out everywhere else.")
    )
    page = await arrived(request, login, HOME, ("success", message))
    page.background = BackgroundTask(portal.nudge)
    return page


NEW_PASSWORD_HANDLERS = (
    forgotten_password,
    ask_for_password,
    sent,
    invitation_page,
    join,
    password_page,
    replace_password,
)
