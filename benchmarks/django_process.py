"""The Django of `peer/` as a contender: started in its own environment, told by a pipe when it is its turn."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.rounds import Round

_ROOT = Path(__file__).parents[1]
_PYTHON = _ROOT / ".venv-bench" / "bin" / "python"
_LONGEST_ANSWER = 64 * 1024 * 1024


class PeerFailed(RuntimeError):
    """The other process cannot be measured; what it said is in the message."""


@dataclass
class DjangoProcess:
    """One Python process with Django on one database."""

    process: asyncio.subprocess.Process

    async def ask(self, **order: Any) -> dict[str, Any]:
        """Give an order and wait for its answer. Raises PeerFailed."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        await self.process.stdin.drain()
        return await self.answer()

    async def answer(self) -> dict[str, Any]:
        """The next line that it says. Raises PeerFailed."""
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "it ended without an answer"}
        if "error" in answer:
            raise PeerFailed(answer["error"])
        return answer


@asynccontextmanager
async def django_process(url: str) -> AsyncIterator[DjangoProcess]:
    """Start it on an empty database, whose tables it makes. Raises PeerFailed."""
    if not _PYTHON.exists():
        raise PeerFailed(f"{_PYTHON} is missing: bin/environment bench")
    process = await asyncio.create_subprocess_exec(
        _PYTHON,
        "-m",
        "benchmarks.peer",
        cwd=_ROOT,
        env=os.environ | {"PEER_DATABASE_URL": url},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_ANSWER,
    )
    peer = DjangoProcess(process)
    try:
        await peer.answer()
        yield peer
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


@dataclass(frozen=True, slots=True)
class DjangoMover:
    """Moves applications in one of the ways that the process knows: `fire` or `command`."""

    name: str
    peer: DjangoProcess
    way: str

    async def prepare(self, count: int) -> None:
        await self.peer.ask(do="prepare", count=count)

    async def run(self, at_once: int) -> Round:
        done = await self.peer.ask(do="run", way=self.way, at_once=at_once)
        return Round(done["seconds"], tuple(done["latencies"]), done["computing"])
