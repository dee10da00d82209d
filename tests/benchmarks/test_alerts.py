"""The alerts of the benchmark are the same every time, and both ways to match them find the same."""

import pickle
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.alerts.composed import write_alerts
from benchmarks.alerts.matching import rows, run, sample, saved
from benchmarks.searching.corpus import NOW, documents, models


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("TEST_DATA", raising=False)
    monkeypatch.setattr("benchmarks.alerts.composed.DISTINCT", 500)
    write_alerts(tmp_path / "alerts.sqlite", models(), 3_000)
    offers = [offer for offer in documents(models(), 180) if offer.closes_at > NOW]
    (tmp_path / "offers.pickle").write_bytes(pickle.dumps(offers))
    return tmp_path


def _alerts(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return list(rows(database))


def test_alerts_are_the_same_every_time_and_come_by_candidate(folder: Path) -> None:
    write_alerts(folder / "again.sqlite", models(), 3_000)
    found = _alerts(folder / "alerts.sqlite")
    assert found == _alerts(folder / "again.sqlite") == sorted(found, key=lambda row: (row[0], row[1]))
    searches = [saved(row) for row in found]
    different = {search.keywords for search in searches}
    assert (len(found), "" in different, 300 < len(different) <= 501) == (3_000, True, True)
    assert [{bool(choice) for choice in choices} for choices in zip(*searches, strict=True)] == [
        {True, False}, {True, False}, {True, False}, {False}, {True, False}, {True, False}
    ]  # fmt: skip


def test_a_run_matches_every_alert_and_a_search_of_each_finds_the_same(folder: Path) -> None:
    done, searched = run(folder), sample(folder, every=10)
    assert (done["alerts"], 0 < done["digests"] < done["told"]) == (3_000, True)
    assert (searched["searches"], searched["differ"]) == (150, [])
