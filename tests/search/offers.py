"""Offers composed from small lists of words, the same for every run, and a plain reference to search them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import groupby
from random import Random
from uuid import UUID

from search.analysis import normalise
from search.documents import OfferDocument
from search.queries import FACETS, Answer, OfferQuery, Order
from search.words import fold

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TRADES = ["Ingénieur", "Chercheuse", "Technicien", "Postdoc", "Gestionnaire", "Développeuse"]
FIELDS = ["biologie", "chimie", "physique", "informatique", "gestion", "biochimie", "chimiques", "laser"]
QUALITIES = ["cellulaire", "moléculaire", "financière", "expérimentale", "cellules", "générale"]
VALUES = {
    "region": ["11", "84", "abroad"],
    "job_type": ["technical_admin", "scientific"],
    "level": ["5", "7", "8"],
    "industry": ["A", "B", "J"],
    "job": ["A1", "A2", "B1", "J1"],
}


def offer(number: int, *titles: str, **changes: object) -> OfferDocument:
    """An open offer; a higher number was published later."""
    published = NOW - timedelta(days=100) + timedelta(hours=number)
    document = OfferDocument(UUID(int=number), titles, published, NOW + timedelta(days=30))
    return replace(document, **changes)  # type: ignore[arg-type]  # any field, by name


def composed_offers(count: int, seed: int = 7) -> list[OfferDocument]:
    """Some in two languages, some closed, several published at the same instant, some without a facet."""
    random = Random(seed)
    return [_composed(number, random) for number in range(1, count + 1)]


def _composed(number: int, random: Random) -> OfferDocument:
    words = [random.choice(TRADES), random.choice(FIELDS), random.choice(FIELDS), random.choice(QUALITIES)]
    titles = [" ".join(words[: random.randint(2, 4)])]
    if random.random() < 0.2:
        titles.append(" ".join(random.sample(FIELDS, 2)))
    return OfferDocument(
        id=UUID(int=random.getrandbits(128)),
        titles=tuple(titles),
        published_at=NOW - timedelta(days=random.randint(0, 40)),
        closes_at=NOW + timedelta(days=random.randint(-5, 30)),
        **{facet: random.choice([*values, None]) for facet, values in VALUES.items()},
    )


@dataclass(frozen=True)
class Asked:
    """Keywords in parts: each of `all_of` a word or a phrase, and a word to exclude."""

    all_of: tuple[tuple[str, ...], ...] = ()
    without: str = ""

    @property
    def keywords(self) -> str:
        parts = [words[0] if len(words) == 1 else f'"{" ".join(words)}"' for words in self.all_of]
        return " ".join([f"-{self.without}"] * bool(self.without) + parts)

    def finds(self, offer: OfferDocument) -> bool:
        titles = [_keys(title) for title in offer.titles]
        if self.without and any(normalise(self.without)[0] in keys for keys in titles):
            return False
        return all(self._holds(words, offer, titles) for words in self.all_of)

    def _holds(self, words: tuple[str, ...], offer: OfferDocument, titles: list[list[str]]) -> bool:
        keys = _keys(" ".join(words))
        size = len(keys)
        if any(keys == title[at : at + size] for title in titles for at in range(len(title) - size + 1)):
            return True
        written = fold(" ".join(offer.titles)).split()
        is_last = len(words) == 1 and words is self.all_of[-1]
        return is_last and any(word.startswith(fold(words[0])) for word in written)


@cache
def _keys(text: str) -> list[str]:
    return [key for key, _ in groupby(normalise(text))]  # a word repeated at once counts as one


def plain_answer(offers: Iterable[OfferDocument], asked: Asked, query: OfferQuery, now: datetime) -> Answer:
    """What any index must answer by date, by looking at every offer."""
    assert query.order is Order.date
    worded = [offer for offer in offers if offer.closes_at > now and asked.finds(offer)]

    def found(but: str = "") -> list[OfferDocument]:
        filters = [(facet, query.chosen(facet)) for facet in FACETS if query.chosen(facet) and facet != but]
        return [o for o in worded if all(o.facet(facet) in values for facet, values in filters)]

    counts: dict[str, dict[str, int]] = {}
    for facet in FACETS:
        values = [value for o in found(but=facet) if (value := o.facet(facet))]
        counts[facet] = {value: values.count(value) for value in values}
    newest = sorted(found(), key=lambda o: (o.published_at, o.id), reverse=True)
    skip = (query.page - 1) * query.page_size
    ids = tuple(o.id for o in newest[skip : skip + query.page_size])
    return Answer(ids, len(newest), counts, None)
