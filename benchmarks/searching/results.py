"""What the contenders of the search were measured to need, and its figures."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.figures import Figure, compared
from benchmarks.searching.questions import BARE, KINDS, MISSPELT

OURS, OURS_POSTGRES = "Vivier", "Vivier on PostgreSQL"
TANTIVY, SQLITE, POSTGRES = "tantivy", "SQLite FTS5", "PostgreSQL, SQL by hand"

_AHEAD, _WITHIN_THREE_TIMES = 1.0, 0.33
_DONE = {"build": "build", "open": "open", "update": "one offer changed, until it is found"}
_PAIRS = (
    (OURS, TANTIVY, ""),
    (OURS, SQLITE, ""),
    (OURS, POSTGRES, ""),
    (OURS_POSTGRES, POSTGRES, ", VIVIER_SEARCH=postgres"),
)


@dataclass
class Results:
    """Of one contender: seconds by what was done, latencies by kind and by cold or warm, a list a round."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    latencies: dict[tuple[str, str], list[list[float]]] = field(default_factory=dict)
    megabytes: float = 0.0

    def took(self, what: str, seconds: float) -> None:
        self.seconds.setdefault(what, []).append(seconds)


def figures_of(name: str, results: Mapping[str, Results]) -> list[Figure]:
    """Every figure of one size, called `name`."""
    return [*_times(name, results), *_memory(name, results), *_latencies(name, results)]


def _times(name: str, results: Mapping[str, Results]) -> Iterator[Figure]:
    for what, label in _DONE.items():
        for ours, other, suffix in _PAIRS:
            mine, theirs = ([1000 * s for s in results[each].seconds[what]] for each in (ours, other))
            yield _figure(f"{name}: {label}{suffix}", mine, theirs, other, _WITHIN_THREE_TIMES)


def _memory(name: str, results: Mapping[str, Results]) -> Iterator[Figure]:
    for other in (TANTIVY, SQLITE):
        mine, theirs = ([results[each].megabytes] for each in (OURS, other))
        label = f"{name}: memory of a process that answers"
        yield _figure(label, mine, theirs, other, _WITHIN_THREE_TIMES, unit="MB")


def _latencies(name: str, results: Mapping[str, Results]) -> Iterator[Figure]:
    for kind in KINDS:
        for temperature in ("warm", "cold"):
            for quantile in (50, 99):
                for ours, other, suffix in _PAIRS:
                    if (kind, temperature) not in results[other].latencies:
                        continue
                    mine, theirs = (
                        _quantiles(results[each].latencies[kind, temperature], quantile)
                        for each in (ours, other)
                    )
                    label = f"{name}: {kind}, {temperature}, p{quantile}{suffix}"
                    yield _figure(label, mine, theirs, other, _aim(kind, ours))


def _aim(kind: str, ours: str) -> float:
    """Ahead where everything is asked for that a page of results shows, else within three times."""
    return _AHEAD if ours == OURS and kind not in {MISSPELT, BARE} else _WITHIN_THREE_TIMES


def _quantiles(rounds: Sequence[Sequence[float]], of_100: int) -> list[float]:
    """Of each round, in milliseconds; few are slower than the 99th of 100, so that is taken over all rounds."""
    if of_100 == 50:
        return [1000 * statistics.median(latencies) for latencies in rounds]
    every = sorted(latency for latencies in rounds for latency in latencies)
    return [1000 * every[-(-len(every) * of_100 // 100) - 1]]


def _figure(
    name: str, mine: Sequence[float], theirs: Sequence[float], other: str, aim: float, unit: str = "ms"
) -> Figure:
    return compared(name, mine, theirs, against=other, unit=unit, aim=aim, better="lower")
