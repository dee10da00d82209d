"""Ours and the peers over the same offers: built, opened and asked in turns, and held to the same answers."""

import json
import os
import pickle
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.peer_process import PEERS_PYTHON, PeerProcess, peer_process
from benchmarks.searching.corpus import documents, models
from benchmarks.searching.questions import BARE, KINDS, MISSPELT, questions, row_of
from benchmarks.searching.results import (
    OURS,
    OURS_POSTGRES,
    POSTGRES,
    SQLITE,
    TANTIVY,
    Results,
    figures_of,
)
from search.documents import OfferDocument
from search.queries import FACETS
from search.snapshot import microseconds
from workflow.database.connection import database_from_url, opened_database, use_database
from workflow.database.migrating import migrate


@dataclass(frozen=True, slots=True)
class Size:
    """How many offers, how many questions of each kind, in how many rounds."""

    offers: int
    questions: int
    rounds: int


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


async def measured_search(size: Size, folder: Path, ours: str, peers: str) -> list[Figure]:
    """All figures of one size, in two empty databases of PostgreSQL. Raises AnswersDiffer, and PeerFailed."""
    use_database(database_from_url(ours))
    async with opened_database():
        await migrate()
    contenders = entrants(ours, peers)
    offers = list(documents(models(), size.offers))
    analysis = write_inputs(offers, folder)
    asked = questions(offers, size.questions)
    results = {contender.name: Results() for contender in contenders}
    for contender in contenders:
        async with contender.process() as process:
            done = await process.ask(do="build", folder=str(folder))
        is_ours = contender.name in {OURS, OURS_POSTGRES}
        results[contender.name].took("build", done["seconds"] + (0 if is_ours else analysis))
    async with AsyncExitStack() as stack:
        running = {
            contender.name: await stack.enter_async_context(contender.process()) for contender in contenders
        }
        for number in range(size.rounds):
            await _round(number, running, results, asked, folder)
            await _update(offers[-1 - number], offers[number], running, results)
    return figures_of(f"search in {size.offers:,}", results)


def write_inputs(offers: Sequence[OfferDocument], folder: Path) -> float:
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
