"""A worker that changes and rebuilds an index until it is killed, and never leaves other than forty lasers in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from search.documents import OfferDocument
from search.errors import IndexUnusable
from search.index_folder import IndexFolder
from search.postgres_index import PostgresReader, PostgresWriter
from search.queries import OfferIndex, OfferIndexWriter
from search.whoosh_index import WhooshReader, WhooshWriter
from tests.search.offers import composed_offers, offer

LASERS = 40


@dataclass(frozen=True)
class Place:
    """Where an index lies; a child process can be told."""

    where: str

    def reader(self) -> OfferIndex:
        return PostgresReader(self.where) if "://" in self.where else WhooshReader(Path(self.where))

    def writer(self) -> OfferIndexWriter:
        return PostgresWriter(self.where) if "://" in self.where else WhooshWriter(Path(self.where))


@dataclass(frozen=True)
class Plan:
    place: Place
    journal: Path


def lasers(start: int) -> list[OfferDocument]:
    return [offer(number, "Laser femtoseconde") for number in range(start, start + LASERS)]


def others() -> Sequence[OfferDocument]:
    return [replace(each, id=UUID(int=10_000 + number)) for number, each in enumerate(composed_offers(60))]


def write_until_killed(plan: Plan) -> None:
    """One letter in the journal for each step: `s` just before a state is published, `d` when a change is done."""
    _tell_of_swaps(plan.journal)
    writer = plan.place.writer()
    heal(writer)
    for turn in count():
        fresh, old = lasers(1000 * (turn % 2)), lasers(1000 * ((turn + 1) % 2))
        if turn % 3 == 2:
            writer.rebuild([*others(), *fresh])
        else:
            writer.apply(fresh, [each.id for each in old])
        _note(plan.journal, "d")


def heal(writer: OfferIndexWriter) -> bool:
    """What the worker does at its start; whether it was needed."""
    try:
        writer.check()
    except IndexUnusable:
        writer.rebuild([*others(), *lasers(0)])
        return True
    return False


def _tell_of_swaps(journal: Path) -> None:
    publish = IndexFolder.publish

    def told(self: IndexFolder, *arguments: Any, **options: Any) -> None:
        _note(journal, "s")
        publish(self, *arguments, **options)

    IndexFolder.publish = told  # type: ignore[method-assign]  # in a process of its own


def _note(journal: Path, letter: str) -> None:
    with journal.open("a") as file:
        file.write(letter)
