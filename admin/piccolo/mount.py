"""Piccolo Admin at /admin/, guarded on its way in and out."""

import json
import logging
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import unquote

import asyncpg  # type: ignore[import-untyped]
from litestar import Litestar, asgi
from litestar.enums import ScopeType
from litestar.handlers import ASGIRouteHandler
from litestar.types import Message, Receive, Scope, Send

from admin.entrance.arrivals import LOGIN, SECOND_FACTOR
from admin.piccolo.assembly import piccolo_admin
from admin.piccolo.refusals import Refusal, check_request
from admin.piccolo.scope import Acting, acting_as
from admin.piccolo.tables import references_to
from web.kit.portal import Portal
from web.kit.security import protect
from workflow.recruiters.queries import staff_of_session
from workflow.recruiters.tables import SESSION_COOKIE
from workflow.settings import Settings

_log = logging.getLogger(__name__)

_LARGEST_BODY = 1024 * 1024

# Its icons bring their sizes in inline styles; scripts stay those of its own files.
_POLICY = (
    b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
    b"base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)

_ONE_LOGIN = "Log in at /console/login: there is one login for the console and for these tables."
_ONE_PASSWORD = "Change your password at /console/account."  # noqa: S105  # a sentence

_UNANSWERABLE = (
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    asyncpg.DataError,
)
"""What Piccolo and the drivers raise for values that they cannot read: numbers too large, texts that are no dates."""


def admin_mount(settings: Settings) -> ASGIRouteHandler:
    """Piccolo Admin as a part of the web process. It uses the database that is current now.

    It brings its own tokens against forged forms: exclude `/admin/` from the pages' own.
    """
    piccolo = piccolo_admin(settings)

    @asgi("/admin", is_mount=True, copy_scope=True)
    async def administration(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            return
        answer = _Answer(scope, send)
        path = unquote(scope["raw_path"].split(b"?")[0].decode("latin-1"))
        try:
            await _guarded(piccolo, scope, path, receive, answer)
        except Refusal as refusal:
            await answer.json(refusal.status, {"detail": refusal.message})
        except _UNANSWERABLE as error:
            _log.info("unanswerable request", extra={"path": path, "error": repr(error)})
            if answer.is_begun:
                raise
            await answer.json(400, {"detail": "This request cannot be understood."})

    return administration


async def _guarded(piccolo: Any, scope: Any, path: str, receive: Receive, answer: "_Answer") -> None:
    """Refuse, or hand on with the prefix restored that Litestar took away, and only as who is logged in."""
    query = scope["query_string"].decode("latin-1")
    if path == "/admin":
        await answer.redirect(308, "/admin/" + (f"?{query}" if query else ""))
        return
    if not path.startswith("/admin/"):
        raise Refusal(404, "There is nothing at this address.")
    app: Litestar = scope["litestar_app"]
    portal: Portal = app.state.portal
    now = portal.clock()
    staff = await staff_of_session(_session_token(scope))
    match path.removeprefix("/admin").strip("/").split("/"):
        case [""] if staff is None and scope["method"] in {"GET", "HEAD"}:
            await answer.redirect(303, f"{LOGIN}?next=/admin/")
            return
        case ["api", "mfa-setup"] if scope["method"] == "GET":  # its menu leads here
            await answer.redirect(303, SECOND_FACTOR)
            return
        case ["public", "login"]:
            raise Refusal(403, _ONE_LOGIN)
        case ["api", "change-password"]:
            raise Refusal(403, _ONE_PASSWORD)
    check_request(staff, scope["method"], path.removeprefix("/admin"), query)
    match path.strip("/").split("/")[1:]:
        case ["api", "tables", name, "references"] if staff:
            references = references_to(name, is_administrator=staff.is_administrator)
            await answer.json(200, {"references": references})
            return
    body = await _whole_body(receive)
    scope["path"], scope["root_path"] = path, "/admin"
    scope.get("extensions", {}).pop("http.response.pathsend", None)  # Starlette would send it past Litestar
    with acting_as(Acting(staff, now, portal.terms, portal.nudge) if staff else None):
        await piccolo(scope, _replayed(body, receive), answer.send)


def _session_token(scope: Any) -> str:
    headers = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    try:
        cookies = SimpleCookie("; ".join(headers))
    except CookieError:
        return ""
    return cookies[SESSION_COOKIE].value if SESSION_COOKIE in cookies else ""


async def _whole_body(receive: Receive) -> bytes:
    """Read it here, because Litestar's limit does not reach a mount. Raises Refusal."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refusal(400, "The request was not complete.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > _LARGEST_BODY:
            raise Refusal(413, "What you sent is larger than we can take.")
        if not message.get("more_body"):
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body once more; afterwards whatever the server says, such as that the visitor has left."""
    pending = [body]

    async def again() -> Any:
        if pending:
            return {"type": "http.request", "body": pending.pop(), "more_body": False}
        return await receive()

    return again


class _Answer:
    """The way back: security headers on everything, private data in nobody's cache."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self.is_begun = False
        self.status = 0

    async def send(self, message: Message) -> None:
        """Hand a message on."""
        if message["type"] == "http.response.start":
            self.is_begun = True
            self.status = message["status"]
            headers = [*message["headers"], (b"content-security-policy", _POLICY)]
            if b"/assets/" not in self._scope["raw_path"]:
                headers.append((b"cache-control", b"no-store"))
            message["headers"] = headers
            await protect(message, self._scope)
        await self._send(message)

    async def json(self, status: int, content: dict[str, Any]) -> None:
        """A short answer of ours in the form that Piccolo Admin's page understands."""
        await self._whole(status, [(b"content-type", b"application/json")], json.dumps(content).encode())

    async def redirect(self, status: int, address: str) -> None:
        """Go on elsewhere: to the login, or to where the page's relative addresses work."""
        await self._whole(status, [(b"location", address.encode("latin-1"))], b"")

    async def _whole(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        await self.send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [*headers, (b"content-length", str(len(body)).encode())],
            }
        )
        await self.send({"type": "http.response.body", "body": body, "more_body": False})
