"""Who asks: the candidate or the recruiter whose token stands in `Authorization: Bearer`. Never a cookie."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from web.kit.devices import device_name
from web.kit.language import language_of
from web.kit.portal import portal_of
from workflow.candidates.queries import CandidateView, candidate_by_id
from workflow.candidates.sessions import open_session
from workflow.errors import AuthenticationRequired, NewPasswordRequired
from workflow.logins import Arrival
from workflow.recruiters.queries import StaffMember, staff_of_session

SECURITY: list[dict[str, list[str]]] = [{"bearer": []}]
OPEN_TO_RESTRICTED: dict[str, Any] = {"opt": {"open_to_restricted": True}}


def bearer_token(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The token of RFC 6750, section 2.1. Raises AuthenticationRequired where there is none."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise AuthenticationRequired
    return token.strip()


async def require_candidate(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Litestar's guard of what is the candidate's own; asked before anything is read.

    Raises AuthenticationRequired, and NewPasswordRequired for who came in with a temporary password (A5), but
    for operations marked `**OPEN_TO_RESTRICTED`.
    """
    session = await open_session(bearer_token(connection), now=portal_of(connection).clock())
    candidate = await candidate_by_id(session.candidate_id) if session else None
    if session is None or candidate is None:
        raise AuthenticationRequired
    if session.is_restricted and not handler.opt.get("open_to_restricted"):
        raise NewPasswordRequired
    connection.state["candidate"] = candidate
    connection.state["is_restricted"] = session.is_restricted


async def require_staff(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Litestar's guard of the console. Raises AuthenticationRequired."""
    staff = await staff_of_session(bearer_token(connection))
    if staff is None:
        raise AuthenticationRequired
    connection.state["staff"] = staff


async def provide_candidate(request: Request[Any, Any, Any]) -> CandidateView:
    """Litestar's dependency `candidate`: whom the guard let in."""
    candidate: CandidateView = request.state["candidate"]
    return candidate


def arrival_of(request: Request[Any, Any, Any], token: str = "") -> Arrival:
    """The program that logs in; `token`: of the session that it had, which ends."""
    return Arrival(device_name(request.headers.get("user-agent", "")), token)


async def provide_staff(request: Request[Any, Any, Any]) -> StaffMember:
    """Litestar's dependency `staff`: whom the guard let in."""
    staff: StaffMember = request.state["staff"]
    return staff


async def provide_language(request: Request[Any, Any, Any]) -> str:
    """Litestar's dependency `language`: what labels and sentences are written in."""
    return language_of(request)
