"""Offers for the benchmarks of the search, as many as are wanted, with titles composed from real ones."""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from search.documents import OfferDocument
from workflow.demo.offers import demo_offers

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

_CLOSED = 0.15
_TWO_TITLES = 0.1


@dataclass(frozen=True, slots=True)
class Model:
    """What is taken of one offer that exists: its title, and the values of its facets (empty: none)."""

    title: str
    region: str
    job_type: str
    level: str
    industry: str
    job: str


def offers_file() -> Path | None:
    """The real offers, where there are some (TEST_DATA)."""
    folder = os.environ.get("TEST_DATA")
    return Path(folder) / "offers" / "offers.csv" if folder else None


def models() -> tuple[Model, ...]:
    """The real offers, or else those of the demonstration."""
    file = offers_file()
    return tuple(_real(file) if file else _invented())


def _real(file: Path) -> Iterator[Model]:
    with file.open(newline="", encoding="utf-8") as opened:
        for row in csv.DictReader(opened):
            yield Model(
                row["title"],
                row["region_code"] or "abroad",
                row["contract_code"],
                row["education_level"],
                row["derived_bap"],
                row["derived_emploi_type_id"],
            )


def _invented() -> Iterator[Model]:
    for offer in demo_offers(date(2026, 3, 1)):
        facets = (offer.region, offer.job_type, offer.level, offer.industry or "", offer.job or "")
        for title in filter(None, (offer.title_fr, offer.title_en)):
            yield Model(title, *facets)


def documents(of: Sequence[Model], count: int, seed: int = 5) -> Iterator[OfferDocument]:
    """So many offers, the same every time: each title begins as one of a model and ends as that of another.

    The facets are those of the model that it begins as, so that words and facets belong together as they do
    in life. One in seven has closed; one in ten has two titles.
    """
    random = Random(seed)
    for number in range(count):
        model = random.choice(of)
        titles = [_composed(model, random.choice(of))]
        if random.random() < _TWO_TITLES:
            titles.append(random.choice(of).title)
        is_closed = random.random() < _CLOSED
        yield OfferDocument(
            id=UUID(int=random.getrandbits(128), version=4),
            titles=tuple(titles),
            published_at=NOW - timedelta(days=200) + timedelta(days=199) * (number / count),
            closes_at=NOW + timedelta(days=random.randint(-60, 0) if is_closed else random.randint(1, 60)),
            region=model.region or None,
            job_type=model.job_type or None,
            level=model.level or None,
            industry=model.industry or None,
            job=model.job or None,
        )


def _composed(first: Model, second: Model) -> str:
    beginning, ending = first.title.split(), second.title.split()
    return " ".join([*beginning[: (len(beginning) + 1) // 2], *ending[len(ending) // 2 :]])
