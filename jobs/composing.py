"""From words to the bytes of a mail; everything that varies is derived from the outbox row."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Any, Protocol

from email_validator import EmailNotValidError, validate_email

from workflow.engine.outbox import Claim
from workflow.messages.policies import policy_of
from workflow.messages.rendering import MARK_ID, Rendered, mark
from workflow.messages.wrapping import wrapped

# A header that begins with an empty line, as Python folds one whose first words would fill a line of their own.
_EMPTY_FIRST_LINE = re.compile(rb"\A([^:\s]+):[ ]*\r\n[ ]")
_FOLDING = EmailPolicy(linesep="\r\n")

_PLAIN_LINE = re.compile(r"[ -~]*")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]+@[a-z\d.-]+", re.IGNORECASE)
_WEB_ADDRESS = re.compile(r"https?://[!-;=?-~]+")
_BYTES_A_WORD = 42
"""In base64 these are 56 characters, an encoded word of 68, and a line of a subject that is not too long."""

_SHORT = 78
_LONGEST = 998
"""Bytes of a line, its end left out (RFC 5322, section 2.1.1)."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom, to whom, when, and the name by which a repeat is recognised.

    `unsubscribe_url`: where one click ends a subscription, for mails of one.
    """

    sender: str
    recipient: str
    language: str | None
    date: datetime
    name: str
    unsubscribe_url: str | None = None


def envelope_of(claim: Claim, *, sender: str, key: str) -> Envelope:
    """The envelope of a row. Its date is the row's due date: a held decision must not show when it was taken.

    Nor may its name: without the `key` nobody can try out which row and which instant it was made from.
    Raises ValueError where the row's address is not one that SMTP can carry, or a subscription cannot be ended.
    """
    return Envelope(
        sender,
        wire_address(claim.recipient or ""),
        claim.language,
        claim.due_at,
        name_of(claim, key=key),
        unsubscribe_url(claim.kind, claim.params),
    )


def wire_address(address: str) -> str:
    """An address as SMTP carries it: its domain in ASCII (IDNA). What stands before the @ stays as it is.

    Raises ValueError for what is none.
    """
    if address.count("@") != 1:
        raise ValueError("the address cannot be written to")
    if address.isascii():
        return address
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValueError("the address cannot be written to") from None
    return f"{checked.local_part}@{checked.ascii_domain}"


def unsubscribe_url(kind: str, params: Mapping[str, Any]) -> str | None:
    """Where one click ends the subscription that a kind of mail belongs to; None for mails of none."""
    return str(params["unsubscribe_url"]) if policy_of(kind).is_bulk_subscription else None


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

    Only an address with letters beyond ASCII before its @ stands in UTF-8, for servers that offer SMTPUTF8.
    Raises ValueError for an address that would break its header.

    Put together by hand, a part after the other: Python's EmailMessage takes twenty times as long.
    """
    outer, inner = f"=_{envelope.name}_0", f"=_{envelope.name}_1"
    return b"".join(
        (
            _headers(rendered, envelope),
            f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="{outer}"\r\n\r\n'
            f"--{outer}\r\n".encode(),
            _words("plain", wrapped(rendered.text)),
            f"--{outer}\r\n"
            f'Content-Type: multipart/related; type="text/html";\r\n boundary="{inner}"\r\n\r\n'
            f"--{inner}\r\n".encode(),
            _words("html", rendered.html),
            f"--{inner}\r\n".encode(),
            _mark(),
            f"--{inner}--\r\n\r\n--{outer}--\r\n".encode(),
        )
    )


def _headers(rendered: Rendered, envelope: Envelope) -> bytes:
    sender, domain = _sender(envelope.sender)
    headers = [
        sender,
        _recipient(envelope.recipient),
        _header("Subject", rendered.subject),
        f"Date: {format_datetime(envelope.date)}\r\n".encode(),
        f"Message-ID: <{envelope.name}@{domain}>\r\n".encode(),
        b"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n",
    ]
    if envelope.unsubscribe_url is not None:
        headers += _subscription(envelope.unsubscribe_url, domain)
    if envelope.language:
        headers.append(_header("Content-Language", envelope.language))
    return b"".join(headers)


def _subscription(url: str, domain: str) -> list[bytes]:
    """How a reader's program ends the subscription (RFC 2369, RFC 8058), and knows the list again (RFC 2919).

    On one line each: folded, Python would write a long address as encoded words, which nobody reads there, and
    servers sign the lines as they stand.
    """
    if not _WEB_ADDRESS.fullmatch(url) or len(url) > _LONGEST - 30:
        raise ValueError("the address that ends the subscription cannot be written")
    return [
        f"List-Unsubscribe: <{url}>\r\n".encode(),
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        f"List-Id: <alerts.{domain}>\r\n".encode(),
        b"Precedence: bulk\r\n",
    ]


def _header(name: str, value: str) -> bytes:
    """A header, on its one line where that is short; as Python folds it; or in encoded words (RFC 2047).

    What looks like an encoded word itself is encoded again: Python would decode it, line breaks and all, and so
    let a title write headers.
    """
    if not value.isascii() or "=?" in value:
        return f"{name}: {_encoded_words(value)}\r\n".encode("ascii")
    if _PLAIN_LINE.fullmatch(value) and len(name) + 2 + len(value) <= _SHORT:
        return f"{name}: {value}\r\n".encode("ascii")
    return _folded(name, value)


def _encoded_words(value: str) -> str:
    """One a line, none of which ends within a letter. Raises ValueError for what breaks a line."""
    if "\r" in value or "\n" in value:
        raise ValueError("a header with a linefeed in it")
    words, word = [], b""
    for letter in map(str.encode, value):
        if len(word) + len(letter) > _BYTES_A_WORD:
            words.append(word)
            word = b""
        word += letter
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(each).decode()}?=" for each in (*words, word))


@lru_cache(maxsize=8)
def _sender(sender: str) -> tuple[bytes, str]:
    """The header of who writes, and the domain that they write from."""
    name, address = parseaddr(sender)
    return _folded("From", Address(name, addr_spec=address)), address.rpartition("@")[2]


def _recipient(address: str) -> bytes:
    """As it stands: folded, Python would decode what looks like an encoded word, line breaks and all."""
    if not _ADDRESS.fullmatch(address) or not address.isprintable():
        raise ValueError("the address cannot be written to")
    return f"To: {address}\r\n".encode()


def _folded(name: str, value: str | Address) -> bytes:
    """Short lines, but never an empty first one: readers would show the value with a leading space."""
    _, header = _FOLDING.header_store_parse(name, value)
    return _EMPTY_FIRST_LINE.sub(rb"\1: ", _FOLDING.fold_binary(name, header))


def _words(subtype: str, words: str) -> bytes:
    """A part in quoted-printable (RFC 2045), which readers of the source can nearly read."""
    lines = words.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    encoded = binascii.b2a_qp(lines.encode("utf-8"), istext=True).replace(b"\n", b"\r\n")
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + encoded + b"\r\n"  # this one belongs to the boundary


@lru_cache(maxsize=1)
def _mark() -> bytes:
    head = (
        "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-ID: <{MARK_ID}>\r\nContent-Disposition: inline; filename="mark.png"\r\n\r\n'
    )
    return head.encode() + base64.encodebytes(mark()).replace(b"\n", b"\r\n")
