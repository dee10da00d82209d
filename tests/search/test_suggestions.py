"""Beginnings are completed by what the open offers' titles hold."""

from collections.abc import Sequence

import pytest

from search.clauses import Condition
from search.queries import OfferIndex
from search.spelling import Lexicon
from search.suggestions import MOST_SUGGESTIONS, suggestions
from tests.search.backends import BACKENDS
from tests.search.offers import NOW, offer

OFFERS = [
    *(offer(number, "Ingénieur·e d'études en biologie (H/F)") for number in range(1, 6)),
    *(offer(number, "INGENIEUR en biochimie") for number in range(6, 9)),
    offer(9, "Technicien(ne) en biologie moléculaire"),
    offer(10, "Technicien en biologie moléculaire"),
    offer(11, "Gestionnaire financier-e"),
    offer(12, "Chargé de gestion financière"),
    offer(13, "Bionique", closes_at=NOW),
    offer(14, "Développeur C++"),
]

SUGGESTED = {
    "bio": ["biologie", "biochimie", "biologie moléculaire"],
    "BIOL": ["biologie", "biologie moléculaire"],
    "inge": ["ingénieur", "ingénieur d'études", "ingénieur en biochimie"],
    "inge bio": ["ingénieur biologie", "ingénieur en biochimie"],
    "ingenieur d'et": ["ingénieur d'études"],
    "ingenieur d": ["ingénieur d'études"],
    "ingénieur en ": ["ingénieur en biochimie"],
    "ingénieur ": ["ingénieur d'études", "ingénieur en biochimie"],
    "technicien b": ["technicien en biologie"],
    "gest fin": ["gestion financière"],
    "biologie mol": ["biologie moléculaire"],
    "ingeneiur": ["ingénieur"],
    "tecnicien bio": ["technicien en biologie"],
    "dév": ["développeur", "développeur c++"],
    "de": ["développeur", "développeur c++"],
    "bion": [],
    "b": [],
    "": [],
    "   ": [],
    "zzz": [],
    '"bio': [],
    "laser -bio": [],
    "laser OR bio": [],
    "bio*": [],
}


@pytest.fixture(scope="module", params=BACKENDS)
def index(request: pytest.FixtureRequest) -> OfferIndex:
    return BACKENDS[request.param](request, OFFERS)


@pytest.mark.parametrize("typed", SUGGESTED)
def test_a_beginning_becomes_what_open_offers_hold(index: OfferIndex, typed: str) -> None:
    assert index.suggest(typed, NOW) == SUGGESTED[typed]


def test_a_beginning_with_very_many_completions_asks_for_few() -> None:
    asked: list[int] = []

    def counts(conditions: Sequence[Condition]) -> list[int]:
        asked.append(len(conditions))
        return [1] * len(conditions)

    words = [(f"ab{number}x", f"ab{number}x", number) for number in range(5000)]
    lexicon = Lexicon(words, [(f"ab{number}x other", " ", number) for number in range(5000)])
    assert len(suggestions("ab", lexicon, counts)) == MOST_SUGGESTIONS
    assert asked == [64]
