"""A page of results over HTTP, first rendered and then held, beside a handler that returns the same bytes."""

import http.client
import os
import secrets
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.figures import Figure, compared
from tests.support.portal import free_port, running_portal, wait_for

_SEARCHES = {
    "everything": "/offers",
    "one word": "/offers?keywords=chimie",
    "two words, one filter": "/offers?keywords=ing%C3%A9nieur+recherche&region=84",
}
_ROUNDS, _REQUESTS = 12, 40
_AIM = 0.67


def measured_pages() -> list[Figure]:
    """Median seconds until the last byte of a page, of a portal in production with the offers of the demonstration."""
    with (
        tempfile.TemporaryDirectory(prefix="vivier-bench-") as folder,
        _portal(Path(folder) / "var") as address,
    ):
        return [
            _measured(f"{name}, {kind}", address, path, Path(folder), is_new=kind == "rendered")
            for name, path in _SEARCHES.items()
            for kind in ("held", "rendered")
        ]


@contextmanager
def _portal(folder: Path) -> Iterator[str]:
    """A web process alone, on what a demonstration has left behind."""
    history_key = secrets.token_hex(16)
    with running_portal(folder, history_key=history_key):
        pass
    _close_demo_accounts(folder)
    port = free_port()
    settings = {
        "environment": "production",
        "var": str(folder),
        "port": str(port),
        "history_key": history_key,
        "secret_key": secrets.token_hex(16),
        "base_url": "https://careers.example.org",
        "smtp_url": "smtp://localhost:25",
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith("VIVIER_")}
    ours = {f"VIVIER_{name.upper()}": value for name, value in settings.items()}
    process = subprocess.Popen(
        [Path(sys.executable).parent / "vivier", "web"], env=others | ours, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: process.poll() is not None or _listens(port), "the portal to start", 60)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _close_demo_accounts(folder: Path) -> None:
    """Production does not start with any; nobody logs in here."""
    with closing(sqlite3.connect(folder / "vivier.sqlite")) as database, database:
        database.execute("UPDATE recruiter SET active = 0")
        database.execute("UPDATE candidate SET email_key = 'erased:' || id")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return not probe.connect_ex(("127.0.0.1", port))


def _measured(name: str, address: str, path: str, folder: Path, *, is_new: bool) -> Figure:
    body = folder / "page.html"
    body.write_bytes(_Connection(address).page(path))
    ours: list[float] = []
    theirs: list[float] = []
    with _fixed(body) as fixed:
        contenders = [(_Connection(address), ours, path), (_Connection(fixed), theirs, "/offers")]
        for number in range(_ROUNDS + 1):
            for connection, medians, asked in contenders[:: 1 if number % 2 else -1]:
                median = connection.median(asked, is_new=is_new)
                if number:
                    medians.append(median)
    return compared(
        f"a page of results, {name}: p50",
        ours,
        theirs,
        against="a handler that returns its bytes",
        unit="ms",
        aim=_AIM,
        better="lower",
    )


@contextmanager
def _fixed(body: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = [
            sys.executable,
            "-m",
            "benchmarks.searching.fixed_page",
            str(body),
            str(listening.fileno()),
        ]
        process = subprocess.Popen(command, pass_fds=[listening.fileno()])
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            process.terminate()
            process.wait()


class _Connection:
    """One browser that asks again and again, on a connection that stays."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._http = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)

    def page(self, path: str) -> bytes:
        self._http.request("GET", path, headers={"Accept-Language": "fr"})
        answer = self._http.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        return body

    def median(self, path: str, *, is_new: bool) -> float:
        """Of some requests, one after the other; milliseconds. A new address each time, or always the same."""
        return statistics.median(_times(self, path, is_new=is_new)) * 1000


def _times(connection: _Connection, path: str, *, is_new: bool) -> Sequence[float]:
    times = []
    for _ in range(_REQUESTS):
        asked = f"{path}{'&' if '?' in path else '?'}again={secrets.token_hex(4)}" if is_new else path
        began = time.perf_counter()
        connection.page(asked)
        times.append(time.perf_counter() - began)
    return times
