"""What is indexed of an offer: its titles, its facets, and the instants between which it can be found."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OfferDocument:
    """One published offer. Only published offers are handed to an index (S7), and only titles are (S2).

    `titles` holds the title in every language; the offer is found by any of them. `closes_at` is the
    first instant at which the offer is no longer found. Both instants carry their time zone: a naive
    one raises ValueError. A facet whose value is unknown is None, and then no choice finds it there.
    """

    id: UUID
    titles: tuple[str, ...]
    published_at: datetime
    closes_at: datetime
    region: str | None = None
    job_type: str | None = None
    level: str | None = None
    industry: str | None = None
    job: str | None = None

    def __post_init__(self) -> None:
        if self.published_at.tzinfo is None or self.closes_at.tzinfo is None:
            raise ValueError("an offer's instants must carry a time zone")

    def facet(self, name: str) -> str | None:
        value: str | None = getattr(self, name)
        return value
