"""A contender in a process of its own, told by a pipe when it is its turn."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
_LONGEST_ANSWER = 64 * 1024 * 1024

PEERS_PYTHON = str(_ROOT / ".venv-bench" / "bin" / "python")
"""The peers' environment, without Vivier."""


class PeerFailed(RuntimeError):
    """The other process cannot be measured; what it said is in the message."""


@dataclass
class PeerProcess:
    """One process that answers each order, a JSON object on a line, by one."""

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
async def peer_process(command: Sequence[str], environment: Mapping[str, str]) -> AsyncIterator[PeerProcess]:
    """Start it, wait until it says that it is ready, end it by closing its orders. Raises PeerFailed."""
    _require(Path(command[0]))
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=_ROOT,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_ANSWER,
    )
    peer = PeerProcess(process)
    try:
        await peer.answer()
        yield peer
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


def _require(python: Path) -> None:
    if not python.exists():
        raise PeerFailed(f"{python} is missing: bin/environment bench")
