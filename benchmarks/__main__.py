"""The command behind `make bench`: starts what is measured, prints the table, writes `var/bench.json`.

Ends with 0 whatever the speeds are; anything that cannot be measured ends it with an error.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import asyncpg
import uvloop
from rich.console import Console

from benchmarks.alerts.contest import Crowd, measured_alerts
from benchmarks.board import measured_board
from benchmarks.figures import Figure, table_of, write_json
from benchmarks.mails import measured_mails
from benchmarks.moves import Arena, measured_moves
from benchmarks.rounds import Effort
from benchmarks.searching.contest import Size, measured_search
from benchmarks.searching.pages import measured_pages
from benchmarks.searching.quality import measured_quality
from tests.support.postgres import postgres_server

_RESULT = Path(__file__).parents[1] / "var" / "bench.json"
_QUICK = Effort(rounds=30, moves=80)
_FULL = Effort(rounds=100, moves=200)
_MAILS = Effort(rounds=10, moves=400)
_MANY_MAILS = Effort(rounds=30, moves=1_000)
_SIZES = (Size(2_000, questions=60, rounds=5), Size(100_000, questions=36, rounds=3))
_LARGEST = Size(1_000_000, questions=30, rounds=3)
_CROWD = Crowd(100_000, offers=(2_000, 14_000), rounds=3)
_WHOLE_CROWD = Crowd(1_000_000, offers=(2_000, 14_000), rounds=2)
_PARTS = ("moves", "board", "mails", "search", "alerts", "pages", "quality")


@contextmanager
def _databases(server: str, *names: str) -> Iterator[list[str]]:
    """Empty databases, gone afterwards."""
    whole = [f"vivier_bench_{uuid4().hex[:8]}_{name}" for name in names]
    asyncio.run(_create(server, whole))
    try:
        yield [f"{server}/{name}" for name in whole]
    finally:
        asyncio.run(_drop(server, whole))


@contextmanager
def _arenas(server: str) -> Iterator[Sequence[Arena]]:
    """Both kinds of database, each empty, for us and for the peers; gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="vivier-bench-") as folder,
        _databases(server, "ours", "peers") as (ours, peers),
    ):
        yield (
            Arena(
                "SQLite",
                ours=f"sqlite:///{folder}/ours.sqlite",
                peers=f"sqlite:///{folder}/peers.sqlite",
                limit=f"SQL by hand, aiosqlite {version('aiosqlite')}",
            ),
            Arena(
                "PostgreSQL",
                ours=ours,
                peers=peers,
                limit=f"SQL by hand, asyncpg {version('asyncpg')}",
            ),
        )


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


def _measured_moves(server: str, effort: Effort, console: Console) -> list[Figure]:
    figures: list[Figure] = []
    with _arenas(server) as arenas:
        for arena in arenas:
            console.print(f"{arena.name}: {effort.rounds} rounds of {effort.moves} moves each …")
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                figures += runner.run(measured_moves(arena, effort))
    return figures


def _measured_board(server: str, effort: Effort, console: Console) -> list[Figure]:
    figures: list[Figure] = []
    with _arenas(server) as arenas:
        for arena in arenas:
            console.print(f"{arena.name}: the board, {effort.rounds} rounds …")
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                figures += runner.run(measured_board(arena, effort.rounds))
    return figures


def _measured_mails(server: str, effort: Effort, console: Console) -> list[Figure]:
    figures: list[Figure] = []
    with _arenas(server) as arenas:
        for arena in arenas:
            console.print(f"{arena.name}: {effort.rounds} rounds of {effort.moves} mails each …")
            figures += asyncio.run(measured_mails(arena, effort))  # as in `vivier worker`, without uvloop
    return figures


def _measured_search(server: str, sizes: Sequence[Size], console: Console) -> list[Figure]:
    figures: list[Figure] = []
    for size in sizes:
        console.print(f"Search in {size.offers:,} offers, {size.rounds} rounds …")
        with (
            tempfile.TemporaryDirectory(prefix="vivier-bench-") as folder,
            _databases(server, "ours", "peers") as (ours, peers),
        ):
            figures += asyncio.run(measured_search(size, Path(folder), ours, peers))
    return figures


def _measured_alerts(crowd: Crowd, console: Console) -> list[Figure]:
    console.print(f"{crowd.alerts:,} alerts, {crowd.rounds} rounds …")
    with tempfile.TemporaryDirectory(prefix="vivier-bench-") as folder:
        return measured_alerts(crowd, Path(folder))


def _measured(parts: Collection[str], *, is_full: bool, console: Console) -> list[Figure]:
    figures: list[Figure] = []
    with postgres_server() as server:
        if "moves" in parts:
            figures += _measured_moves(server, _FULL if is_full else _QUICK, console)
        if "board" in parts:
            figures += _measured_board(server, _FULL if is_full else _QUICK, console)
        if "mails" in parts:
            figures += _measured_mails(server, _MANY_MAILS if is_full else _MAILS, console)
        if "search" in parts:
            figures += _measured_search(server, [*_SIZES, *([_LARGEST] if is_full else [])], console)
    if "alerts" in parts:
        figures += _measured_alerts(_WHOLE_CROWD if is_full else _CROWD, console)
    if "pages" in parts:
        console.print("Pages of results over HTTP …")
        figures += measured_pages()
    if "quality" in parts:
        found = measured_quality()
        console.print("Judged queries …" if found else "No judged queries: TEST_DATA names no real offers.")
        figures += found
    return figures


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--full", action="store_true", help="more rounds, of more moves; a million offers, a million alerts"
    )
    parser.add_argument("--only", choices=_PARTS, action="append", help="this part alone; may be repeated")
    arguments = parser.parse_args()
    console = Console()
    figures = _measured(arguments.only or _PARTS, is_full=arguments.full, console=console)
    write_json(figures, _RESULT)
    console.print(table_of(figures), markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
