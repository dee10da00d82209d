"""Runs `vivier` in processes forked from one that has loaded the libraries: loading them is most of a short command.

Run as a program it is that one process. It loads nothing of ours, for our modules take their settings as they are
loaded: so a command sees the environment, the streams and the arguments that it is given, as an operator's does.
"""

import atexit
import json
import os
import runpy
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

_LIBRARIES = (
    "aiosmtplib", "aiosqlite", "argon2", "arq.worker", "asyncpg", "babel.dates", "babel.messages.mofile",
    "babel.messages.pofile", "babel.support", "click", "cryptography.fernet", "cryptography.hazmat.primitives.kdf.hkdf",
    "css_inline", "email_validator", "jinja2", "litestar", "pikepdf", "piccolo.apps.migrations.commands.forwards",
    "piccolo.engine.postgres", "piccolo.engine.sqlite", "piccolo_api", "redis.asyncio", "rich.progress", "rich.table",
    "statemachine", "structlog", "uvicorn", "whoosh.writing", "zxcvbn",
)  # fmt: skip


def run_vivier(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    streams: tuple[Path, Path, Path],
    within: float,
) -> int:
    """The exit code of `vivier` with these arguments; `streams`: what it reads, prints and complains."""
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    order = {
        "arguments": arguments,
        "environment": {**environment},
        "streams": [str(path) for path in streams],
    }
    server.stdin.write(json.dumps(order).encode() + b"\n")
    server.stdin.flush()
    if not select.select([server.stdout], [], [], within)[0]:
        raise subprocess.TimeoutExpired(["vivier", *arguments], within)
    return int(server.stdout.readline())


@cache
def _server() -> "subprocess.Popen[bytes]":
    """Started when it is first wanted; it ends when this process does."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.support.forking"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )

    def end() -> None:
        with server:
            server.kill()

    atexit.register(end)
    return server


def _serve() -> None:
    """Fork for every order, and say how it ended. Comes back in each child alone, which carries out its order."""
    for name in _LIBRARIES:
        import_module(name)
    while line := _line():
        child = os.fork()
        if child == 0:
            _carry_out(json.loads(line))
            return
        _, status = os.waitpid(child, 0)
        os.write(1, f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _line() -> bytes:
    """Read past Python's buffer, which a child would share."""
    line = b""
    while not line.endswith(b"\n"):
        if not (piece := os.read(0, 65536)):
            return b""
        line += piece
    return line


def _carry_out(order: dict[str, Any]) -> None:
    modes = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)
    for number, (path, mode) in enumerate(zip(order["streams"], modes, strict=True)):
        stream = os.open(path, mode, 0o600)
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    sys.argv[1:] = order["arguments"]
    runpy.run_module("web.cli", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve()
