"""How many offers keywords find, by combination of facets: asked once a state, then summed for any filters."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from sys import intern
from typing import Any

from search.queries import FACETS, OfferQuery

_MOST_CELLS = 200_000
"""So many numbers are held in all, some 30 MB: hundreds of searches for frequent words, thousands for rare ones."""


@dataclass(frozen=True)
class Counts:
    """Open offers by their facets' values, in the order of FACETS (empty: unknown), in one state of the index.

    `offers` is how many the index holds at all. The counts hold from the instant `since` until the next offer
    closes; None: no open one is left that could.
    """

    build: int
    generation: int
    offers: int
    since: int
    until: int | None
    cells: Sequence[tuple[tuple[str, ...], int]]

    def hold_at(self, instant: int) -> bool:
        return self.since <= instant and (self.until is None or instant < self.until)

    def are_of(self, row: Any) -> bool:
        """Whether the row was read in the same state of the index."""
        return bool((self.build, self.generation) == (row["build"], row["generation"]))

    @cached_property
    def worded(self) -> int:
        """All of them: what the keywords find, whatever is chosen."""
        return sum(offers for _, offers in self.cells)

    def of(self, query: OfferQuery) -> tuple[int, Mapping[str, Mapping[str, int]]]:
        """The total with the query's filters, and the count beside every choice (see Answer.facets)."""
        chosen = [(at, query.chosen(facet)) for at, facet in enumerate(FACETS) if query.chosen(facet)]
        total = 0
        counts: list[dict[str, int]] = [{} for _ in FACETS]
        for values, offers in self.cells:
            failed = [at for at, wanted in chosen if not values[at] or values[at] not in wanted]
            if len(failed) > 1:
                continue
            if not failed:
                total += offers
            for at in failed or range(len(FACETS)):
                counted = counts[at]
                counted[values[at]] = counted.get(values[at], 0) + offers
        for counted in counts:
            counted.pop("", None)
        return total, dict(zip(FACETS, counts, strict=True))


def counts_in(row: Any, since: int) -> Counts:
    """What a statement has counted."""
    columns = [map(intern, row[facet]) for facet in FACETS]
    cells = list(zip(zip(*columns, strict=True), row["found"], strict=True))
    return Counts(row["build"], row["generation"], row["offers"], since, row["until"], cells)


class HeldCounts:
    """The counts of the last searches, by their conditions; any thread may use them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Counts] = OrderedDict()
        self._cells = 0

    def at(self, instant: int, condition: str) -> Counts | None:
        """Counts that held at an instant, if nobody has written since."""
        with self._lock:
            counts = self._held.get(condition)
            if counts is None or not counts.hold_at(instant):
                return None
            self._held.move_to_end(condition)
            return counts

    def keep(self, condition: str, counts: Counts) -> Counts:
        with self._lock:
            self._forget(condition)
            self._held[condition] = counts
            self._cells += len(counts.cells) + 1
            while self._cells > _MOST_CELLS:
                self._forget(next(iter(self._held)))
        return counts

    def _forget(self, condition: str) -> None:
        if counts := self._held.pop(condition, None):
            self._cells -= len(counts.cells) + 1
