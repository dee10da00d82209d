"""Offers composed from small lists of words, the same for every run, and queries about them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from search.documents import OfferDocument

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TRADES = ["Ingénieur", "Chercheuse", "Technicien", "Postdoc", "Gestionnaire", "Développeuse"]
FIELDS = ["biologie", "chimie", "physique", "informatique", "gestion", "biochimie", "chimiques", "laser"]
QUALITIES = ["cellulaire", "moléculaire", "financière", "expérimentale", "cellules", "générale"]
OTHER_WORDS = [
    "ressources humaines",
    "RH",
    "human resources",
    "Engineer",
    "RMN",
    "NMR",
    "cell biology",
    "PhD",
]
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
    if random.random() < 0.25:
        words[random.randint(0, 1)] = random.choice(OTHER_WORDS)
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
