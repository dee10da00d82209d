"""A real Redis-compatible server for the tests, which can be killed and stopped."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from jobs.embedded import embedded_redis


@dataclass(frozen=True, slots=True)
class Valkey:
    """A server: its address and its process."""

    url: str
    process_id: int

    def kill(self) -> None:
        """End it as a crash would."""
        os.kill(self.process_id, signal.SIGKILL)
        time.sleep(0.05)

    def freeze(self) -> None:
        """Let it keep its connections and answer nothing."""
        os.kill(self.process_id, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.process_id, signal.SIGCONT)


@contextmanager
def valkey(folder: Path) -> Iterator[Valkey]:
    """The very server that the default set-up starts."""
    with embedded_redis(folder) as url:
        with Redis.from_url(url) as client:
            process_id = int(client.info("server")["process_id"])
        running = Valkey(url, process_id)
        yield running
