"""A real SMTP server for the tests, which can refuse, vanish and come back."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, slots=True)
class Received:
    """A mail that arrived."""

    recipient: str
    content: bytes


@dataclass
class SmtpSink:
    """`refusals`: recipient → answer to RCPT. `data_answers`: answers to the next mails, instead of taking them.

    `journals`: a folder for the relays that send to it; `closing`: what of them is called before it ends.
    """

    port: int
    journals: Path
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    data_answers: list[str] = field(default_factory=list)
    delay: float = 0.0
    data_begun: int = 0
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def recipients(self) -> list[str]:
        return [mail.recipient for mail in self.received]

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,  # noqa: ARG002  # aiosmtpd's signature
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],  # noqa: ARG002
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        self.data_begun += 1
        await asyncio.sleep(self.delay)
        content: Any = envelope.original_content
        if self.data_answers and (answer := self.data_answers.pop(0)):
            return answer
        self.received += [Received(address, content) for address in envelope.rcpt_tos]
        return f"250 2.0.0 taken as {len(self.received)}"

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, hostname="sink.localdomain", loop=loop), "127.0.0.1", self.port
        )

    async def stop(self) -> None:
        """Take no more connections."""
        if self._server is not None:
            self._server.close()
            self._server = None


@asynccontextmanager
async def smtp_sink() -> AsyncIterator[SmtpSink]:
    """A server that takes every mail until told otherwise."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with TemporaryDirectory(prefix="vivier-journals-") as folder:
        sink = SmtpSink(port, Path(folder))
        await sink.start()
        try:
            yield sink
        finally:
            for close in sink.closing:
                await close()
            await sink.stop()
