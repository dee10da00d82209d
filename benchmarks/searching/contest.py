"""Ours and the peers over the same offers: built, opened and asked in turns, and held to the same answers."""

import asyncio
import json
import os
import pickle
import statistics
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.figures import Better, Figure, compared
from benchmarks.peer_process import PEERS_PYTHON, PeerProcess, peer_process
from benchmarks.searching.corpus import documents, models
from benchmarks.searching.questions import BARE, KINDS, MISSPELT, questions, row_of
from search.documents import OfferDocument
from search.queries import FACETS
from search.snapshot import microseconds

OURS, OURS_POSTGRES = "Vivier", "Vivier on PostgreSQL"
TANTIVY, SQLITE, POSTGRES = "tantivy", "SQLite FTS5", "PostgreSQL"

_AHEAD, _WITHIN_THREE_TIMES = 1.0, 0.33


@dataclass(frozen=True, slots=True)
class Size:
    """How many offers, how many questions of each kind, in how many rounds."""

    offers: int
    questions: int
    rounds: int


@dataclass
class Results:
    """What one contender was measured to need: seconds by what was done, latencies by kind, cold and warm."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    latencies: dict[tuple[str, str], list[list[float]]] = field(default_factory=dict)
    megabytes: float = 0.0

    def took(self, what: str, seconds: float) -> None:
        self.seconds.setdefault(what, []).append(seconds)


class AnswersDiffer(AssertionError):
    """Two contenders do not find the same, so that their speeds cannot be held against each other."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """How a contender's process is started."""

    name: str
    command: tuple[str, ...]
    database: str = ""

    @asynccontextmanager
    async def process(self) -> AsyncIterator[PeerProcess]:
        environment = os.environ | {"PEER_DATABASE_URL": self.database}
        async with peer_process(self.command, environment) as process:
            yield process


def entrants(ours_database: str, peers_database: str) -> list[Entrant]:
    """Whoever takes part."""

    def module(python: str, name: str, *arguments: str) -> tuple[str, ...]:
        return python, "-m", f"benchmarks.searching.{name}", *arguments

    return [
        Entrant(OURS, module(sys.executable, "ours", "whoosh")),
        Entrant(OURS_POSTGRES, module(sys.executable, "ours", "postgres"), ours_database),
        Entrant(TANTIVY, module(PEERS_PYTHON, "tantivy_peer")),
        Entrant(SQLITE, module(PEERS_PYTHON, "sqlite_peer")),
        Entrant(POSTGRES, module(PEERS_PYTHON, "postgres_peer"), peers_database),
    ]


async def measured_search(size: Size, folder: Path, contenders: Sequence[Entrant]) -> list[Figure]:
    """Build all, then take turns. Raises AnswersDiffer, and PeerFailed."""
    offers = list(documents(models(), size.offers))
    analysis = _write_inputs(offers, folder)
    asked = questions(offers, size.questions)
    results = {contender.name: Results() for contender in contenders}
    for contender in contenders:
        async with contender.process() as process:
            done = await process.ask(do="build", folder=str(folder))
        is_peer = contender.name not in {OURS, OURS_POSTGRES}
        results[contender.name].took("build", done["seconds"] + (analysis if is_peer else 0))
    async with AsyncExitStack() as stack:
        running = {
            contender.name: await stack.enter_async_context(contender.process()) for contender in contenders
        }
        for number in range(size.rounds):
            await _round(number, running, results, asked, folder)
            await _update(offers[-1 - number], offers[number], running, results)
    return _figures(size, results)


def _write_inputs(offers: Sequence[OfferDocument], folder: Path) -> float:
    """Documents for us, analysed rows for the peers; what the analysis took, which they would need as well."""
    (folder / "documents.pickle").write_bytes(pickle.dumps(offers))
    began = time.perf_counter()
    rows = [row_of(offer) for offer in offers]
    took = time.perf_counter() - began
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return took


async def _round(
    number: int,
    running: Mapping[str, PeerProcess],
    results: Mapping[str, Results],
    asked: Mapping[str, list[dict[str, Any]]],
    folder: Path,
) -> None:
    answers: dict[str, dict[str, Any]] = {}
    for name in _rotated(list(running), number):
        process = running[name]
        opened = await process.ask(do="open", folder=str(folder))
        results[name].took("open", opened["seconds"])
        answers[name] = {}
        for temperature in ("cold", "warm"):
            for kind in _kinds_of(name):
                done = await process.ask(do="ask", questions=asked[kind])
                results[name].latencies.setdefault((kind, temperature), []).append(done["latencies"])
                answers[name][kind] = done["answers"]
        if not number:
            results[name].megabytes = (await process.ask(do="memory"))["megabytes"]
    _require_same(answers, asked)


def _kinds_of(name: str) -> list[str]:
    return [kind for kind in KINDS if not (name == SQLITE and kind == MISSPELT)]


def _rotated(names: list[str], by: int) -> list[str]:
    first = by % len(names)
    return [*names[first:], *names[:first]]


def _require_same(
    answers: Mapping[str, Mapping[str, Any]], asked: Mapping[str, list[dict[str, Any]]]
) -> None:
    """Ids, totals and counts are equal; for a misspelt word, which each reads in its own way, ours are."""
    for name, kinds in answers.items():
        for kind, given in kinds.items():
            if kind == MISSPELT and name != OURS_POSTGRES:
                continue
            for question, mine, other in zip(asked[kind], answers[OURS][kind], given, strict=True):
                parts = 2 if kind == BARE else 3
                if mine[:parts] != other[:parts]:
                    raise AnswersDiffer(f"{name}, {kind}: {question}\n{mine}\n{other}")


async def _update(
    offer: OfferDocument,
    model: OfferDocument,
    running: Mapping[str, PeerProcess],
    results: Mapping[str, Results],
) -> None:
    """One offer gets the title of another."""
    row = row_of(
        OfferDocument(
            offer.id,
            model.titles[:1],
            offer.published_at,
            offer.closes_at,
            **{facet: offer.facet(facet) for facet in FACETS},
        )
    )
    instants = (microseconds(offer.published_at), microseconds(offer.closes_at))
    title = [offer.id.hex, *instants, model.titles[0], *(offer.facet(facet) for facet in FACETS)]
    for name, process in running.items():
        done = await process.ask(do="update", row=title if name.startswith(OURS) else row)
        results[name].took("update", done["seconds"])


def _figures(size: Size, results: Mapping[str, Results]) -> list[Figure]:
    figures = []
    for what, label in (
        ("build", "build"),
        ("open", "open"),
        ("update", "one offer changed, until it is found"),
    ):
        figures += [
            _held(size, label, results, other, what, _WITHIN_THREE_TIMES)
            for other in (TANTIVY, SQLITE, POSTGRES)
        ]
        figures.append(
            _held(size, f"{label}, VIVIER_SEARCH=postgres", results, POSTGRES, what, 0.33, OURS_POSTGRES)
        )
    figures += [_memory(size, results, other) for other in (TANTIVY, SQLITE)]
    for kind in KINDS:
        for temperature in ("warm", "cold"):
            figures += _latencies(size, kind, temperature, results)
    return figures


def _held(
    size: Size,
    label: str,
    results: Mapping[str, Results],
    other: str,
    what: str,
    aim: float,
    ours: str = OURS,
) -> Figure:
    mine, theirs = ([1000 * s for s in results[name].seconds[what]] for name in (ours, other))
    return _figure(size, label, mine, theirs, other, "ms", aim)


def _memory(size: Size, results: Mapping[str, Results], other: str) -> Figure:
    mine, theirs = ([results[name].megabytes] for name in (OURS, other))
    return _figure(size, "memory of a process that answers", mine, theirs, other, "MB", _WITHIN_THREE_TIMES)


def _latencies(size: Size, kind: str, temperature: str, results: Mapping[str, Results]) -> list[Figure]:
    figures = []
    for part, quantile in (("p50", 50), ("p99", 99)):
        label = f"{kind}, {temperature}, {part}"
        for ours, suffix, others in (
            (OURS, "", (TANTIVY, SQLITE, POSTGRES)),
            (OURS_POSTGRES, ", VIVIER_SEARCH=postgres", (POSTGRES,)),
        ):
            for other in others:
                if (kind, temperature) not in results[other].latencies:
                    continue
                mine, theirs = (
                    _quantiles(results[name].latencies[kind, temperature], quantile) for name in (ours, other)
                )
                aim = _AHEAD if ours == OURS and kind not in {MISSPELT, BARE} else _WITHIN_THREE_TIMES
                figures.append(_figure(size, label + suffix, mine, theirs, other, "ms", aim))
    return figures


def _quantiles(rounds: Sequence[Sequence[float]], of_100: int) -> list[float]:
    """Of each round, in milliseconds; few are slower than the 99th of 100, so that is taken over all rounds."""
    if of_100 == 50:
        return [1000 * statistics.median(latencies) for latencies in rounds]
    every = sorted(latency for latencies in rounds for latency in latencies)
    return [1000 * every[-(-len(every) * of_100 // 100) - 1]]


def _figure(
    size: Size, label: str, mine: Sequence[float], theirs: Sequence[float], other: str, unit: str, aim: float
) -> Figure:
    better: Better = "lower"
    name = f"search in {size.offers:,}: {label}"
    return compared(name, mine, theirs, against=other, unit=unit, aim=aim, better=better)


def run_apart_from_loop(size: Size, folder: Path, contenders: Sequence[Entrant]) -> list[Figure]:
    """`measured_search` for callers without a loop."""
    return asyncio.run(measured_search(size, folder, contenders))
