"""A saved search finds, among new offers, what the search itself finds there (L3)."""

import tracemalloc
from random import Random

import pytest

from search.clauses import all_of, holding
from search.documents import OfferDocument
from search.keywords import parsed, requirements
from search.percolator import Percolator, SavedSearch
from search.queries import FACETS, LARGEST_PAGE, OfferIndex, OfferQuery, Order
from search.synonyms import use_own
from tests.search.backends import whoosh
from tests.search.offers import NOW, VALUES, composed_offers, offer
from tests.search.plain import rank
from tests.search.test_hostile import composed_texts
from tests.search.test_keywords import HOSTILE, TITLES, UNDERSTOOD
from tests.search.test_same_answers import composed_parts
from tests.support.real_data import naughty_strings, needs_real_data

OFFERS = [each for each in composed_offers(400) if each.closes_at > NOW]
PERCOLATOR = Percolator(OFFERS)


@pytest.fixture(scope="module")
def index(request: pytest.FixtureRequest) -> OfferIndex:
    return whoosh(request, OFFERS)


def _found(index: OfferIndex, saved: SavedSearch) -> list[OfferDocument]:
    """What the search finds, in the order in which the offers are held."""
    filters = {facet: frozenset({value}) for facet, value in zip(FACETS, saved.choices, strict=True) if value}
    query = OfferQuery(saved.keywords, **filters, order=Order.date, page_size=LARGEST_PAGE, as_typed=True)  # type: ignore[arg-type]  # facets by name
    ids = set(index.search(query, NOW).ids)
    return [offer for offer in OFFERS if offer.id in ids]


def _matched(percolator: Percolator, saved: SavedSearch) -> list[OfferDocument]:
    return [*percolator.offers_of(percolator.matching(saved))][::-1]


def _choices(random: Random) -> dict[str, str]:
    """Of each facet all, or one that offers have, or one that none has."""
    return {
        facet: random.choice(["", "", "", *values, "none such"] if random.random() < 0.4 else [""])
        for facet, values in VALUES.items()
    }


def test_generated_searches_match_what_the_index_and_a_look_at_every_offer_find(index: OfferIndex) -> None:
    reached = []
    for seed in range(400):
        random = Random(seed)
        parts, choices = composed_parts(random), _choices(random)
        saved = SavedSearch(" ".join(map(str, parts)), **choices)
        looked_at = [
            each
            for each in OFFERS
            if rank(parts, each) is not None and all(not v or each.facet(f) == v for f, v in choices.items())
        ]
        matched = _matched(PERCOLATOR, saved)
        assert matched == looked_at == _found(index, saved), saved
        reached.append(len(matched))
    assert sum(0 < number < len(OFFERS) for number in reached) > 150


@pytest.mark.parametrize("keywords", UNDERSTOOD)
def test_keywords_match_the_titles_that_they_mean(keywords: str) -> None:
    percolator = Percolator([offer(number, title) for number, title in enumerate(TITLES)])
    matched = _matched(percolator, SavedSearch(keywords))
    assert [each.id.int for each in matched] == UNDERSTOOD[keywords]


def test_hostile_keywords_and_choices_match_what_the_index_finds(index: OfferIndex) -> None:
    for typed in [*HOSTILE, *composed_texts(300)]:
        assert _matched(PERCOLATOR, SavedSearch(typed)) == _found(index, SavedSearch(typed)), typed
        assert PERCOLATOR.matching(SavedSearch("", *[typed] * len(FACETS))) == 0


@needs_real_data
def test_naughty_strings_match_what_the_index_finds(index: OfferIndex) -> None:
    for typed in naughty_strings():
        assert _matched(PERCOLATOR, SavedSearch(typed)) == _found(index, SavedSearch(typed)), typed


def test_a_search_for_all_matches_every_offer_also_those_of_which_little_is_known() -> None:
    percolator = Percolator([offer(1, "Chimiste"), offer(2), offer(3, "Chimiste", region="11")])
    assert percolator.matching(SavedSearch()) == percolator.everything == 0b111
    assert percolator.matching(SavedSearch("chimiste", region="11")) == 0b100


def test_misspelt_keywords_are_not_corrected() -> None:
    assert PERCOLATOR.matching(SavedSearch("biolgie")) == 0 < PERCOLATOR.matching(SavedSearch("biologie"))


def test_without_offers_nothing_matches() -> None:
    percolator = Percolator([])
    matched = [percolator.matching(SavedSearch(typed)) for typed in ("", "chimie", '"a b"', "-a", "bio*")]
    assert (matched, [*percolator.offers_of(0)]) == ([0] * 5, [])


def test_matching_offers_come_last_given_first_and_no_more_than_wanted() -> None:
    offers = [offer(number, "Chimiste" if number % 2 else "Paie") for number in range(9)]
    percolator = Percolator(offers)
    found = percolator.matching(SavedSearch("chimie"))
    assert [*percolator.offers_of(found)] == [offers[at] for at in (7, 5, 3, 1)]
    assert [*percolator.offers_of(found, most=2)] == [offers[7], offers[5]]
    assert [*percolator.offers_of(found >> 4 << 4)] == [offers[7], offers[5]]


def test_synonyms_of_the_house_count() -> None:
    offers = [offer(1, "Zythologue")]
    use_own(["brasseur, zythologue"])
    try:
        known = Percolator(offers).matching(SavedSearch("brasseur"))
    finally:
        use_own([])
    assert (known, Percolator(offers).matching(SavedSearch("brasseur"))) == (1, 0)


def test_requirements_together_are_the_condition_of_a_search() -> None:
    for typed in [
        *UNDERSTOOD,
        *HOSTILE,
        *(" ".join(map(str, composed_parts(Random(n)))) for n in range(200)),
    ]:
        condition = parsed(typed).condition
        assert holding(all_of(requirements(typed)), PERCOLATOR) == holding(condition, PERCOLATOR), typed


def test_what_is_kept_of_many_different_keywords_is_bounded() -> None:
    percolator = Percolator([offer(number, "Chimiste") for number in range(8_000)], room=1 << 19)
    tracemalloc.start()
    try:
        for number in range(1_200):  # each finds all: a kilobyte
            percolator.matching(SavedSearch(f"chimiste OR {number % 60} OR {number // 60}"))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 128 << 10 < kept < 1 << 19
