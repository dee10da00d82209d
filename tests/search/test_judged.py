"""Over real titles the search finds what people look for, best first."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from benchmarks.judging import judged, precision_at_5, recall, scores, titles_of
from search.documents import OfferDocument
from search.queries import OfferQuery
from search.whoosh_index import WhooshReader, WhooshWriter
from tests.support.real_data import REAL_DATA, needs_real_data

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_scores_count_what_is_wanted_among_the_first_five_and_at_all() -> None:
    wanted = frozenset("abcdefgh")
    assert (precision_at_5("axbyzc", wanted), recall("axbyzc", wanted)) == (0.4, 3 / 8)
    assert (precision_at_5("xa", frozenset("a")), recall("xa", frozenset("a"))) == (0.0, 1.0)


@needs_real_data
def test_judged_queries_find_the_wanted_offers_first(tmp_path: Path) -> None:
    titles = titles_of(REAL_DATA / "offers" / "offers.csv")
    references = {uuid5(NAMESPACE_URL, reference): reference for reference in titles}
    WhooshWriter(tmp_path).rebuild(
        OfferDocument(
            offer,
            (titles[reference],),
            NOW - timedelta(days=9) + timedelta(minutes=n),
            NOW.max.replace(tzinfo=UTC),
        )
        for n, (offer, reference) in enumerate(references.items())
    )
    reader = WhooshReader(tmp_path)

    def found(keywords: str) -> list[str]:
        query = OfferQuery(keywords, page_size=len(titles))
        return [references[offer] for offer in reader.search(query, NOW).ids]

    reached = scores(found, judged())
    assert len(judged()) >= 150
    assert (reached.precision_at_5 >= 0.93, reached.recall >= 0.95) == (True, True), reached
