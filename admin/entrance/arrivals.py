"""Coming in to the console: the cookies of a login, and where its next step is."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.datastructures import Cookie

from web.kit.addresses import local_path
from web.kit.browsers import known_cookie
from web.kit.devices import device_name
from web.kit.pages import redirect
from web.kit.portal import portal_of
from workflow.logins import Arrival
from workflow.recruiters.queries import account_of
from workflow.recruiters.sessions import CODE, ENROLMENT, Login
from workflow.recruiters.tables import ABSOLUTE_LIMIT, SESSION_COOKIE

LOGIN = "/console/login"
HOME = "/console/"
SECOND_FACTOR = "/console/account/second-factor"
STEPS = {CODE: f"{LOGIN}/code", ENROLMENT: f"{LOGIN}/second-factor"}
"""What a login lacks → the page that asks for it."""


def token_of(request: Request[Any, Any, Any]) -> str:
    """The token of the session that this browser holds, or nothing."""
    return request.cookies.get(SESSION_COOKIE, "")


def arrival_of(request: Request[Any, Any, Any]) -> Arrival:
    """The device that logs in here, and the session that its browser holds, which ends by it."""
    return Arrival(device_name(request.headers.get("user-agent", "")), token_of(request))


def with_next(path: str, next_path: str) -> str:
    """An address that remembers where one was going."""
    wanted = local_path(next_path, "")
    return f"{path}?{urlencode({'next': wanted})}" if wanted else path


async def arrived(
    request: Request[Any, Any, Any], login: Login, path: str, *messages: tuple[str, str]
) -> Response[Any]:
    """Go on with the session that has begun: to `path`, or to what is asked for before."""
    if login.lacks:
        step = with_next(STEPS[login.lacks], path)
        return redirect(request, step, *messages, cookies=[session_cookie(request, login)])
    return redirect(request, path, *messages, cookies=await login_cookies(request, login))


async def login_cookies(request: Request[Any, Any, Any], login: Login) -> list[Cookie]:
    """The session, and that the account knows this browser from now on: not before the door is open."""
    account = await account_of(login.recruiter_id)
    cookies = [session_cookie(request, login)]
    return [*cookies, known_cookie(request, account)] if account else cookies


def session_cookie(request: Request[Any, Any, Any], login: Login) -> Cookie:
    """The cookie that keeps a recruiter logged in, here and in Piccolo Admin."""
    return Cookie(
        SESSION_COOKIE,
        value=login.token,
        max_age=int(ABSOLUTE_LIMIT.total_seconds()),
        httponly=True,
        secure=portal_of(request).settings.is_production,
        samesite="lax",
    )
