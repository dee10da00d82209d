"""What is measured of moves: one after another and eight at once, against the limit and against Django."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks import limit
from benchmarks.django_process import DjangoMover, django_process
from benchmarks.figures import Better, Figure, compared
from benchmarks.ours import Move, Mover, by_command, by_fire, furnished_place
from benchmarks.rounds import Contender, Effort, Round, taken_in_turns
from workflow.database.connection import Database, database_from_url, opened_database, use_database
from workflow.database.migrating import migrate
from workflow.database.sqlite import HeldSQLiteEngine

LIMIT_AIM = 0.4
DJANGO_AIM = 2.0
AT_ONCE = 8

Rounds = Mapping[str, Sequence[Round]]


@dataclass(frozen=True, slots=True)
class Arena:
    """Two empty databases of one kind, and how the result names what is measured there."""

    name: str
    ours: str
    peers: str
    limit: str
    django: str = "Django, django-fsm-2"


@dataclass(frozen=True, slots=True)
class Measure:
    """What of a round is compared."""

    name: str
    unit: str
    better: Better
    of: Callable[[Round], float]


RATE = Measure("moves a second", "moves/s", "higher", lambda one: one.rate)
MEDIAN = Measure("latency, median", "ms", "lower", lambda one: one.median)
PERCENTILE_95 = Measure("latency, 95th of 100", "ms", "lower", lambda one: one.percentile_95)

COMPUTING = Measure("computing of the process", "ms a move", "lower", lambda one: one.computing_a_move)


async def measured_moves(arena: Arena, effort: Effort) -> list[Figure]:
    """All figures of one kind of database. Raises what kept anything from being measured."""
    use_database(database_from_url(arena.ours))
    async with opened_database() as database:
        await migrate()
        place = await furnished_place()
        async with _by_hand(database, arena) as by_hand, django_process(arena.peers) as django:
            moves: list[Contender] = [
                Mover("ours", place, by_fire(place)),
                Mover("limit", place, by_hand),
                DjangoMover("django", django, "fire"),
            ]
            commands: list[Contender] = [
                Mover("ours", place, by_command(place)),
                DjangoMover("django", django, "command"),
            ]
            in_turn = await taken_in_turns(moves, effort)
            whole = await taken_in_turns(commands, effort)
            at_once = {} if _has_one_writer(database) else await taken_in_turns(moves, effort, AT_ONCE)
    return [
        *_against_both(arena, "one after another", in_turn, (RATE, MEDIAN, PERCENTILE_95, COMPUTING)),
        _figure(arena, "whole command", RATE, whole, "django"),
        *_against_both(arena, f"{AT_ONCE} at once", at_once, (RATE, PERCENTILE_95)),
    ]


def _has_one_writer(database: Database) -> bool:
    return isinstance(database, HeldSQLiteEngine)


@asynccontextmanager
async def _by_hand(database: Database, arena: Arena) -> AsyncIterator[Move]:
    if isinstance(database, HeldSQLiteEngine):
        async with limit.by_sqlite(database) as move:
            yield move
    else:
        async with limit.by_postgres(arena.ours, AT_ONCE) as move:
            yield move


def _against_both(arena: Arena, way: str, rounds: Rounds, measures: Sequence[Measure]) -> list[Figure]:
    if not rounds:
        return []
    return [
        _figure(arena, way, measure, rounds, other) for measure in measures for other in ("limit", "django")
    ]


def _figure(arena: Arena, way: str, measure: Measure, rounds: Rounds, other: str) -> Figure:
    return compared(
        f"{arena.name}, {way}: {measure.name}",
        [measure.of(one) for one in rounds["ours"]],
        [measure.of(one) for one in rounds[other]],
        against=arena.limit if other == "limit" else arena.django,
        unit=measure.unit,
        aim=LIMIT_AIM if other == "limit" else DJANGO_AIM,
        better=measure.better,
    )
