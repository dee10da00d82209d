"""Connections to the mail server that stay open from one mail to the next, and from one sweep to the next."""

import asyncio
from dataclasses import dataclass

from jobs.smtp import Conversation, MailServer

SECONDS_IDLE = 20.0
"""Servers close what is idle after minutes; who needs us rarely need not be held a place."""

MOST_MAILS = 100
"""So many mails a connection: behind one name several servers may take turns."""

_SECONDS_TRUSTED = 1.0
"""So long an idle connection is believed to be still there."""


@dataclass(frozen=True, slots=True)
class _Idle:
    conversation: Conversation
    since: float


class Connections:
    """Conversations for one relay; belongs to one event loop."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._idle: list[_Idle] = []

    async def take(self, *, fresh: bool = False) -> Conversation:
        """An open conversation, or a new one; give it back. Raises SMTPException or OSError."""
        while self._idle and not fresh:
            idle = self._idle.pop()  # the last one used, so that others can grow old
            is_trusted = _tick() - idle.since < _SECONDS_TRUSTED
            if idle.conversation.is_open and (is_trusted or await idle.conversation.is_alive()):
                return idle.conversation
        return await self._server.connect()

    async def give_back(self, conversation: Conversation) -> None:
        """Keep it for the next mail, or end it when it has carried enough."""
        if not conversation.is_open:
            return
        if conversation.mails >= MOST_MAILS:
            await conversation.end()
        else:
            self._idle.append(_Idle(conversation, _tick()))

    async def close_idle(self, *, seconds: float = SECONDS_IDLE) -> None:
        """End those that nobody has needed for a while."""
        old = [idle for idle in self._idle if _tick() - idle.since >= seconds]
        self._idle = [idle for idle in self._idle if idle not in old]
        await asyncio.gather(*(idle.conversation.end() for idle in old))

    async def close(self) -> None:
        """End all that are idle."""
        await self.close_idle(seconds=0)


class Pace:
    """So many mails a second, evenly; 0: as many as there are."""

    def __init__(self, mails_per_second: int) -> None:
        self._seconds = 1 / mails_per_second if mails_per_second else 0.0
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until the next mail may go."""
        if not self._seconds:
            return
        now = _tick()
        self._next = max(self._next, now)
        wait, self._next = self._next - now, self._next + self._seconds
        await asyncio.sleep(wait)


def _tick() -> float:
    return asyncio.get_running_loop().time()
