"""The Django of `peer/` as a contender, in its own environment."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.peer_process import PEERS_PYTHON, PeerProcess, peer_process
from benchmarks.rounds import Round


@asynccontextmanager
async def django_process(url: str) -> AsyncIterator[PeerProcess]:
    """Start it on an empty database, whose tables it makes. Raises PeerFailed."""
    environment = os.environ | {"PEER_DATABASE_URL": url}
    async with peer_process((PEERS_PYTHON, "-m", "benchmarks.peer"), environment) as process:
        yield process


@dataclass(frozen=True, slots=True)
class DjangoMover:
    """Moves applications in one of the ways that the process knows: `fire` or `command`."""

    name: str
    peer: PeerProcess
    way: str

    async def prepare(self, count: int) -> None:
        await self.peer.ask(do="prepare", count=count)

    async def run(self, at_once: int) -> Round:
        done = await self.peer.ask(do="run", way=self.way, at_once=at_once)
        return Round(done["seconds"], tuple(done["latencies"]), done["computing"])
