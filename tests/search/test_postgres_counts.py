"""Counts that are held are those of the present: of the last change, and of the instant that asks."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from search.postgres_index import PostgresReader, PostgresWriter
from search.queries import Answer, OfferQuery
from tests.search.backends import empty_postgres_index
from tests.search.offers import NOW, offer


@pytest.fixture
def index(request: pytest.FixtureRequest) -> Iterator[tuple[PostgresWriter, PostgresReader]]:
    url = empty_postgres_index(request)
    with closing(PostgresWriter(url)) as writer, closing(PostgresReader(url)) as reader:
        writer.rebuild([
            offer(1, "Chimiste", region="11", level="5"),
            offer(2, "Chimiste", region="84", level="5", closes_at=NOW + timedelta(days=1)),
            offer(3, "Biologiste", region="11"),
        ])  # fmt: skip
        yield writer, reader


def _totals(answer: Answer) -> tuple[int, dict[str, int]]:
    return answer.total, dict(answer.facets["region"])


def test_held_counts_serve_other_filters(index: tuple[PostgresWriter, PostgresReader]) -> None:
    _, reader = index
    assert _totals(reader.search(OfferQuery("chimiste"), NOW)) == (2, {"11": 1, "84": 1})
    chosen = OfferQuery("chimiste", region=frozenset({"84", "none such"}))
    assert _totals(reader.search(chosen, NOW)) == (1, {"11": 1, "84": 1})
    assert _totals(reader.search(OfferQuery("chimiste", level=frozenset({"8"})), NOW)) == (0, {})
    assert _totals(reader.search(OfferQuery("chimiste", level=frozenset({""})), NOW)) == (0, {})


def test_held_counts_end_with_a_change(index: tuple[PostgresWriter, PostgresReader]) -> None:
    writer, reader = index
    assert reader.search(OfferQuery("chimiste"), NOW).total == 2
    writer.apply([offer(4, "Chimiste", region="53")], [offer(1).id])
    answer = reader.search(OfferQuery("chimiste"), NOW)
    assert (_totals(answer), len(answer.ids)) == ((2, {"53": 1, "84": 1}), 2)


def test_held_counts_end_when_an_offer_closes(index: tuple[PostgresWriter, PostgresReader]) -> None:
    _, reader = index
    before_closing, at_closing = NOW + timedelta(days=1, microseconds=-1), NOW + timedelta(days=1)
    asked = [
        reader.search(OfferQuery("chimiste"), now).total for now in (NOW, before_closing, at_closing, NOW)
    ]
    assert asked == [2, 2, 1, 2]


def test_few_and_many_results_come_newest_first(index: tuple[PostgresWriter, PostgresReader]) -> None:
    """What is found is sorted, or the newest are gone through, as it takes less."""
    writer, reader = index
    writer.rebuild(offer(n, "Chimiste rare" if n % 97 == 0 else "Chimiste") for n in range(1, 1001))
    for keywords, numbers in {"chimiste": range(1000, 980, -1), "chimiste rare": range(970, 0, -97)}.items():
        found = reader.search(OfferQuery(keywords), NOW).ids
        assert found == tuple(offer(n).id for n in numbers)
