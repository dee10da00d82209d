"""Catching the mails of a copy that sends none: a real SMTP server, so that they take the real way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from jobs.smtp import MailServer
from workflow.messages.mailbox import keep

_LOOPBACK = "127.0.0.1"


class _Keeper:
    """aiosmtpd's handler: every mail goes into the folder."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802  # aiosmtpd's
        content = envelope.content
        keep(self._folder, content if isinstance(content, bytes) else b"", self._clock())
        return "250 2.0.0 kept in the mailbox"


@asynccontextmanager
async def open_mailbox(folder: Path, clock: Callable[[], datetime]) -> AsyncIterator[MailServer]:
    """Listen on a free port of the loopback address for as long as the block runs."""

    def conversation() -> SMTP:
        return SMTP(_Keeper(folder, clock), hostname="mailbox.localdomain", loop=loop)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(conversation, host=_LOOPBACK, port=0)
    try:
        port: int = server.sockets[0].getsockname()[1]
        yield MailServer(host=_LOOPBACK, port=port, tls=False)
    finally:
        server.close()
