"""The mail of a move as a page shows it before the move is made (C6)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request

from admin.kit.mail_frames import framed
from web.kit.portal import portal_of
from workflow.applications.commands import PARAGRAPH_LENGTH
from workflow.applications.machine import ApplicationMachine
from workflow.applications.previews import PreviewedMail, mail_of_move
from workflow.applications.queries import StaffApplication
from workflow.checks import clean_text
from workflow.language import LANGUAGES


def is_previewed(event: str) -> bool:
    """Whether the mail of an event can be seen, and added to, before it goes out: the candidate is told of it."""
    rule = ApplicationMachine.rules.get(event)
    return rule is not None and "candidate" in rule.tells


@dataclass(frozen=True, slots=True)
class Preview:
    """The mail of a move as the page shows it: in a frame that nothing can leave, and as text."""

    recipient: str
    language: str
    subject: str
    text: str
    html: str
    told_at: datetime

    @classmethod
    def of(cls, previewed: PreviewedMail) -> "Preview":
        """Its picture lies in itself, and its links lead nowhere."""
        mail = previewed.mail
        html = framed(mail.html)
        return cls(previewed.recipient, previewed.language, mail.subject, mail.text, html, previewed.told_at)


async def preview_of(
    request: Request[Any, Any, Any], application: StaffApplication, event: str, paragraph: str, now: datetime
) -> Preview | None:
    """The mail with these words of one's own; None where nobody is there to read it."""
    portal = portal_of(request)
    # What is too long for a mail is shown as far as it could go; confirming says that it is too long.
    words = clean_text(paragraph)[:PARAGRAPH_LENGTH]
    paragraphs = dict.fromkeys(LANGUAGES, words)
    mail = await mail_of_move(
        application.id, event, paragraphs, terms=portal.terms, house=portal.house, now=now
    )
    return Preview.of(mail) if mail else None
