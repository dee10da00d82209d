"""Every kind of mail in both languages, filled with the naughtiest strings: what goes over the wire is a mail."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.errors import MessageDefect
from email.parser import BytesParser
from typing import Any

import pytest

from jobs.composing import Envelope, compose, unsubscribe_url
from tests.support.real_data import naughty_strings, needs_real_data
from tests.workflow.messages.test_rendering import HOUSE, PARAMS
from workflow.language import LANGUAGES
from workflow.messages.policies import policy_of
from workflow.messages.rendering import render

ENVELOPE = Envelope(
    "Vivier <no-reply@example.org>",
    "zoe@example.org",
    None,
    datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    "0" * 32,
)
BREAKS = [
    "a\r\nBcc: victim@example.org",
    "a\nBcc: victim@example.org\n\nbody",
    "a\rBcc: victim@example.org",
    "a\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029Bcc: victim@example.org",
    "=?utf-8?q?a=0D=0ABcc:_victim?=",
    "\r\n.\r\nMAIL FROM:<x@example.org>",
    "." * 3000,
    "é" * 3000,
    "日本語 " * 400,
    "\u202eevil\u0000\ufeff",
]
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
}
OF_LISTS = {"List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Precedence"}


def filled(value: Any, words: str) -> Any:
    """Every text in the parameters of a mail replaced."""
    if isinstance(value, list):
        return [filled(each, words) for each in value]
    if isinstance(value, dict):
        return {name: each if name in KEPT else filled(each, words) for name, each in value.items()}
    return words if isinstance(value, str) else value


KEPT = {"title", "reason", "change", "path", "unsubscribe_url", "frequency"}
"""What the portal itself chooses among a few, or makes."""


def mail_of(kind: str, language: str, words: str) -> bytes:
    params = filled(PARAMS[kind], words)
    url = unsubscribe_url(kind, params)
    envelope = replace(ENVELOPE, language=language, unsubscribe_url=url)
    return compose(render(kind, language, params, house=HOUSE), envelope)


def faults(mail: bytes, kind: str) -> Iterator[str]:
    """What of a mail breaks a rule."""
    lines = mail.split(b"\r\n")
    if max(map(len, lines)) > 998:
        yield "a line is longer than RFC 5322 allows"
    if b"\n" in b"".join(lines) or b"\r" in b"".join(lines):
        yield "a line break that is none"
    if not mail.isascii() or b"\0" in mail:
        yield "more than 7 bits"
    if not mail.endswith(b"\r\n") or mail.startswith(b"."):
        yield "an end or a beginning that SMTP would change"
    parsed = BytesParser(policy=policy.strict).parsebytes(mail)
    names = [name for name, _ in parsed.items()]
    if sorted(names) != sorted(HEADERS | (OF_LISTS if policy_of(kind).is_bulk_subscription else set())):
        yield f"headers {names}"
    if [part.get_content_type() for part in parsed.walk()] != [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]:
        yield "parts"
    yield from map(repr, defects(parsed))


def defects(part: Any) -> list[MessageDefect]:
    """What the parser noticed, in a part and all within."""
    within = part.get_payload() if part.is_multipart() else []
    return [*part.defects, *(defect for each in within for defect in defects(each))]


def broken(strings: list[str]) -> dict[tuple[str, str, str], list[str]]:
    """Each string in one kind of mail or more, each kind in both languages with several strings."""
    places = [(kind, language) for kind in sorted(PARAMS) for language in LANGUAGES]
    found = {}
    for number in range(max(len(strings), len(places))):
        words, (kind, language) = strings[number % len(strings)], places[number % len(places)]
        mail = mail_of(kind, language, words)
        wrong = list(faults(mail, kind))
        if wrong or mail != mail_of(kind, language, words):
            found[kind, language, words] = wrong
    return found


@pytest.mark.parametrize("words", BREAKS)
def test_nothing_breaks_out_of_a_mail(words: str) -> None:
    assert broken([words]) == {}


@needs_real_data
def test_naughty_strings_make_sound_mails() -> None:
    assert broken(naughty_strings()) == {}
