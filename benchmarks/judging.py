"""How well an index finds what people look for: queries judged by hand over the titles of real offers."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

JUDGED = Path(__file__).with_name("judged.csv")

_FIRST = 5


@dataclass(frozen=True, slots=True)
class Scores:
    """Averages over all queries: how much of the first five is wanted, how much of what is wanted is found."""

    precision_at_5: float
    recall: float


def judged(path: Path = JUDGED) -> dict[str, frozenset[str]]:
    """Each query with the references of the offers that it should find first; no titles."""
    with path.open(newline="", encoding="utf-8") as file:
        return {row["query"]: frozenset(row["references"].split()) for row in csv.DictReader(file)}


def titles_of(offers: Path) -> dict[str, str]:
    """The titles of a file of offers (offers.csv), by reference, in its order, which is that of the dates."""
    with offers.open(newline="", encoding="utf-8") as file:
        return {row["reference"]: row["title"] for row in csv.DictReader(file)}


def scores(search: Callable[[str], Sequence[str]], wanted: Mapping[str, frozenset[str]]) -> Scores:
    """Scores of `search`, which gives all references that it finds for a query, best first."""
    found = {query: search(query) for query in wanted}
    return Scores(
        _mean(precision_at_5(found[query], wanted[query]) for query in wanted),
        _mean(recall(found[query], wanted[query]) for query in wanted),
    )


def precision_at_5(found: Sequence[str], wanted: frozenset[str]) -> float:
    """The share of wanted offers among the first five, or among as many as there are to find."""
    first = min(_FIRST, len(wanted))
    return len(wanted.intersection(found[:first])) / first


def recall(found: Sequence[str], wanted: frozenset[str]) -> float:
    """The share of the wanted offers that is found at all."""
    return len(wanted.intersection(found)) / len(wanted)


def _mean(values: Iterable[float]) -> float:
    every = list(values)
    return sum(every) / len(every)
