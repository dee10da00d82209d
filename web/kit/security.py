"""What protects every page: headers for the browser, and tokens against forged forms."""

from typing import Any

from litestar import Request
from litestar._parsers import parse_url_encoded_form_data
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope
from litestar.utils.scope.state import ScopeState

from workflow.settings import Settings

CSRF_COOKIE = "vivier_csrf"

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


async def protect(message: Message, scope: Scope) -> None:
    """Litestar's `before_send`: security headers on every answer that does not bring its own."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    if scope["scheme"] == "https":
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")


async def forget_forms(request: Request[Any, Any, Any]) -> None:
    """Litestar's `after_response`: it remembers the last 1,024 form bodies, passwords included; they go at once."""
    if request.method == "POST":
        parse_url_encoded_form_data.cache_clear()


def csrf_config(settings: Settings) -> CSRFConfig:
    """Double-submitted tokens for our forms.

    The API takes no cookies, and Piccolo Admin has its own tokens; links that stop alerts are all that their pages go
    by, and mail programs that follow them have no cookies (RFC 8058).
    """
    return CSRFConfig(
        secret=settings.secret_key,
        cookie_name=CSRF_COOKIE,
        cookie_secure=settings.is_production,
        cookie_httponly=True,
        cookie_samesite="lax",
        exclude=["^/api/", "^/admin/", "^/alerts/unsubscribe/"],
    )


def csrf_token(request: Request[Any, Any, Any]) -> str:
    """The token for the forms of this page.

    Pages of errors come from outside of the middleware that makes tokens: they repeat the visitor's own.
    """
    token = ScopeState.from_scope(request.scope).csrf_token
    return token if isinstance(token, str) else request.cookies.get(CSRF_COOKIE, "")
