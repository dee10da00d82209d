"""The mailbox of a copy that sends no mail: what is kept, what is read back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from jobs.composing import Envelope, compose
from workflow.messages.mailbox import Mail, keep, message, messages
from workflow.messages.rendering import MARK_ID, Rendered

SENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MAIL = compose(
    Rendered("Été, 日本", "Bonjour Zoé\n", f'<p>Bonjour Zoé <img src="cid:{MARK_ID}"></p>\n'),
    Envelope("Vivier <no-reply@example.org>", "zoe@example.org", "fr", SENT, "abc"),
)


def test_messages_are_read_back_newest_first(tmp_path: Path) -> None:
    first = keep(tmp_path / "mailbox", MAIL, SENT)
    second = keep(tmp_path / "mailbox", MAIL, SENT + timedelta(microseconds=1))
    found = messages(tmp_path / "mailbox")
    assert [mail.id for mail in found] == [second, first]
    mail = found[1]
    assert mail == Mail(
        id=first,
        to="zoe@example.org",
        sender="Vivier <no-reply@example.org>",
        subject="Été, 日本",
        text="Bonjour Zoé\n",
        html=mail.html,
        headers=mail.headers,
        sent_at=SENT,
    )
    assert mail.html is not None
    assert mail.html.startswith('<p>Bonjour Zoé <img src="data:image/png;base64,iVBOR')
    assert dict(mail.headers)["Auto-Submitted"] == "auto-generated"
    assert messages(tmp_path / "mailbox", limit=1) == found[:1]


def test_mail_as_json_has_the_documented_names(tmp_path: Path) -> None:
    keep(tmp_path, MAIL, SENT)
    json = messages(tmp_path)[0].as_json()
    assert {"to", "from", "subject", "text", "html", "headers", "sent_at"} <= set(json)
    assert json["sent_at"] == "2026-03-02T09:30:00+00:00"


def test_mailbox_without_mails_is_empty(tmp_path: Path) -> None:
    assert messages(tmp_path / "none") == []


def test_half_written_mail_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / ".20260302093000000000-00000000.new").write_bytes(MAIL)
    assert messages(tmp_path) == []


def test_odd_mail_is_shown_as_well_as_it_goes(tmp_path: Path) -> None:
    mail_id = keep(tmp_path, b"Subject: =?utf-8?q?broken\r\nDate: yesterday\r\n\r\n\xff\xfe", SENT)
    found = message(tmp_path, mail_id)
    assert found is not None
    assert (found.to, found.html, found.sent_at) == ("", None, SENT)


def test_subject_that_begins_on_its_second_line_is_shown_without_its_indent(tmp_path: Path) -> None:
    mail_id = keep(tmp_path, b"Subject:\r\n We have received it\r\n\r\n", SENT)
    found = message(tmp_path, mail_id)
    assert found is not None
    assert found.subject == "We have received it"


def test_id_cannot_leave_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.eml").write_bytes(MAIL)
    assert message(tmp_path / "mailbox", "../secret") is None
    assert message(tmp_path, "secret") is None
