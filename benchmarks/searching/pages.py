"""A page of results over HTTP, beside a handler that returns the same bytes."""

import http.client
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.figures import Figure, compared
from tests.support.portal import running_portal

_SEARCHES = {
    "everything": "/offers",
    "one word": "/offers?keywords=chimie",
    "two words, one filter": "/offers?keywords=ing%C3%A9nieur+biologie&region=11",
}
_ROUNDS, _REQUESTS = 12, 40
_AIM = 0.67


def measured_pages() -> list[Figure]:
    """Median seconds until the last byte of a page, of a portal with its demonstration."""
    with (
        tempfile.TemporaryDirectory(prefix="vivier-bench-") as folder,
        running_portal(Path(folder) / "var") as portal,
    ):
        return [_measured(name, portal.address, path, Path(folder)) for name, path in _SEARCHES.items()]


def _measured(name: str, address: str, path: str, folder: Path) -> Figure:
    body = folder / "page.html"
    body.write_bytes(_Connection(address).page(path))
    ours: list[float] = []
    theirs: list[float] = []
    with _fixed(body) as fixed:
        contenders = [(_Connection(address), ours, path), (_Connection(fixed), theirs, "/offers")]
        for number in range(_ROUNDS + 1):
            for connection, medians, asked in contenders[:: 1 if number % 2 else -1]:
                median = connection.median(asked)
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

    def median(self, path: str) -> float:
        """Of some requests, one after the other; milliseconds."""
        return statistics.median(_times(self, path)) * 1000


def _times(connection: _Connection, path: str) -> Sequence[float]:
    times = []
    for _ in range(_REQUESTS):
        began = time.perf_counter()
        connection.page(path)
        times.append(time.perf_counter() - began)
    return times
