"""The cookie by which an account knows a browser again that has logged in to it before."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from web.kit.portal import portal_of
from workflow.candidates.queries import account_at as candidate_at
from workflow.known_browsers import KEPT_FOR, Account, known_browser, with_mark
from workflow.recruiters.queries import account_at as recruiter_at
from workflow.roles import CANDIDATE

KNOWN_COOKIE = "vivier_known"

Connection = ASGIConnection[Any, Any, Any, Any]


async def browser_known_at(connection: Connection, role: str, email: str) -> str | None:
    """The name under which the account at an address knows this browser; None for a stranger's."""
    marks = connection.cookies.get(KNOWN_COOKIE, "")
    if not marks:
        return None
    account = await (candidate_at if role == CANDIDATE else recruiter_at)(email)
    return known_browser(marks, account or Account("", ""), portal_of(connection).settings.secret_key)


def known_cookie(connection: Connection, account: Account) -> Cookie:
    """What a login to an account leaves in the browser; what other accounts have left there stays."""
    settings = portal_of(connection).settings
    return Cookie(
        KNOWN_COOKIE,
        value=with_mark(connection.cookies.get(KNOWN_COOKIE, ""), account, settings.secret_key),
        max_age=int(KEPT_FOR.total_seconds()),
        httponly=True,
        secure=settings.is_production,
        samesite="lax",
    )
