"""The offers and questions of the benchmarks are the same every time, and mean the same to every contender."""

from dataclasses import replace
from uuid import UUID

import pytest

from benchmarks.searching.corpus import NOW, Model, documents, models
from benchmarks.searching.questions import BARE, KINDS, MISSPELT, NOTHING, TWO, questions, row_of
from benchmarks.searching.results import OURS, OURS_POSTGRES, POSTGRES, SQLITE, TANTIVY, Results, figures_of
from benchmarks.searching.sql import counts_of
from search.documents import OfferDocument


def test_offers_are_composed_of_the_demonstration_where_there_are_no_real_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TEST_DATA", raising=False)
    found = list(documents(models(), 400))
    assert found == list(documents(models(), 400))
    assert (
        len({document.id for document in found}) == len({document.published_at for document in found}) == 400
    )
    assert 0.7 < sum(document.closes_at > NOW for document in found) / 400 < 1


def test_titles_begin_as_one_model_and_end_as_another() -> None:
    of = [Model("a b c", "11", "x", "5", "", ""), Model("d e", "84", "y", "7", "A", "A1")]
    titles = {document.titles[0]: document.region for document in documents(of, 100)}
    assert titles == {"a b b c": "11", "a b e": "11", "d b c": "84", "d e": "84"}


def test_rows_hold_tokens_that_no_tokenizer_parts() -> None:
    document = OfferDocument(UUID(int=1), ("Développeur C++ (H/F)",), NOW, NOW, region="11")
    offer, _, _, keys, pairs, spellings, *facets = row_of(document)
    tokens = " ".join((keys, pairs, spellings)).split()
    assert all(token.isascii() and token.replace("_", "").isalnum() for token in tokens)
    assert ("c_2b__2b_" in keys.split(), offer, facets) == (True, UUID(int=1).hex, ["11", "", "", "", ""])


def test_questions_are_of_each_kind() -> None:
    found = questions(list(documents(models(), 300)), 9)
    assert found == questions(list(documents(models(), 300)), 9)
    assert {kind: len(asked) for kind, asked in found.items()} == {k: 3 if k is NOTHING else 9 for k in KINDS}
    assert all("misspelt" in question for question in found[MISSPELT])
    assert all("bare" in question for question in found[BARE])
    assert [len(question["filters"]) > 0 for question in found[TWO]] == [False, True, True] * 3


def test_peers_leave_a_facet_s_own_filter_out_of_its_counts() -> None:
    cells = [("11", "x", "5", "", "", 3), ("84", "x", "5", "A", "A1", 2), ("84", "y", "7", "A", "A1", 1)]
    assert counts_of(cells, {"filters": {"region": ["11"], "level": ["5"]}}) == (
        3,
        {"region": {"11": 3, "84": 2}, "job_type": {"x": 3}, "level": {"5": 3}, "industry": {}, "job": {}},
    )


def test_figures_pair_whoever_was_asked() -> None:
    seconds = {"build": [2.0], "open": [1.0], "update": [1.0]}
    latencies = {(kind, when): [[0.001, 0.002, 0.009]] for kind in KINDS for when in ("warm", "cold")}
    quick = Results(seconds, latencies, 100.0)
    results = dict.fromkeys((OURS, OURS_POSTGRES, TANTIVY, POSTGRES), quick)
    without_misspelt = {key: rounds for key, rounds in latencies.items() if key[0] != MISSPELT}
    figures = figures_of("search", results | {SQLITE: replace(quick, latencies=without_misspelt)})
    assert len({(figure.name, figure.against) for figure in figures}) == len(figures) == 12 + 2 + 96 - 4
    two = next(figure for figure in figures if figure.name == f"search: {TWO}, warm, p99")
    assert (two.ours, two.theirs, two.ratio, two.aim) == (9.0, 9.0, 1.0, 1.0)
