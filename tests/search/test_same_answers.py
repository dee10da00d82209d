"""Generated queries get the very ids, totals and facet counts that looking at every offer gives."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from search.queries import OfferIndex, OfferQuery, Order
from search.whoosh_index import WhooshReader, WhooshWriter
from tests.search.offers import (
    FIELDS,
    NOW,
    QUALITIES,
    TRADES,
    VALUES,
    Asked,
    composed_offers,
    plain_answer,
)

OFFERS = composed_offers(500)
TYPED = [*TRADES, *FIELDS, *QUALITIES, "chi", "bio", "ingénieures", "CELLULE", "postdoctorante", "rien"]


@pytest.fixture(scope="module", params=["one segment", "many segments"])
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> OfferIndex:
    root: Path = tmp_path_factory.mktemp("index")
    writer = WhooshWriter(root)
    if request.param == "one segment":
        writer.rebuild(OFFERS)
        return WhooshReader(root)
    stale = [replace(offer, titles=("périmé",), region="99") for offer in OFFERS[::3]]
    writer.rebuild(stale)
    for start in range(0, len(OFFERS), 25):
        writer.apply(OFFERS[start : start + 25])
    return WhooshReader(root)


def _generated(seed: int) -> tuple[Asked, OfferQuery]:
    random = Random(seed)
    all_of: list[tuple[str, ...]] = [(random.choice(TYPED),) for _ in range(random.randint(0, 2))]
    if random.random() < 0.25:
        all_of.append((random.choice(FIELDS), random.choice(FIELDS + QUALITIES)))
    asked = Asked(tuple(all_of), random.choice(TYPED) if random.random() < 0.2 else "")
    filters = {
        facet: frozenset(random.sample([*values, "none such"], random.randint(1, 2)))
        for facet, values in VALUES.items()
        if random.random() < 0.3
    }
    page = random.choice([1, 1, 2, 7])
    return asked, OfferQuery(asked.keywords, **filters, order=Order.date, page=page, page_size=10)


@pytest.mark.parametrize("seed", range(300))
def test_generated_queries_are_answered_as_by_looking_at_every_offer(index: OfferIndex, seed: int) -> None:
    asked, query = _generated(seed)
    answer = index.search(query, NOW)
    assert replace(answer, did_you_mean=None) == plain_answer(OFFERS, asked, query, NOW)


@pytest.mark.parametrize("seed", range(40))
def test_relevance_orders_the_same_offers(index: OfferIndex, seed: int) -> None:
    _, query = _generated(seed)
    by_date = index.search(replace(query, page=1, page_size=500), NOW)
    by_relevance = index.search(replace(query, order=Order.relevance, page=1, page_size=500), NOW)
    assert sorted(by_relevance.ids) == sorted(by_date.ids)
    assert (by_relevance.total, by_relevance.facets) == (by_date.total, by_date.facets)
    pages = [
        index.search(replace(query, order=Order.relevance, page=page, page_size=7), NOW).ids
        for page in range(1, by_date.total // 7 + 2)
    ]
    assert tuple(offer for page in pages for offer in page) == by_relevance.ids
