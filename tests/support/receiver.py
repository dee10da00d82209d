"""A program that receives webhooks: a real HTTP server that can be slow, refuse and vanish."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One request that arrived. `headers`: by their small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def payload(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read


@dataclass
class Receiver:
    """`answers`: what the next calls get, each a whole answer of HTTP; then `usual`. `delay`: seconds before each."""

    port: int
    scheme: str = "http"
    calls: list[Call] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    usual: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    delay: float = 0.0
    at_once: int = 0
    most_at_once: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list["asyncio.Task[Any]"] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hook?for=us"

    @property
    def messages(self) -> list[str]:
        return [call.headers["webhook-id"] for call in self.calls]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self.tasks.append(task)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self.calls.append(await _read(reader))
            self.changed.set()
            await self._dawdle()
            writer.write(self.answers.pop(0) if self.answers else self.usual)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.at_once -= 1
            writer.close()

    async def _dawdle(self) -> None:
        try:
            async with asyncio.timeout(self.delay):
                await self.closing.wait()
        except TimeoutError:
            pass

    async def has(self, calls: int) -> bool:
        """Wait until so many calls have come; False if they take more than half a minute."""
        try:
            async with asyncio.timeout(30):
                while len(self.calls) < calls:
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            return False
        return True


async def _read(reader: asyncio.StreamReader) -> Call:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Call(method, path, headers, body)


def said(status: str, *headers: str, body: str = "") -> bytes:
    """A whole answer: `said("503 Busy", "Retry-After: 60")`."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", *headers, "", body]
    return "\r\n".join(lines).encode()


@asynccontextmanager
async def receiving(certificate: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver on this machine, with TLS where it has a certificate."""
    receiver = Receiver(0, "https" if certificate else "http")
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=certificate)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        receiver.closing.set()
        await asyncio.gather(*receiver.tasks)
