"""A run over all alerts beside one search for each of them, which is extrapolated from a sample."""

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.alerts.composed import write_alerts
from benchmarks.figures import Figure, compared
from benchmarks.searching.corpus import NOW, documents, models
from search.documents import OfferDocument

SEARCH_EACH = "one search for each alert"
AIM_SECONDS, AIM_MEGABYTES = "10 seconds", "300 MB"

_SEARCHES = 2_000
_TIMES_AS_QUICK = 10.0
_AHEAD = 1.0
_ROOT = Path(__file__).parents[2]


class MatchesDiffer(AssertionError):
    """An alert matches other offers than its search finds, so that their speeds cannot be held against each other."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many alerts, against how many new offers (one after the other), in how many rounds."""

    alerts: int
    offers: tuple[int, ...]
    rounds: int


def measured_alerts(crowd: Crowd, folder: Path) -> list[Figure]:
    """All figures of one crowd, in an empty folder. Raises MatchesDiffer, and what keeps a process from its work."""
    of = models()
    write_alerts(folder / "alerts.sqlite", of, crowd.alerts)
    figures: list[Figure] = []
    for count in crowd.offers:
        place = folder / str(count)
        place.mkdir()
        (place / "alerts.sqlite").symlink_to(folder / "alerts.sqlite")
        offers = list(islice(_open(documents(of, 2 * count)), count))
        (place / "offers.pickle").write_bytes(pickle.dumps(offers))
        figures += _figures(crowd, count, place)
    return figures


def _open(offers: Iterator[OfferDocument]) -> Iterator[OfferDocument]:
    return (offer for offer in offers if offer.closes_at > NOW)


def _figures(crowd: Crowd, offers: int, place: Path) -> list[Figure]:
    """In turns, so that what else the machine does hits both alike."""
    runs, samples = [], []
    every = max(1, crowd.alerts // (2 * _SEARCHES))
    for _ in range(crowd.rounds):
        runs.append(_done("run", place))
        samples.append(_done("sample", place, str(every)))
        if differing := samples[-1]["differ"]:
            raise MatchesDiffer(f"{len(differing)} of {samples[-1]['searches']}, such as {differing[0]}")
    name = f"{crowd.alerts:,} alerts, {offers:,} new offers"
    return [
        *_beside_searches(name, crowd.alerts, runs, samples),
        *_beside_aims(name, crowd.alerts, offers, runs),
    ]


def _beside_searches(
    name: str, alerts: int, runs: Sequence[dict[str, Any]], samples: Sequence[dict[str, Any]]
) -> Iterator[Figure]:
    for what, label in (("seconds", name), ("computing", f"{name}: computing of the process")):
        ours = [run[what] for run in runs]
        theirs = [sample[what] * alerts / sample["searches"] for sample in samples]
        yield compared(
            label, ours, theirs, against=SEARCH_EACH, unit="s", aim=_TIMES_AS_QUICK, better="lower"
        )


def _beside_aims(name: str, alerts: int, offers: int, runs: Sequence[dict[str, Any]]) -> Iterator[Figure]:
    """What a night's run may need; of time only with the numbers that the aim is for."""
    aims = {"seconds": 10.0, "computing": 10.0, "megabytes": 300.0}
    labels = {
        "seconds": (name, AIM_SECONDS, "s"),
        "computing": (f"{name}: computing of the process", AIM_SECONDS, "s"),
        "megabytes": (f"{name}: most memory", AIM_MEGABYTES, "MB"),
    }
    for what, (label, against, unit) in labels.items():
        if what == "megabytes" or (alerts, offers) == (1_000_000, 2_000):
            needed = [run[what] for run in runs]
            limits = [aims[what]] * len(runs)
            yield compared(label, needed, limits, against=against, unit=unit, aim=_AHEAD, better="lower")


def _done(*arguments: str | Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.alerts.matching", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=_ROOT)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
