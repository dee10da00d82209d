"""The command behind `make bench`: starts what is measured, prints the table, writes `var/bench.json`.

Ends with 0 whatever the speeds are; anything that cannot be measured ends it with an error.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import asyncpg
import uvloop
from rich.console import Console

from benchmarks.figures import Figure, table_of, write_json
from benchmarks.moves import Arena, measured_moves
from benchmarks.rounds import Effort
from tests.support.postgres import postgres_server

_RESULT = Path(__file__).parents[1] / "var" / "bench.json"
_QUICK = Effort(rounds=30, moves=80)
_FULL = Effort(rounds=100, moves=200)


@contextmanager
def _arenas() -> Iterator[Sequence[Arena]]:
    """Both kinds of database, each empty, for us and for the peers; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="vivier-bench-") as folder, postgres_server() as address:
        ours, peers = (f"{Path(folder).name.replace('-', '_')}_{whose}" for whose in ("ours", "peers"))
        asyncio.run(_create(address, (ours, peers)))
        try:
            yield (
                Arena(
                    "SQLite",
                    ours=f"sqlite:///{folder}/ours.sqlite",
                    peers=f"sqlite:///{folder}/peers.sqlite",
                    limit=f"SQL by hand, aiosqlite {version('aiosqlite')}",
                ),
                Arena(
                    "PostgreSQL",
                    ours=f"{address}/{ours}",
                    peers=f"{address}/{peers}",
                    limit=f"SQL by hand, asyncpg {version('asyncpg')}",
                ),
            )
        finally:
            asyncio.run(_drop(address, (ours, peers)))


async def _create(address: str, names: Sequence[str]) -> None:
    connection = await asyncpg.connect(f"{address}/postgres")
    try:
        for name in names:
            await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()


async def _drop(address: str, names: Sequence[str]) -> None:
    connection = await asyncpg.connect(f"{address}/postgres")
    try:
        for name in names:
            await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await connection.close()


def _measured(arenas: Sequence[Arena], effort: Effort, console: Console) -> list[Figure]:
    figures: list[Figure] = []
    for arena in arenas:
        console.print(f"{arena.name}: {effort.rounds} rounds of {effort.moves} moves each …")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            figures += runner.run(measured_moves(arena, effort))
    return figures


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="more rounds, of more moves")
    effort = _FULL if parser.parse_args().full else _QUICK
    console = Console()
    with _arenas() as arenas:
        figures = _measured(arenas, effort, console)
    write_json(figures, _RESULT)
    console.print(table_of(figures), markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
