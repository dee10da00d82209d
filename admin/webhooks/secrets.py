"""A new secret on its way to the page that shows it, once: it lies nowhere else in the clear."""

from typing import Any
from uuid import UUID

from cryptography.fernet import InvalidToken
from litestar import Request
from litestar.datastructures import Cookie

from web.kit.portal import portal_of
from workflow.sealing import seal, unseal

SECRET_COOKIE = "vivier_webhook"  # noqa: S105  # its name
_SHOWN_WITHIN = 600


def secret_path(webhook_id: UUID) -> str:
    """The page that shows it."""
    return f"/console/webhooks/{webhook_id}/secret"


def secret_cookie(request: Request[Any, Any, Any], webhook_id: UUID, secret: str) -> Cookie:
    """Carries a secret, sealed."""
    settings = portal_of(request).settings
    sealed = seal({"webhook": str(webhook_id), "secret": secret}, settings.secret_key)
    return Cookie(
        SECRET_COOKIE,
        value=sealed.decode(),
        path=secret_path(webhook_id),
        max_age=_SHOWN_WITHIN,
        httponly=True,
        secure=settings.is_production,
        samesite="lax",
    )


def secret_to_show(request: Request[Any, Any, Any], webhook_id: UUID) -> str:
    """The secret that this browser brings; empty where it was shown already, or is another one's."""
    sealed = request.cookies.get(SECRET_COOKIE, "")
    try:
        facts = unseal(sealed.encode(), portal_of(request).settings.secret_key)
    except (InvalidToken, ValueError):
        return ""
    return str(facts["secret"]) if facts.get("webhook") == str(webhook_id) else ""
