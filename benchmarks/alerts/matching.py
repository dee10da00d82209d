"""The process that puts alerts to new offers in one of two ways, and says what it found and needed."""

import json
import pickle
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from benchmarks.searching.corpus import NOW
from search.documents import OfferDocument
from search.percolator import Percolator, SavedSearch
from search.queries import FACETS, LARGEST_PAGE, OfferQuery, Order
from search.whoosh_index import WhooshReader, WhooshWriter

_PAGE = 2_000
_SELECT = """
    SELECT candidate, id, keywords, region, job_type, '', industry, job, since, from_number, after_run FROM alert
"""
_ALERTS = f"""
    {_SELECT} WHERE frequency = 'daily' AND stopped_at IS NULL AND (candidate, id) > (?, ?)
    ORDER BY candidate, id LIMIT ?
"""
_SAMPLE = f"{_SELECT} WHERE rowid % ? = 0"

Row = tuple[Any, ...]


def rows(database: sqlite3.Connection) -> Iterator[Row]:
    """All alerts, one candidate after the other, read as a run reads them: by pages, each with a query of its own."""
    after = ("", "")
    while page := database.execute(_ALERTS, (*after, _PAGE)).fetchall():
        yield from page
        after = page[-1][:2]


def saved(row: Row) -> SavedSearch:
    """What an alert looks for."""
    return SavedSearch(*row[2:8])


def run(folder: Path) -> dict[str, Any]:
    """Match every alert, and know what each candidate is to be told of, each offer once."""
    offers = _offers(folder)
    began, computed = time.perf_counter(), time.process_time()
    percolator = Percolator(offers)
    alerts = digests = told = 0
    with closing(sqlite3.connect(folder / "alerts.sqlite")) as database:
        for _, of_one in groupby(rows(database), key=itemgetter(0)):
            found = 0
            for row in of_one:
                alerts += 1
                found |= percolator.matching(saved(row))
            if found:
                digests += 1
                told += found.bit_count()
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "computing": time.process_time() - computed,
        "megabytes": _most_megabytes(),
        "alerts": alerts,
        "digests": digests,
        "told": told,
    }


def sample(folder: Path, every: int) -> dict[str, Any]:
    """Make a search of one alert in `every`, in an index of the new offers alone; then see whether both agree.

    Half of the searches come first and are not measured, for the words that most alerts have are soon known.
    """
    offers = _offers(folder)
    with closing(sqlite3.connect(folder / "alerts.sqlite")) as database:
        drawn = [saved(row) for row in database.execute(_SAMPLE, (every,))]
    first, asked = drawn[::2], drawn[1::2]
    WhooshWriter(folder / "whoosh").rebuild(offers)
    reader = WhooshReader(folder / "whoosh", looks=False)
    reader.poll()
    for one in first:
        _searched(reader, one)
    began, computed = time.perf_counter(), time.process_time()
    found = [_searched(reader, one) for one in asked]
    seconds, computing = time.perf_counter() - began, time.process_time() - computed
    megabytes = _most_megabytes()
    percolator = Percolator(offers)
    differ = [
        one for one, total in zip(asked, found, strict=True) if percolator.matching(one).bit_count() != total
    ]
    return {
        "seconds": seconds,
        "computing": computing,
        "megabytes": megabytes,
        "searches": len(asked),
        "differ": differ,
    }


def _searched(reader: WhooshReader, one: SavedSearch) -> int:
    """How many are found; up to a page's worth of ids are given as well, which a digest needs."""
    filters: dict[str, Any] = {
        facet: frozenset({value}) for facet, value in zip(FACETS, one.choices, strict=True) if value
    }
    query = OfferQuery(one.keywords, **filters, order=Order.date, page_size=LARGEST_PAGE, as_typed=True)
    return reader.search(query, NOW).total


def _offers(folder: Path) -> Sequence[OfferDocument]:
    with (folder / "offers.pickle").open("rb") as file:
        offers: list[OfferDocument] = pickle.load(file)  # written by ourselves
    return offers


def _most_megabytes() -> float:
    """The most that was ever in memory, of this program alone: `getrusage` counts what started it as well."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def main() -> None:
    """`run FOLDER` or `sample FOLDER EVERY`: one JSON object."""
    what, folder, *rest = sys.argv[1:]
    ways: dict[str, Callable[[Path], dict[str, Any]]] = {"run": run}
    if rest:
        ways["sample"] = partial(sample, every=int(rest[0]))
    print(json.dumps(ways[what](Path(folder))))


if __name__ == "__main__":
    main()
