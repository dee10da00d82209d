"""Who is looking: the candidate whose session the cookie holds, and what every request may ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

from web.kit.portal import portal_of
from workflow.candidates.queries import CandidateView, candidate_by_id
from workflow.candidates.sessions import ABSOLUTE_LIMIT, NewSession, candidate_of_session
from workflow.errors import AuthenticationRequired, WrongCredentials

SESSION_COOKIE = "vivier_session"


async def recognise_candidate(request: Request[Any, Any, Any]) -> None:
    """Litestar's `before_request` of pages: who is logged in stands in `request.state.candidate`."""
    request.state.candidate = await _candidate_of_cookie(request)


async def _candidate_of_cookie(request: Request[Any, Any, Any]) -> CandidateView | None:
    token = request.cookies.get(SESSION_COOKIE)
    if not token:
        return None
    candidate_id = await candidate_of_session(token, now=portal_of(request).clock())
    return await candidate_by_id(candidate_id) if candidate_id else None


async def provide_candidate(request: Request[Any, Any, Any]) -> CandidateView:
    """Litestar's dependency `candidate` of pages that need a login. Raises AuthenticationRequired."""
    candidate: CandidateView | None = request.state.get("candidate")
    if candidate is None:
        raise AuthenticationRequired
    return candidate


def session_cookie(request: Request[Any, Any, Any], session: NewSession) -> Cookie:
    """The cookie that keeps a candidate logged in."""
    return Cookie(
        SESSION_COOKIE,
        value=session.token,
        max_age=int(ABSOLUTE_LIMIT.total_seconds()),
        httponly=True,
        secure=portal_of(request).settings.is_production,
        samesite="lax",
    )


def no_session_cookie() -> Cookie:
    """The cookie that ends it."""
    return Cookie(SESSION_COOKIE, value=None, max_age=0, httponly=True, samesite="lax")


@contextmanager
def limited_login(request: Request[Any, Any, Any], now: datetime) -> Iterator[None]:
    """Around a login: refused after too many failures, and a failure counts. Raises TooManyAttempts."""
    address = request.client.host if request.client else ""
    limit = portal_of(request).logins
    limit.check(address, now=now)
    try:
        yield
    except WrongCredentials:
        limit.count_failure(address, now=now)
        raise
