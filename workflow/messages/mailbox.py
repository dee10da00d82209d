"""The mailbox of a copy that sends no real mail: a folder of `.eml` files, and reading them."""

import base64
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, cast

_ID = re.compile(r"\d{20}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it arrived. `html` carries its pictures in itself; it is a stranger's: show it in a sandbox."""

    id: str
    to: str
    sender: str
    subject: str
    text: str
    html: str | None
    headers: tuple[tuple[str, str], ...]
    sent_at: datetime

    def as_json(self) -> dict[str, Any]:
        """The form of `/dev/mailbox.json`."""
        return {
            "id": self.id,
            "to": self.to,
            "from": self.sender,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "headers": dict(self.headers),
            "sent_at": self.sent_at.isoformat(),
        }


def keep(folder: Path, mail: bytes, now: datetime) -> str:
    """Store a mail whole or not at all; its id, which sorts by arrival."""
    folder.mkdir(parents=True, exist_ok=True)
    mail_id = f"{now.astimezone(UTC):%Y%m%d%H%M%S%f}-{secrets.token_hex(4)}"
    draft = folder / f".{mail_id}.new"
    draft.write_bytes(mail)
    draft.replace(folder / f"{mail_id}.eml")
    return mail_id


def messages(folder: Path, *, limit: int = 200) -> list[Mail]:
    """The latest mails, newest first; none where nothing has arrived yet."""
    names = [path.stem for path in folder.glob("*.eml")]
    newest = sorted((name for name in names if _ID.fullmatch(name)), reverse=True)[:limit]
    return [mail for name in newest if (mail := message(folder, name))]


def message(folder: Path, mail_id: str) -> Mail | None:
    """One mail; None where there is none of this id."""
    if not _ID.fullmatch(mail_id):
        return None
    try:
        content = (folder / f"{mail_id}.eml").read_bytes()
    except FileNotFoundError:
        return None
    return _read(mail_id, content)


def forget(folder: Path, names: Collection[str]) -> int:
    """Delete the mails whose Message-ID begins with one of these names; how many they were."""
    forgotten = 0
    for path in folder.glob("*.eml") if names else ():
        try:
            with path.open("rb") as file:
                headers = BytesHeaderParser(policy=policy.default).parse(file)
        except FileNotFoundError:  # another worker was here first
            continue
        if str(headers["Message-ID"] or "").strip("<> ").partition("@")[0] in names:
            path.unlink(missing_ok=True)
            forgotten += 1
    return forgotten


def _read(mail_id: str, content: bytes) -> Mail:
    parsed = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(content)
    return Mail(
        id=mail_id,
        to=str(parsed["To"] or ""),
        sender=str(parsed["From"] or ""),
        subject=str(parsed["Subject"] or "").strip(),
        text=_body(parsed, "plain") or "",
        html=_with_pictures(parsed, _body(parsed, "html")),
        headers=tuple((name, str(value)) for name, value in parsed.items()),
        sent_at=_sent_at(parsed, mail_id),
    )


def _body(parsed: EmailMessage, kind: str) -> str | None:
    part = parsed.get_body(preferencelist=(kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else None


def _with_pictures(parsed: EmailMessage, html: str | None) -> str | None:
    """Put each picture in the place of its `cid:` address."""
    if html is None:
        return None
    for part in parsed.walk():
        content_id = str(part["Content-ID"] or "").strip("<> ")
        if content_id and part.get_content_maintype() == "image":
            data = base64.b64encode(cast("bytes", part.get_payload(decode=True))).decode()
            html = html.replace(f"cid:{content_id}", f"data:{part.get_content_type()};base64,{data}")
    return html


def _sent_at(parsed: EmailMessage, mail_id: str) -> datetime:
    try:
        return parsedate_to_datetime(str(parsed["Date"])).astimezone(UTC)
    except ValueError:
        return datetime.strptime(mail_id[:20], "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
