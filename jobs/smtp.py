"""The conversation with the mail server, and what its failures mean for a mail."""

from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

_PATIENCE = 15.0
_NO_SUCH_RECIPIENT = frozenset({550, 551, 553})
_SERVICE_CLOSING = 421


class Verdict(Enum):
    """What becomes of a mail that did not go out."""

    DEAD = "dead"
    """Nobody can ever receive it."""
    FEW_TRIES = "few tries"
    """The server refuses it; a few more tries, then it is dead."""
    LATER = "later"
    """It may go better later."""
    SERVER_DOWN = "server down"
    """No mail can go out; this was not a try."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """How to reach the server that takes our mails."""

    host: str
    port: int
    tls: bool
    user: str | None = None
    password: str | None = None

    @classmethod
    def from_url(cls, url: str) -> "MailServer":
        """`smtp://user:password@host:port`, or `smtps://` for TLS from the first byte."""
        parts = urlsplit(url)
        tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port or (465 if tls else 587 if parts.username else 25),
            tls=tls,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password or "") if parts.username else None,
        )

    async def connect(self) -> "Conversation":
        """Begin a conversation. STARTTLS is used where it is offered, and demanded before a password is told.

        Raises SMTPException or OSError.
        """
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.tls,
            start_tls=None if self.tls or not self.user else True,
            local_hostname="vivier.localdomain",
            timeout=_PATIENCE,
        )
        await client.connect()
        return Conversation(client)


class Conversation:
    """An open connection, for one mail after the other."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self._client = client

    @property
    def is_open(self) -> bool:
        return self._client.is_connected

    async def send(self, sender: str, recipient: str, mail: bytes) -> str:
        """Hand over one mail; what the server said when it took it.

        Raises SMTPException, OSError, or ValueError for an address that cannot be said. After anything
        but an answer the conversation is over, for nobody knows where it stands.
        """
        try:
            _, said = await self._client.sendmail(sender, [recipient], mail)
        except (SMTPResponseException, SMTPRecipientsRefused):
            raise
        except BaseException:
            self._client.close()
            raise
        return said

    async def end(self) -> None:
        """Say good-bye, if there is still somebody to say it to."""
        with suppress(SMTPException, OSError):
            await self._client.quit(timeout=1)
        self._client.close()


def verdict_on(error: Exception) -> Verdict:
    """What a failure means for the mail that met it.

    A refused sender or login concerns every mail alike: the installation is to be mended, no mail dies of it.
    """
    if isinstance(error, SMTPRecipientsRefused):
        code = error.recipients[0].code
        return Verdict.DEAD if code in _NO_SUCH_RECIPIENT else _verdict_on_code(code)
    if isinstance(error, SMTPConnectError | SMTPHeloError | SMTPAuthenticationError | SMTPSenderRefused):
        return Verdict.SERVER_DOWN
    if isinstance(error, SMTPResponseException):
        return _verdict_on_code(error.code)
    return Verdict.DEAD if isinstance(error, ValueError) else Verdict.LATER


def _verdict_on_code(code: int) -> Verdict:
    if code == _SERVICE_CLOSING:
        return Verdict.SERVER_DOWN
    return Verdict.FEW_TRIES if code >= 500 else Verdict.LATER


def described(error: Exception) -> str:
    """What went wrong, for the row's receipt."""
    if isinstance(error, SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {error.message}"
    return f"{type(error).__name__}: {error}"
