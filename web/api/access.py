"""Who asks: the candidate or the recruiter whose token stands in `Authorization: Bearer`. Never a cookie."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from web.kit.language import language_of
from web.kit.portal import portal_of
from workflow.candidates.queries import CandidateView, candidate_by_id
from workflow.candidates.sessions import candidate_of_session
from workflow.errors import AuthenticationRequired
from workflow.recruiters.queries import StaffMember, staff_of_session

SECURITY: list[dict[str, list[str]]] = [{"bearer": []}]


def bearer_token(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The token of RFC 6750, section 2.1. Raises AuthenticationRequired where there is none."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise AuthenticationRequired
    return token.strip()


async def require_candidate(
    connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler
) -> None:
    """Litestar's guard of what is the candidate's own; asked before anything is read. Raises AuthenticationRequired."""
    token = bearer_token(connection)
    candidate_id = await candidate_of_session(token, now=portal_of(connection).clock())
    candidate = await candidate_by_id(candidate_id) if candidate_id else None
    if candidate is None:
        raise AuthenticationRequired
    connection.state["candidate"] = candidate


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


async def provide_staff(request: Request[Any, Any, Any]) -> StaffMember:
    """Litestar's dependency `staff`: whom the guard let in."""
    staff: StaffMember = request.state["staff"]
    return staff


async def provide_language(request: Request[Any, Any, Any]) -> str:
    """Litestar's dependency `language`: what labels and sentences are written in."""
    return language_of(request)
