"""The whole of `vivier up`: what dies is started again, and nothing is left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_dead_worker_is_started_again_and_nothing_outlives_us(
    sqlite_url: str, tmp_path: Path, ending: signal.Signals
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VIVIER_")} | {
        "VIVIER_VAR": str(tmp_path / "var"),
        "VIVIER_DATABASE_URL": sqlite_url,
        "VIVIER_PORT": str(port),
    }
    log = tmp_path / "said"
    with log.open("w") as output:
        up = subprocess.Popen(
            [sys.executable, "-m", "web.cli", "up"], env=environment, stdout=output, stderr=output
        )
    try:
        until(lambda: "Vivier is ready" in log.read_text())
        [worker] = workers(up.pid)
        os.kill(worker, signal.SIGKILL)
        until(lambda: workers(up.pid) not in ([], [worker]))
        ours = [process for process, _ in children(up.pid)]
        assert len(ours) == 3  # the web process, the worker, the server of the queue
        up.send_signal(ending)
        assert up.wait(timeout=15) == (0 if ending is signal.SIGTERM else -ending)
        until(lambda: not any(map(is_alive, ours)))
    finally:
        up.kill()
        up.wait()
    assert ("Stopped." in log.read_text()) is (ending is signal.SIGTERM)


def children(parent: int) -> list[tuple[int, list[str]]]:
    """The processes that one has started and that live: their numbers and their commands."""
    numbers = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [(int(number), command_of(int(number))) for number in numbers if is_alive(int(number))]


def workers(parent: int) -> list[int]:
    return [process for process, command in children(parent) if command[-1:] == ["worker"]]


def command_of(process: int) -> list[str]:
    return Path(f"/proc/{process}/cmdline").read_text().split("\0")[:-1]


def is_alive(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
