"""The mailbox of a copy that sends no real mail; these addresses do not exist where mail is sent."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from web.kit.pages import render
from web.kit.portal import Portal
from workflow.errors import NotFound
from workflow.messages.mailbox import message, messages

_MAILS_OWN_STYLES = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'"
)


@dataclass(frozen=True, slots=True)
class _Line:
    """One mail in the list."""

    href: str
    to: str
    subject: str
    sent_at: datetime


@get("/dev/mailbox")
async def mailbox(request: Request[Any, Any, Any], portal: NamedDependency[Portal]) -> Response[Any]:
    """The latest mails, newest first."""
    mails = await asyncio.to_thread(messages, _folder(portal))
    lines = [_Line(f"/dev/mailbox/{mail.id}", mail.to, mail.subject, mail.sent_at) for mail in mails]
    return render(request, "public/mailbox.html", mails=lines)


@get("/dev/mailbox.json")
async def mailbox_json(portal: NamedDependency[Portal]) -> Response[list[dict[str, Any]]]:
    """The same for programs."""
    mails = await asyncio.to_thread(messages, _folder(portal))
    return Response([mail.as_json() for mail in mails], headers={"Cache-Control": "no-store"})


@get("/dev/mailbox/{mail_id:str}")
async def mail(
    request: Request[Any, Any, Any], mail_id: FromPath[str], portal: NamedDependency[Portal]
) -> Response[Any]:
    """One mail, its HTML in a sandboxed frame with the mail's own styles. Raises NotFound."""
    found = await asyncio.to_thread(message, _folder(portal), mail_id)
    if found is None:
        raise NotFound
    page = render(request, "public/mail.html", mail=found)
    page.headers["Content-Security-Policy"] = _MAILS_OWN_STYLES
    return page


def _folder(portal: Portal) -> Path:
    return portal.settings.var / "mailbox"
