"""A mail server that takes everything at once and keeps nothing, so that what is measured is who sends.

`python -m benchmarks.mail_sink` writes its port, and ends with its standard input.
"""

import asyncio
import sys

_END = b"\r\n.\r\n"


class _Taker(asyncio.Protocol):
    """One connection; the least of SMTP that a sender needs."""

    def __init__(self) -> None:
        self._lines = b""
        self._is_mail = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._lines += data
        if self._is_mail:
            if self._lines.endswith(_END):
                self._lines, self._is_mail = b"", False
                self._transport.write(b"250 2.0.0 taken\r\n")
            return
        *whole, self._lines = self._lines.split(b"\r\n")
        for line in whole:
            self._transport.write(self._answer(line))

    def _answer(self, line: bytes) -> bytes:
        command = line[:4].upper()
        self._is_mail = command == b"DATA"
        if self._is_mail:
            return b"354 go ahead\r\n"
        if command == b"EHLO":
            return b"250-sink\r\n250-SIZE 10000000\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
        return b"221 bye\r\n" if command == b"QUIT" else b"250 OK\r\n"


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Taker, "127.0.0.1", 0)
    async with server:
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
