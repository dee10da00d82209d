"""Whatever is typed is answered, by every index, with bounded work."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from search.queries import FACETS, LARGEST_PAGE, OfferIndex, OfferQuery, Order
from tests.search.backends import BACKENDS
from tests.search.offers import NOW, composed_offers
from tests.search.test_keywords import HOSTILE
from tests.support.real_data import naughty_strings, needs_real_data

OFFERS = composed_offers(40)
MANY = 1000
_SIGNS = (
    "*?\"'()[]{}<>:;,.!/\\|&^~+-_=@#$%§°·«»“”…\t\n\x00\x1b\u200b\u202e\u2028\ufeff\U000e0001éœßıİﷺ🏳️‍🌈👩‍🔬عבか"
)
_WORDS = [
    "OR",
    "OU",
    "AND",
    "ET",
    "NOT",
    "bio",
    "chimie",
    "h/f",
    "c++",
    ".net",
    "post-doc",
    "*",
    '"',
    "-",
    "phrase",
    "1=1",
]


def composed_texts(count: int) -> Iterator[str]:
    random = Random(5)
    for _ in range(count):
        pieces = [
            random.choice(_WORDS)
            if random.random() < 0.5
            else random.choice(_SIGNS) * random.choice([1, 1, 2, 70])
            for _ in range(random.randint(1, 30))
        ]
        yield random.choice(["", " "]).join(pieces) * random.choice([1, 1, 1, 200])


@pytest.fixture(scope="module", params=["whoosh", "postgres"])
def index(request: pytest.FixtureRequest) -> OfferIndex:
    return BACKENDS[request.param](request, OFFERS)


def _answer(index: OfferIndex, typed: str) -> None:
    everything = sum(offer.closes_at > NOW for offer in OFFERS)
    answer = index.search(OfferQuery(typed, page_size=LARGEST_PAGE), NOW)
    assert len(answer.ids) == len(set(answer.ids)) == answer.total <= everything
    assert len(index.suggest(typed, NOW)) <= 8


@pytest.mark.parametrize("number", range(10))
def test_a_thousand_hostile_texts_are_answered(index: OfferIndex, number: int) -> None:
    texts = [*HOSTILE, *composed_texts(MANY - len(HOSTILE))]
    assert len(texts) == MANY
    for typed in texts[number::10]:
        _answer(index, typed)


@needs_real_data
def test_naughty_strings_are_answered(index: OfferIndex) -> None:
    for typed in naughty_strings():
        _answer(index, typed)


def test_hostile_filters_find_nothing(index: OfferIndex) -> None:
    for facet in FACETS:
        query = replace(OfferQuery(order=Order.date), **{facet: frozenset(HOSTILE)})  # type: ignore[arg-type]  # by name
        assert index.search(query, NOW).total == 0
