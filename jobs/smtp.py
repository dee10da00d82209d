"""The conversation with the mail server: opened, secured, one mail after the other, ended."""

import asyncio
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from jobs.dialogue import Answer, Dialogue
from jobs.verdicts import Unanswered, described

_PATIENCE = 15.0
_PATIENCE_AT_THE_END = 60.0
"""Servers look into a mail before they take it; RFC 5321 would let them have ten minutes."""

LONGEST_CONVERSATION = 10 * _PATIENCE + _PATIENCE_AT_THE_END
"""Seconds that opening a connection and sending a mail can take: connecting, greeting, TLS, greeting again, logging
in by two commands, asking whether it lives; sender, recipient, DATA; the mail.
"""

_SAYABLE = re.compile(r"[^\s<>]+@[^\s<>@]+")

_TAKEN, _WILL_FORWARD, _GO_AHEAD, _REFUSALS = 250, 251, 354, 400


@dataclass(frozen=True, slots=True)
class MailServer:
    """How to reach the server that takes our mails. `trusted`: whose certificates are believed; the system's."""

    host: str
    port: int
    tls: bool
    user: str | None = None
    password: str | None = None
    patience: float = _PATIENCE
    patience_at_the_end: float = _PATIENCE_AT_THE_END
    trusted: ssl.SSLContext | None = field(default=None, repr=False)

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
            tls_context=self.trusted,
            local_hostname="vivier.localdomain",
            timeout=self.patience,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
            return Conversation(client, self)
        except BaseException:
            client.close()
            raise


class Conversation:
    """An open connection, for one mail after the other. `mails`: how many it was asked to carry."""

    def __init__(self, client: aiosmtplib.SMTP, server: MailServer) -> None:
        if client.transport is None:
            raise SMTPServerDisconnected("the connection was lost")
        self._dialogue = Dialogue(cast("asyncio.Transport", client.transport))
        self._extensions = frozenset(client.esmtp_extensions)
        self._server = server
        self.mails = 0

    @property
    def is_open(self) -> bool:
        return self._dialogue.is_open

    async def send(self, sender: str, recipient: str, mail: bytes, *, taken: Callable[[str], None]) -> None:
        """Hand over one mail, whose lines end in CRLF.

        `taken` is called with what the server said in the instant in which it says that it has taken the mail.
        Raises Unanswered where it may have been taken; SMTPException or OSError where it was not; ValueError for
        an address that cannot be said to this server. After anything but an answer the conversation is over, for
        nobody knows where it stands.
        """
        self.mails += 1
        commands = self._commands(sender, recipient, len(mail))
        try:
            await self._announce(sender, recipient, commands)
            await self._hand_over(mail, taken)
        except SMTPResponseException:
            await self.is_alive()  # and ready for the next one
            raise
        except BaseException:
            self._dialogue.close()
            raise

    def _commands(self, sender: str, recipient: str, size: int) -> tuple[bytes, bytes, bytes]:
        if not recipient.isascii() and "smtputf8" not in self._extensions:
            raise ValueError("the address has letters that this mail server does not take (SMTPUTF8)")
        options = f" SIZE={size}" if "size" in self._extensions else ""
        options += "" if recipient.isascii() else " SMTPUTF8"
        return (
            f"MAIL FROM:<{_sayable(sender)}>{options}\r\n".encode(),
            f"RCPT TO:<{_sayable(recipient)}>\r\n".encode(),
            b"DATA\r\n",
        )

    async def _announce(self, sender: str, recipient: str, commands: tuple[bytes, bytes, bytes]) -> None:
        """Sender, recipient and DATA, at once where the server takes several commands at once."""
        if "pipelining" in self._extensions:
            self._dialogue.tell(*commands)
            answers = [await self._answer() for _ in commands]
            if answers[-1].code == _GO_AHEAD and any(each.code >= _REFUSALS for each in answers):
                self._dialogue.close()  # it would take a mail for nobody
            from_, to, data = answers
        else:
            from_ = await self._asked(commands[0])
            to = await self._asked(commands[1]) if from_.code == _TAKEN else from_
            data = await self._asked(commands[2]) if to.code in {_TAKEN, _WILL_FORWARD} else to
        if from_.code != _TAKEN:
            raise SMTPSenderRefused(*from_, sender)
        if to.code not in {_TAKEN, _WILL_FORWARD}:
            raise SMTPRecipientRefused(*to, recipient)
        if data.code != _GO_AHEAD:
            raise SMTPDataError(*data)

    async def _hand_over(self, mail: bytes, taken: Callable[[str], None]) -> None:
        def heard(answer: Answer) -> None:
            if answer.code == _TAKEN:
                taken(answer.words)

        stuffed = mail.replace(
            b"\r\n.", b"\r\n.."
        )  # RFC 5321, section 4.5.2; no mail of ours begins with a dot
        self._dialogue.tell(stuffed, b".\r\n")
        try:
            answer = await self._dialogue.answer(patience=self._server.patience_at_the_end, heard=heard)
        except (SMTPException, OSError) as error:
            raise Unanswered(f"no answer to the mail: {described(error)}") from error
        if answer.code < _REFUSALS and answer.code != _TAKEN:
            raise Unanswered(f"an odd answer to the mail: {answer.code} {answer.words}")
        if answer.code >= _REFUSALS:
            raise SMTPDataError(*answer)

    async def _asked(self, command: bytes) -> Answer:
        self._dialogue.tell(command)
        return await self._answer()

    async def _answer(self) -> Answer:
        return await self._dialogue.answer(patience=self._server.patience)

    async def is_alive(self) -> bool:
        """Ask whether the server still listens, and let it forget the last sender; it may be gone in silence."""
        try:
            is_well = (await self._asked(b"RSET\r\n")).code == _TAKEN
        except (SMTPException, OSError):
            is_well = False
        if not is_well:
            self._dialogue.close()
        return self.is_open

    async def end(self) -> None:
        """Say good-bye, if there is still somebody to say it to."""
        with suppress(SMTPException, OSError):
            self._dialogue.tell(b"QUIT\r\n")
            await self._dialogue.answer(patience=1)
        self._dialogue.close()


def _sayable(address: str) -> str:
    """The address, if it cannot be taken for anything else in a command."""
    if not _SAYABLE.fullmatch(address) or not address.isprintable():
        raise ValueError("the address cannot be said in a command")
    return address
