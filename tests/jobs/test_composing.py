"""The bytes of a mail: the same each time, lines that every server takes, headers that nobody can add to."""

from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from uuid import UUID

import pytest

from jobs.composing import Envelope, compose, envelope_of, wire_address
from workflow.engine.outbox import Claim
from workflow.messages.rendering import Rendered
from workflow.messages.wrapping import wrapped

WORDS = Rendered("Décision : Ingénieur·e 日本語 " + "x" * 300, "Zoé\n" + "é" * 3000, "<p>" + "é" * 3000)
ENVELOPE = Envelope(
    "Vivier <no-reply@example.org>", "zoe@example.org", "fr", datetime(2026, 3, 2, 9, 30, tzinfo=UTC), "n4me"
)


def a_claim(recipient: str = "zoe@example.org", row: int = 7) -> Claim:
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    return Claim(
        id=row,
        kind="application_rejected",
        recipient=recipient,
        language="fr",
        params={},
        secret=None,
        rendered=None,
        attempts=1,
        created_at=at,
        due_at=at.replace(hour=10),
        expires_at=None,
        token=UUID(int=1),
    )


def test_mail_is_the_same_to_the_byte() -> None:
    assert compose(WORDS, ENVELOPE) == compose(WORDS, ENVELOPE)


def test_lines_are_short_ascii_and_end_in_crlf() -> None:
    mail = compose(WORDS, ENVELOPE)
    assert mail.isascii()
    assert b"\n" not in mail.replace(b"\r\n", b"")
    assert max(len(line) for line in mail.split(b"\r\n")) <= 78


def test_mail_reads_back_whole() -> None:
    mail = BytesParser(policy=policy.default).parsebytes(compose(WORDS, ENVELOPE))
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().rstrip() == wrapped(WORDS.text).replace("\n", "\r\n")
    assert html.get_content().rstrip() == WORDS.html
    headers = {name: str(value) for name, value in mail.items()}
    assert headers == {
        "From": "Vivier <no-reply@example.org>",
        "To": "zoe@example.org",
        "Subject": WORDS.subject,
        "Date": "Mon, 02 Mar 2026 09:30:00 +0000",
        "Message-ID": "<n4me@example.org>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": "fr",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/alternative; boundary="=_n4me_0"',
    }


@pytest.mark.parametrize("length", [*range(60, 90), 400])
def test_long_headers_begin_on_their_first_line(length: int) -> None:
    words = ("We have received your application for an engineer in scientific computing. " * 6)[
        :length
    ].strip()
    envelope = replace(ENVELOPE, sender=f"{words.replace('.', '')} <no-reply@example.org>")
    content = compose(replace(WORDS, subject=words), envelope)
    headers, _, _ = content.partition(b"\r\n\r\n")
    assert [line for line in headers.split(b"\r\n") if line.rstrip().endswith(b":")] == []
    assert max(len(line) for line in headers.split(b"\r\n")) <= 100
    mail = BytesParser(policy=policy.default).parsebytes(content)
    assert (str(mail["Subject"]), str(mail["From"])) == (words, envelope.sender)


def test_line_break_in_a_header_is_refused() -> None:
    broken = Rendered("Hello\r\nBcc: victim@example.org", "", "")
    with pytest.raises(ValueError, match="linefeed"):
        compose(broken, ENVELOPE)


def test_envelope_is_derived_from_the_row() -> None:
    first, again, other = (
        envelope_of(a_claim(row=row), sender="no-reply@example.org", key="k") for row in (7, 7, 8)
    )
    assert first == again
    assert first.name != other.name
    assert first.date.hour == 10


def test_name_of_a_mail_cannot_be_made_without_the_key() -> None:
    names = {envelope_of(a_claim(), sender="no-reply@example.org", key=key).name for key in ("k", "l", "")}
    assert len(names) == 3


@pytest.mark.parametrize("address", ["", "a@b@example.org", "nobody", "zoé@", "@exämple.org", "zoé@a b.org"])
def test_address_that_smtp_cannot_carry_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        envelope_of(a_claim(address), sender="no-reply@example.org", key="k")


def test_domain_is_written_as_smtp_carries_it_and_the_name_as_it_is() -> None:
    addresses = ["zoe@example.org", "zoe@exämple.org", "zoé@exämple.org"]
    assert [wire_address(address) for address in addresses] == [
        "zoe@example.org",
        "zoe@xn--exmple-cua.org",
        "zoé@xn--exmple-cua.org",
    ]


def test_address_beyond_ascii_stands_in_utf8_and_nothing_else_does() -> None:
    mail = compose(WORDS, replace(ENVELOPE, recipient="zoé@example.org"))
    lines = [line for line in mail.split(b"\r\n") if not line.isascii()]
    assert lines == ["To: zoé@example.org".encode()]


UNSUBSCRIBE = "https://careers.example.org/alerts/unsubscribe/" + "t0ken" * 40


def test_subscription_is_ended_by_headers_on_one_line_each() -> None:
    headers = (
        compose(WORDS, replace(ENVELOPE, unsubscribe_url=UNSUBSCRIBE))
        .partition(b"\r\n\r\n")[0]
        .split(b"\r\n")
    )
    lists = [line.decode() for line in headers if line.startswith((b"List-", b"Precedence"))]
    assert lists == [
        f"List-Unsubscribe: <{UNSUBSCRIBE}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "List-Id: <alerts.example.org>",
        "Precedence: bulk",
    ]
    assert not any(
        line.startswith((b"List-", b"Precedence")) for line in compose(WORDS, ENVELOPE).split(b"\r\n")
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mailto:x@example.org",
        "https://a>b",
        "https://a b",
        "https://é",
        "https://a\r\nBcc: b",
        "https://" + "a" * 980,
    ],
)
def test_address_that_ends_no_subscription_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="ends the subscription"):
        compose(WORDS, replace(ENVELOPE, unsubscribe_url=url))


def test_only_subscriptions_are_asked_how_they_end() -> None:
    digest = replace(a_claim(), kind="alert_digest", params={"unsubscribe_url": UNSUBSCRIBE})
    other = replace(a_claim(), params={"unsubscribe_url": UNSUBSCRIBE})
    found = [
        envelope_of(claim, sender="no-reply@example.org", key="k").unsubscribe_url
        for claim in (digest, other)
    ]
    assert found == [UNSUBSCRIBE, None]
    with pytest.raises(KeyError):
        envelope_of(replace(digest, params={}), sender="no-reply@example.org", key="k")
