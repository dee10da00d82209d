"""From words to the bytes of a mail; everything that varies is derived from the outbox row."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Protocol, cast

from workflow.engine.outbox import Claim
from workflow.messages.rendering import MARK_ID, Rendered, mark

# A header that begins with an empty line, as Python folds one whose first words would fill a line of their own.
_EMPTY_FIRST_LINE = re.compile(rb"\A([^:\s]+):[ ]*\r\n[ ]")


class _Folding(EmailPolicy):
    """Short lines, but never an empty first one: readers would show the value with a leading space."""

    def fold_binary(self, name: str, value: str) -> bytes:
        return _EMPTY_FIRST_LINE.sub(rb"\1: ", super().fold_binary(name, value))


_FOLDING = _Folding(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom, to whom, when, and the name by which a repeat is recognised."""

    sender: str
    recipient: str
    language: str | None
    date: datetime
    name: str


def envelope_of(claim: Claim, *, sender: str, key: str) -> Envelope:
    """The envelope of a row. Its date is the row's due date: a held decision must not show when it was taken.

    Nor may its name: without the `key` nobody can try out which row and which instant it was made from.
    Raises ValueError where the row's address is not one that SMTP can carry.
    """
    recipient = claim.recipient or ""
    if not recipient.isascii() or recipient.count("@") != 1:
        raise ValueError("the address cannot be written to")
    return Envelope(sender, recipient, claim.language, claim.due_at, name_of(claim, key=key))


class Row(Protocol):
    """What of a row of the outbox its mail's name is made from."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def recipient(self) -> str | None: ...
    @property
    def created_at(self) -> datetime: ...


def name_of(row: Row, *, key: str) -> str:
    """The name by which a row's mail is recognised: the first part of its Message-ID."""
    identity = f"{row.id}/{row.kind}/{row.recipient or ''}/{row.created_at.isoformat()}"
    return hmac.new(key.encode(), identity.encode(), hashlib.sha256).hexdigest()[:32]


def compose(rendered: Rendered, envelope: Envelope) -> bytes:
    """The mail as it goes over the wire: 7-bit, short lines, the same bytes for the same arguments.

    Raises ValueError for an address that would break its header.
    """
    sender_name, sender_address = parseaddr(envelope.sender)
    mail = EmailMessage(policy=_FOLDING)
    mail["From"] = Address(sender_name, addr_spec=sender_address)
    mail["To"] = Address(addr_spec=envelope.recipient)
    mail["Subject"] = rendered.subject
    mail["Date"] = format_datetime(envelope.date)
    mail["Message-ID"] = f"<{envelope.name}@{sender_address.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(rendered.text, cte="quoted-printable")
    mail.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    if envelope.language:  # not sooner: what is called Content-… moves into the parts
        mail["Content-Language"] = envelope.language
    html = cast("EmailMessage", mail.get_payload(1))
    html.add_related(mark(), "image", "png", cid=f"<{MARK_ID}>", disposition="inline", filename="mark.png")
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{envelope.name}_{number}")
    return mail.as_bytes()
