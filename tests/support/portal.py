"""A whole portal for the tests: the processes of `vivier up`, on a free port, with a folder of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_START_SECONDS = 60
_STOP_SECONDS = 20


@dataclass(frozen=True)
class RunningPortal:
    """Where a portal answers, and the folder where it keeps everything."""

    address: str
    folder: Path

    def mails(self, to: str) -> list[dict[str, Any]]:
        """The mails that reached an address, newest first."""
        with urllib.request.urlopen(f"{self.address}/dev/mailbox.json") as answer:  # noqa: S310  # our own
            return [mail for mail in json.load(answer) if to in mail["to"]]

    def mail(self, to: str, about: str) -> dict[str, Any]:
        """The newest mail to an address whose subject or text speaks of something; waits for it."""
        found: dict[str, Any] = wait_for(
            lambda: next((m for m in self.mails(to) if about in m["subject"] + m["text"]), None),
            f"a mail to {to} about {about!r}",
        )
        return found


def wait_for(look: Callable[[], Any], what: str, seconds: float = 15) -> Any:
    """What `look` finds as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/api/v1/offers", timeout=5) as answer:  # noqa: S310
            return bool(json.load(answer)["total"])
    except (OSError, ValueError):
        return False


@contextmanager
def running_portal(folder: Path, **settings: str) -> Iterator[RunningPortal]:
    """Start `vivier up --demo` with these settings (`database_url=…`), and stop it as Ctrl-C does."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("VIVIER_")},
        "VIVIER_PORT": str(port),
        "VIVIER_VAR": str(folder),
        "VIVIER_UNDO_MINUTES": "0",
        **{f"VIVIER_{name.upper()}": value for name, value in settings.items()},
    }
    log = folder / "up.log"
    folder.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [Path(sys.executable).parent / "vivier", "up", "--demo"],
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    address = f"http://localhost:{port}"
    try:
        wait_for(
            lambda: process.poll() is not None or _is_ready(address), "the portal to start", _START_SECONDS
        )
        assert process.poll() is None, log.read_text()
        yield RunningPortal(address, folder)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
