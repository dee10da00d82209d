"""Alerts for the benchmark, as many as are wanted, in a table as the portal has it."""

import csv
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from uuid import UUID

from benchmarks.searching.corpus import NOW, Model
from search.keywords import LONGEST_KEYWORDS

DISTINCT = 67_000
"""What people type: so many different keywords, some far more often than others."""

_TABLE = """
    CREATE TABLE alert (
        id TEXT PRIMARY KEY NOT NULL, candidate TEXT NOT NULL, frequency VARCHAR(10) NOT NULL,
        job_type VARCHAR(40) NOT NULL, industry VARCHAR(10) NOT NULL, job VARCHAR(40) NOT NULL,
        region VARCHAR(10) NOT NULL, keywords VARCHAR(500) NOT NULL, criteria VARCHAR(64) NOT NULL,
        since TEXT NOT NULL, from_number BIGINT NOT NULL, after_run BIGINT NOT NULL, stopped_at TEXT)
"""
_INDEX = "CREATE INDEX alert_frequency ON alert (frequency, candidate, id) WHERE stopped_at IS NULL"
_INSERT = "INSERT INTO alert VALUES (?, ?, 'daily', ?, ?, ?, ?, ?, ?, ?, 0, 0, NULL)"

_ALERTS_A_CANDIDATE = 2.5
_WITHOUT_KEYWORDS = 0.25
_ANYWHERE = 0.3


def titles(of: Sequence[Model]) -> list[str]:
    """What people may look for: occupations in English and French (TEST_DATA), or else the offers' own titles."""
    folder = os.environ.get("TEST_DATA")
    file = Path(folder) / "titles" / "esco_occupations_en_fr.csv" if folder else None
    found = list(_occupations(file)) if file and file.exists() else [model.title for model in of]
    return list(dict.fromkeys(filter(None, found)))


def _occupations(file: Path) -> Iterator[str]:
    with file.open(newline="", encoding="utf-8") as opened:
        for row in csv.DictReader(opened):
            for name in ("label_fr", "label_en", "alt_fr", "alt_en"):
                yield from row[name].split("|")


def write_alerts(path: Path, of: Sequence[Model], count: int, seed: int = 11) -> None:
    """A new database with `count` alerts in the order in which they were made; the same every time."""
    random = Random(seed)
    typed = _typed(titles(of), [model.title for model in of], random)
    candidates = [
        UUID(int=random.getrandbits(128), version=4) for _ in range(round(count / _ALERTS_A_CANDIDATE))
    ]
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(_TABLE)
        database.executemany(_INSERT, (_row(of, typed, candidates, random) for _ in range(count)))
        database.execute(_INDEX)
        database.execute("ANALYZE")


def _row(
    of: Sequence[Model], typed: Sequence[str], candidates: Sequence[UUID], random: Random
) -> tuple[str, ...]:
    model = random.choice(of)
    keywords = "" if random.random() < _WITHOUT_KEYWORDS else typed[int(len(typed) * random.random() ** 2)]
    region = "" if random.random() < _ANYWHERE else random.choice(of).region
    alert = str(UUID(int=random.getrandbits(128), version=4))
    means = f"{random.getrandbits(256):064x}"
    return (
        alert,
        str(random.choice(candidates)),
        *_job(model, random),
        region,
        keywords,
        means,
        NOW.isoformat(),
    )


def _job(model: Model, random: Random) -> tuple[str, str, str]:
    """All jobs, all of a job type, of an industry, or one job: as closely as the alert's page lets one choose."""
    facets = (model.job_type, model.industry, model.job)
    chosen = random.choice([0, 1, 1, 2, 2, 3])
    return (*facets[:chosen], "", "", "")[:3]  # type: ignore[return-value]  # three of at least three


def _typed(occupations: Sequence[str], offered: Sequence[str], random: Random) -> list[str]:
    """Different keywords, those first that are typed most: words of offers, then words of all occupations."""
    found: dict[str, None] = {}
    for number in range(40 * DISTINCT):
        if len(found) == DISTINCT:
            break
        often = len(found) < DISTINCT // 10
        of = offered if often or not number % 4 else occupations
        if words := [*_words(random.choice(of))[:3], *_words(random.choice(of))[: number % 3]]:
            found[_keywords(words, random)[:LONGEST_KEYWORDS]] = None
    return list(found)


def _words(title: str) -> list[str]:
    return [word for word in title.split() if len(word) > 3 and word[0].isalpha()]


_WAYS: Sequence[tuple[int, Callable[[list[str], Random], str]]] = (
    (30, lambda words, random: random.choice(words)),
    (20, lambda words, random: " ".join(random.sample(words, min(2, len(words))))),
    (10, lambda words, random: random.choice(words)[: random.randint(3, 6)].lower()),
    (5, lambda words, _random: f'"{" ".join(words[:2])}"'),
    (5, lambda words, _random: f"{words[0]} OR {words[-1]}"),
    (5, lambda words, _random: f"{words[0]} -{words[-1]}"),
    (25, lambda words, _random: " ".join(words)),
)
"""How people type, and how often of a hundred: a word, two, the beginning of one, a phrase, …, a whole title."""


def _keywords(words: list[str], random: Random) -> str:
    (way,) = random.choices([way for _, way in _WAYS], [often for often, _ in _WAYS])
    return way(words, random)
