"""The process of a contender: takes orders, one JSON object a line, and times what it is told to do."""

import gc
import json
import os
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

FACETS = ("region", "job_type", "level", "industry", "job")
PAGE = 20

Question = Mapping[str, Any]
"""`keywords` with their condition as a `tree`, `filters`, and `now` in microseconds.

The tree: null for every offer, ["all" | "any", tree, …], ["not", tree], or ["term" | "prefix", field, token].
`misspelt` instead is a spelling that no title has, with the number of `mistakes` to forgive. With `bare` nobody
asks for the counts.
"""

Answer = tuple[list[str], int, dict[str, dict[str, int]]]
"""The ids of the page, the total, the counts beside every choice; offers found without one of its own filters."""


class Contender(Protocol):
    """One index with whatever its users would build around it."""

    def build(self, folder: Path) -> None:
        """From the rows of `rows_of(folder)`; what is in the way is removed."""

    def open(self, folder: Path) -> None:
        """As a process that has just started; what was held before is forgotten."""

    def ask(self, question: Question) -> Answer: ...

    def update(self, row: Sequence[Any]) -> None:
        """Replace the offer of that id; afterwards it is found by its new title."""


def rows_of(folder: Path) -> Iterator[list[Any]]:
    """Id, published, closing (microseconds), keys, pairs, spellings (tokens with blanks between), five facets."""
    with (folder / "rows.jsonl").open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def serve(contender: Contender) -> None:
    """Answer orders until there are no more."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    try:
        print(json.dumps({"ready": True}), file=answers)
        for line in sys.stdin:
            print(json.dumps(_done(contender, json.loads(line))), file=answers)
    except Exception:  # noqa: BLE001  # whoever started this process raises it again
        print(json.dumps({"error": traceback.format_exc()}), file=answers)


def _done(contender: Contender, order: dict[str, Any]) -> dict[str, Any]:
    began = time.perf_counter()
    match order["do"]:
        case "build":
            contender.build(Path(order["folder"]))
        case "open":
            contender.open(Path(order["folder"]))
        case "update":
            contender.update(order["row"])
        case "ask":
            return _asked(contender, order["questions"])
        case "memory":
            gc.collect()
            return {"megabytes": _resident_megabytes()}
    return {"seconds": time.perf_counter() - began}


def _asked(contender: Contender, questions: Sequence[Question]) -> dict[str, Any]:
    latencies, answers = [], []
    for question in questions:
        began = time.perf_counter()
        answers.append(contender.ask(question))
        latencies.append(time.perf_counter() - began)
    return {"latencies": latencies, "answers": answers}


def _resident_megabytes() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024
