"""Every index gives the very ids, totals and facet counts that looking at every offer gives."""

from dataclasses import replace
from functools import cache
from random import Random

import pytest

from search.queries import Answer, OfferIndex, OfferQuery, Order
from tests.search.backends import BACKENDS
from tests.search.offers import FIELDS, NOW, OTHER_WORDS, QUALITIES, TRADES, VALUES, composed_offers
from tests.search.plain import Part, plain_answer, rank

OFFERS = composed_offers(300)
TYPED = [
    *TRADES, *FIELDS, *QUALITIES, *(word for words in OTHER_WORDS for word in words.split()),
    "chi", "bio", "ingénieures", "CELLULE", "postdoctorante", "doctorat", "chimiste", "rien",
]  # fmt: skip


@pytest.fixture(scope="module", params=BACKENDS)
def index(request: pytest.FixtureRequest) -> OfferIndex:
    return BACKENDS[request.param](request, OFFERS)


def composed_parts(random: Random) -> list[Part]:
    parts = [_part(random) for _ in range(random.choice([0, 1, 1, 2, 2, 3]))]
    if random.random() < 0.15:
        words = random.choice(["ressources humaines", "cell biology", "human resources"]).split()
        parts += [Part("word", (word,)) for word in words]
    if random.random() < 0.2:
        parts.insert(0, Part("minus", (random.choice(TYPED),)))
    if sum(part.kind == "star" for part in parts) > 1:
        return composed_parts(random)
    return list({str(part): part for part in parts}.values())


def _part(random: Random) -> Part:
    chance = random.random()
    if chance < 0.6:
        return Part("word", (random.choice(TYPED),))
    if chance < 0.75:
        return Part("quoted", (random.choice(FIELDS), random.choice(FIELDS + QUALITIES)))
    if chance < 0.9:
        return Part("either", (random.choice(TYPED), random.choice(TYPED)))
    return Part("star", (random.choice(["chi", "mol", "labo", "gest", "ing", "phys"]),))


@cache
def _expected(seed: int) -> tuple[OfferQuery, Answer]:
    parts, query = _generated(seed)
    return query, plain_answer(OFFERS, parts, query, NOW)


def _generated(seed: int) -> tuple[list[Part], OfferQuery]:
    random = Random(seed)
    parts = composed_parts(random)
    filters = {
        facet: frozenset(random.sample([*values, "none such"], random.randint(1, 2)))
        for facet, values in VALUES.items()
        if random.random() < 0.2
    }
    keywords = " ".join(map(str, parts))
    page = random.choice([1, 1, 2, 7])
    return parts, OfferQuery(
        keywords, **filters, order=random.choice(list(Order)), page=page, page_size=10, as_typed=True
    )


@pytest.mark.parametrize("seed", range(400))
def test_generated_queries_are_answered_as_by_looking_at_every_offer(index: OfferIndex, seed: int) -> None:
    query, expected = _expected(seed)
    assert replace(index.search(query, NOW), did_you_mean=None) == expected, query.keywords


def test_the_generated_queries_reach_every_rank() -> None:
    reached = [rank(_generated(seed)[0], offer) for seed in range(100) for offer in OFFERS]
    assert {level: reached.count(level) > 30 for level in (None, 0, 1, 2, 3)} == dict.fromkeys(
        (None, 0, 1, 2, 3), True
    )


def test_pages_joined_are_the_whole_answer(index: OfferIndex) -> None:
    query = OfferQuery("chimie", page_size=500)
    pages = [index.search(replace(query, page=page, page_size=7), NOW).ids for page in range(1, 80)]
    assert tuple(offer for page in pages for offer in page) == index.search(query, NOW).ids


@pytest.mark.parametrize(
    ("typed", "meant", "corrected"),
    [
        ("biolgie", "biologie", True),
        ("Ingeneiur biologei", "ingénieur biologie", True),
        ("chimie molleculaire", "chimie moléculaire", True),
        ('"biochimei laser" -chimie', '"biochimie laser" -chimie', True),
        ("ressourceshumaines", "ressources humaines", True),
        ("biologie", None, False),
        ("rien", None, False),
        ("", None, False),
    ],
)
def test_misspelt_words_are_answered_by_the_better_ones(
    index: OfferIndex, typed: str, meant: str | None, *, corrected: bool
) -> None:
    answer = index.search(OfferQuery(typed), NOW)
    assert (answer.did_you_mean, answer.corrected) == (meant, corrected)
    if meant:
        better = index.search(OfferQuery(meant), NOW)
        assert answer == replace(better, did_you_mean=meant, corrected=True)
        assert better.total > 0
        assert index.search(OfferQuery(typed, as_typed=True), NOW) == replace(
            index.search(OfferQuery("zzzzzzzz"), NOW), did_you_mean=meant
        )


@pytest.mark.parametrize(
    "typed",
    ["ch", "chi", "bio", "inge", "ingenieur ", "inge bio", "gest fin", "biologie cel", "labo", "RH", ""],
)
def test_suggestions_find_offers_and_continue_what_was_typed(index: OfferIndex, typed: str) -> None:
    suggested = index.suggest(typed, NOW)
    assert len(suggested) == len(set(suggested)) <= 8
    assert all(index.search(OfferQuery(text, as_typed=True), NOW).total for text in suggested)
