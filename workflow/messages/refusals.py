"""What a mail server means when it refuses a recipient: that nobody is there, or that it will not take it from us."""

import re
from enum import Enum


class Refusal(Enum):
    """What a refusal is about, as far as the server says it."""

    NO_MAILBOX = "no mailbox"
    """This very address is wrong, or its mailbox closed, for good."""
    NOT_NOW = "not now"
    """Us, our mail, a rule of the server or a full mailbox: what somebody can mend."""
    UNCLEAR = "unclear"
    """Something else, or it does not say."""


# Of RFC 3463: the second and the third number say what it is about.
_NO_MAILBOX = frozenset({(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)})
_NOT_NOW = frozenset({(1, 7), (1, 8), (2, 2)})
_POLICY = 7

_ENHANCED = re.compile(r"^(?:\d{3}[ -])?[ (\[#]*([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)", re.MULTILINE)
_ADDRESSES = re.compile(r"\S*@\S*")
"""What a server repeats of an address is not its own words."""

_ABOUT_US = re.compile(
    r"\b(?:block|spam|polic|relay|sender|black|white|grey|gray|reputation|client|host|helo|ehlo|r?dns|spf|dkim|dmarc"
    r"|auth|quota|full\b|rate\b|limit|temporar|too many|try again|lists?\b|listed|rbl|ptr\b|banned|mail from)",
    re.IGNORECASE,
)
_NAMES = "user|mailbox|recipient|address|account|person|alias"
_NOBODY = re.compile(
    rf"\bno such|\bunknown\b|does(?: not|n['’]t) (?:exist|have)|\bnot found\b|\binvalid (?:\w+ )?(?:{_NAMES})"
    rf"|\bno (?:\w+ )?(?:mailbox|{_NAMES})\b|\bnot a (?:valid|known) (?:{_NAMES})|\bunrouteable address"
    rf"|(?:{_NAMES})\b(?: \w+){{0,3}} (?:disabled|deactivated|inactive|discontinued|invalid)\b",
    re.IGNORECASE,
)


def refusal_of(code: int, said: str) -> Refusal:
    """What the answer to a recipient is about. Its enhanced code counts; only without one its words do.

    Words that could be about us are: then it is tried again, which harms nobody.
    """
    if code < 500:
        return Refusal.NOT_NOW
    if enhanced := _ENHANCED.search(said):
        return _by_number(*map(int, enhanced.groups()))
    words = _ADDRESSES.sub(" ", said)
    if _ABOUT_US.search(words):
        return Refusal.NOT_NOW
    return Refusal.NO_MAILBOX if _NOBODY.search(words) else Refusal.UNCLEAR


def _by_number(kind: int, subject: int, detail: int) -> Refusal:
    if kind != 5 or subject == _POLICY or (subject, detail) in _NOT_NOW:
        return Refusal.NOT_NOW
    return Refusal.NO_MAILBOX if (subject, detail) in _NO_MAILBOX else Refusal.UNCLEAR
