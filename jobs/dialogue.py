"""Commands and answers over an open SMTP connection; several at once where the server allows it (RFC 2920).

aiosmtplib opens the connection, greets, begins TLS and logs in; from there on this takes over, because aiosmtplib
asks one thing at a time, and does not tell whether a failure came before a mail or after it.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from aiosmtplib import SMTPReadTimeoutError, SMTPServerDisconnected

_LONGEST_ANSWER = 64 * 1024
_CODE = 3


class Answer(NamedTuple):
    """What a server says, on one line or several."""

    code: int
    words: str


class Dialogue(asyncio.Protocol):
    """The protocol of a transport that is connected already."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._lines = b""
        self._said: list[bytes] = []
        self._answers: deque[Answer] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._heard: Callable[[Answer], None] | None = None
        self._is_lost = False
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether more can be said; not once the server has said something that nobody asked for."""
        return not self._is_lost and not self._answers and not self._transport.is_closing()

    def tell(self, *lines: bytes) -> None:
        """Send commands, or a mail; each has its own answer. Raises SMTPServerDisconnected."""
        if self._is_lost or self._transport.is_closing():
            raise SMTPServerDisconnected("the connection was lost")
        self._transport.write(b"".join(lines))

    async def answer(self, *, patience: float, heard: Callable[[Answer], None] | None = None) -> Answer:
        """The next answer. Raises SMTPServerDisconnected, SMTPReadTimeoutError after `patience` seconds.

        `heard` is called with it in the very instant in which it arrives, whatever else waits to be done, and also
        when whoever asked is cancelled in that instant.
        """
        if not self._answers:
            self._heard = heard
            await self._wait(patience)
        elif heard is not None:
            heard(self._answers[0])
        if not self._answers:
            raise SMTPServerDisconnected("the connection was lost")
        return self._answers.popleft()

    async def _wait(self, patience: float) -> None:
        if self._is_lost:
            return
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        alarm = loop.call_later(
            patience, _wake, self._waiting, SMTPReadTimeoutError("the server keeps silent")
        )
        try:
            await self._waiting
        finally:
            alarm.cancel()
            self._waiting = self._heard = None

    def close(self) -> None:
        """Hang up without a word."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Gather whole answers. A server that talks without end is left."""
        *lines, self._lines = (self._lines + data).split(b"\n")
        for line in lines:
            self._said.append(line)
            if line[_CODE : _CODE + 1] != b"-":
                answer = _answer(self._said)
                self._said = []
                self._answers.append(answer)
                if self._heard is not None:
                    heard, self._heard = self._heard, None
                    heard(answer)
        if len(self._lines) + sum(map(len, self._said)) > _LONGEST_ANSWER:
            self._transport.abort()
        elif self._answers:
            _wake(self._waiting)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's
        """Whoever waits gets no answer."""
        self._is_lost = True
        _wake(self._waiting)


def _wake(waiting: asyncio.Future[None] | None, error: Exception | None = None) -> None:
    if waiting is None or waiting.done():
        return
    if error is None:
        waiting.set_result(None)
    else:
        waiting.set_exception(error)


def _answer(lines: list[bytes]) -> Answer:
    words = "\n".join(line[_CODE + 1 :].strip().decode("utf-8", "replace") for line in lines)
    code = 0
    with suppress(ValueError):
        code = int(lines[-1][:_CODE])
    return Answer(code, words)
