"""A mail server that fails in all the ways there are, and remembers every copy that it took."""

import asyncio
import hashlib
import random
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

_MESSAGE_ID = re.compile(rb"^Message-ID: <([^@>]+)@", re.MULTILINE)
_END = b"\r\n.\r\n"

FAULTS = {
    "421 before the mail": 0.01,
    "450 to the recipient": 0.03,
    "silence to DATA": 0.01,
    "451 to the mail": 0.03,
    "554 to the mail": 0.01,
    "taken, then silence": 0.01,
    "silence": 0.005,
    "taken, then gone": 0.02,
    "gone": 0.01,
}
"""How often each happens; what begins with “taken” delivers the mail and says so to nobody."""


@dataclass
class Copy:
    """A mail that the server took. `is_answered`: it said so; `is_last`: after that the connection said nothing."""

    name: str
    recipient: str
    digest: str
    is_answered: bool
    is_last: bool = True


@dataclass
class FaultySink:
    """What happened at the server. `likely`: how often what happens; `only_once`: what happens next; `is_well`: it
    fails no more.
    """

    likely: dict[str, float]
    only_once: set[str] = field(default_factory=set)
    port: int = 0
    transports: list[asyncio.Transport] = field(default_factory=list)
    is_well: bool = False
    copies: list[Copy] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FAULTS, 0))
    refused: set[str] = field(default_factory=set)

    def fails(self, fault: str) -> bool:
        """Whether this fault happens now."""
        happens = not self.is_well and random.random() < self.likely.get(fault, 0.0)
        if fault in self.only_once:
            self.only_once.remove(fault)
            happens = True
        self.faults[fault] += happens
        return happens

    @property
    def recipients(self) -> list[str]:
        return [copy.recipient for copy in self.copies]


class _Conversation(asyncio.Protocol):
    def __init__(self, sink: FaultySink) -> None:
        self._sink = sink
        self._bytes = b""
        self._is_mail = False
        self._is_silent = False
        self._recipient = ""
        self._last: Copy | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._sink.transports.append(transport)
        transport.write(b"220 faulty ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        if self._last is not None:
            self._last.is_last = False  # whoever goes on has heard the answer
        self._bytes += data
        while not self._is_silent and not self._transport.is_closing():
            mark = _END if self._is_mail else b"\r\n"
            whole, found, rest = self._bytes.partition(mark)
            if not found:
                return
            self._bytes = rest
            if self._is_mail:
                self._is_mail = False
                self._take(whole + b"\r\n")
            else:
                self._answer(whole.decode())

    def _answer(self, line: str) -> None:
        match line[:4].upper():
            case "EHLO":
                self._say("250-faulty\r\n250-PIPELINING\r\n250 SIZE 10000000")
            case "MAIL" if self._sink.fails("421 before the mail"):
                self._say("421 too busy")
                self._transport.close()
            case "RCPT" if self._sink.fails("450 to the recipient"):
                self._recipient = ""
                self._say("450 come again")
            case "RCPT":
                self._recipient = line.partition("<")[2].partition(">")[0]
                self._say("250 OK")
            case "DATA" if not self._recipient:
                self._say("503 for whom?")
            case "DATA" if self._sink.fails("silence to DATA"):
                self._is_silent = True
            case "DATA":
                self._is_mail = True
                self._say("354 go ahead")
            case "QUIT":
                self._say("221 bye")
                self._transport.close()
            case _:
                self._say("250 OK")

    def _take(self, mail: bytes) -> None:
        sink = self._sink
        if sink.fails("451 to the mail"):
            self._say("451 not now")
        elif sink.fails("554 to the mail"):
            sink.refused.add(self._recipient)
            self._say("554 not this")
        elif sink.fails("silence"):
            self._is_silent = True
        elif sink.fails("gone"):
            self._transport.close()
        elif sink.fails("taken, then silence"):
            self._keep(mail, is_answered=False)
            self._is_silent = True
        elif sink.fails("taken, then gone"):
            self._keep(mail, is_answered=False)
            self._transport.close()
        else:
            self._keep(mail, is_answered=True)
            self._say(f"250 2.0.0 taken as {len(sink.copies)}")
        self._recipient = ""

    def _keep(self, mail: bytes, *, is_answered: bool) -> None:
        found = _MESSAGE_ID.search(mail)
        assert found is not None
        digest = hashlib.sha256(mail).hexdigest()
        self._last = Copy(found[1].decode(), self._recipient, digest, is_answered)
        self._sink.copies.append(self._last)

    def _say(self, words: str) -> None:
        self._transport.write(f"{words}\r\n".encode())


@contextmanager
def faulty_sink(likely: Mapping[str, float] = FAULTS) -> Iterator[FaultySink]:
    """A server in a thread of its own."""
    sink = FaultySink(dict(likely))
    ready, loop, end = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        server = await loop.create_server(lambda: _Conversation(sink), "127.0.0.1", 0)
        sink.port = server.sockets[0].getsockname()[1]
        ready.set()
        await end.wait()
        server.close()
        for transport in sink.transports:
            transport.abort()
        await asyncio.sleep(0.01)  # it takes the loop another turn

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()], daemon=True)
    thread.start()
    ready.wait()
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()
        loop.close()
