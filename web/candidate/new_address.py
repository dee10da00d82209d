"""The link to a new address (A6): it names the account, and only who is at home there moves it.

In a browser that is logged in to that account it needs no more than a click; anywhere else, for the mail may be read
on another device, the page asks for the account's password.
"""

from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath

from web.candidate.account import ACCOUNT
from web.candidate.mailed_links import link_page, link_problem
from web.kit.form_guard import REOPENS
from web.kit.forms import texts
from web.kit.gates import limited_confirmation, limited_password
from web.kit.pages import redirect
from web.kit.portal import Portal
from workflow.alerts.bounces import catch_up
from workflow.candidates.account import confirm_new_email, waiting_email
from workflow.errors import FieldError, InvalidInput, LinkExpired, LinkUsed
from workflow.language import N_

_LOGIN = "/candidate/login"
_DONE = ("success", N_("Your new address is confirmed. Log in with it from now on."))

_Request = Request[Any, Any, Any]
_Now = NamedDependency[datetime]
_PAGE = "candidate/new_address.html"


@get("/candidate/new-address/{token:str}")
async def new_address(request: _Request, token: FromPath[str], now: _Now) -> Response[Any]:
    """Reading changes nothing: programs that open links of mails must not use them up."""
    return await _page(request, token, now)


async def _page(
    request: _Request, token: str, now: datetime, errors: tuple[FieldError, ...] = ()
) -> Response[Any]:
    """One button, which a script presses for who is logged in to the account; others type its password."""
    try:
        waiting = await waiting_email(token, now=now)
    except (LinkUsed, LinkExpired) as error:
        return link_problem(request, _PAGE, error)
    candidate = request.state.candidate
    return link_page(
        request,
        _PAGE,
        errors=errors,
        token=token,
        present=waiting.present,
        email=waiting.email,
        asks_password=candidate is None or candidate.id != waiting.candidate_id,
    )


@post("/candidate/new-address/{token:str}", **REOPENS)
async def confirm_address(
    request: _Request, token: FromPath[str], portal: NamedDependency[Portal], now: _Now
) -> Response[Any]:
    """Take over the new address."""
    form = await texts(request, "password")
    candidate = request.state.candidate
    mine = candidate.id if candidate else None
    try:
        async with AsyncExitStack() as gates:
            await gates.enter_async_context(limited_confirmation(request, now=now))
            waiting = await waiting_email(token, now=now)
            await gates.enter_async_context(limited_password(request, waiting.candidate_id, now=now))
            await confirm_new_email(
                token, password=form["password"], logged_in=mine, catch_up=catch_up, now=now
            )
    except InvalidInput as wrong:
        return await _page(request, token, now, wrong.errors)
    except (LinkUsed, LinkExpired) as error:
        return link_problem(request, _PAGE, error)
    page = redirect(request, ACCOUNT if mine == waiting.candidate_id else _LOGIN, _DONE)
    page.background = BackgroundTask(portal.nudge)
    return page


ROUTE_HANDLERS = (new_address, confirm_address)
