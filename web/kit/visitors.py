"""Who is looking: the candidate whose session the cookie holds, and what every request may ask for."""

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.datastructures import Cookie

from web.kit.browsers import known_cookie
from web.kit.devices import device_name
from web.kit.pages import redirect
from web.kit.portal import portal_of
from workflow.candidates.queries import CandidateView, account_of, candidate_by_id
from workflow.candidates.sessions import ABSOLUTE_LIMIT, RESTRICTED_LIMIT, NewSession, open_session
from workflow.errors import AuthenticationRequired
from workflow.logins import Arrival

SESSION_COOKIE = "vivier_session"
NEW_PASSWORD = "/candidate/new-password"  # noqa: S105  # an address
_OPEN_TO_RESTRICTED = (
    NEW_PASSWORD,
    "/candidate/logout",
    "/language",
    "/privacy",
    "/accessibility",
    "/contact",
)


async def recognise_candidate(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """Litestar's `before_request` of pages: who is logged in stands in `request.state.candidate`.

    Who came in with a temporary password is led to choosing one of their own before anything else (A5);
    until then their id stands in `request.state.restricted`, and no page knows them.
    """
    request.state.candidate = request.state.restricted = None
    token = request.cookies.get(SESSION_COOKIE)
    session = await open_session(token, now=portal_of(request).clock()) if token else None
    if session is None:
        return None
    if not session.is_restricted:
        request.state.candidate = await candidate_by_id(session.candidate_id)
        return None
    request.state.restricted = session.candidate_id
    return None if request.url.path.rstrip("/") in _OPEN_TO_RESTRICTED else redirect(request, NEW_PASSWORD)


async def provide_candidate(request: Request[Any, Any, Any]) -> CandidateView:
    """Litestar's dependency `candidate` of pages that need a login. Raises AuthenticationRequired."""
    candidate: CandidateView | None = request.state.get("candidate")
    if candidate is None:
        raise AuthenticationRequired
    return candidate


def restricted_candidate(request: Request[Any, Any, Any]) -> UUID | None:
    """Whose session it is that may only choose a new password."""
    candidate_id: UUID | None = request.state.get("restricted")
    return candidate_id


def arrival_of(request: Request[Any, Any, Any]) -> Arrival:
    """The device that logs in here, and the session that its browser holds, which ends by it."""
    return Arrival(
        device_name(request.headers.get("user-agent", "")), request.cookies.get(SESSION_COOKIE, "")
    )


async def login_cookies(request: Request[Any, Any, Any], session: NewSession) -> list[Cookie]:
    """The cookies that a login sets: the session, and that the account knows this browser from now on."""
    cookies = [_session_cookie(request, session)]
    account = None if session.is_restricted else await account_of(session.candidate_id)
    return [*cookies, known_cookie(request, account)] if account else cookies


def _session_cookie(request: Request[Any, Any, Any], session: NewSession) -> Cookie:
    """The cookie that keeps a candidate logged in."""
    limit = RESTRICTED_LIMIT if session.is_restricted else ABSOLUTE_LIMIT
    return Cookie(
        SESSION_COOKIE,
        value=session.token,
        max_age=int(limit.total_seconds()),
        httponly=True,
        secure=portal_of(request).settings.is_production,
        samesite="lax",
    )


def no_session_cookie() -> Cookie:
    """The cookie that ends it."""
    return Cookie(SESSION_COOKIE, value=None, max_age=0, httponly=True, samesite="lax")
