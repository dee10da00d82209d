"""What can be asked of the offers and what is answered, whichever index answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from search.documents import OfferDocument

FACETS = ("region", "job_type", "level", "industry", "job")
LARGEST_PAGE = 1000


class Order(StrEnum):
    """By date is newest first; by relevance is the phrase, then all words, then beginnings of words."""

    relevance = "relevance"
    date = "date"


@dataclass(frozen=True, slots=True)
class OfferQuery:
    """A search. Every value is acceptable: pages and sizes out of range are brought into range.

    Within a facet any chosen value will do; facets and keywords must all hold. Nothing chosen and
    nothing typed finds every open offer. A page size of 0 only counts.
    """

    keywords: str = ""
    region: frozenset[str] = frozenset()
    job_type: frozenset[str] = frozenset()
    level: frozenset[str] = frozenset()
    industry: frozenset[str] = frozenset()
    job: frozenset[str] = frozenset()
    order: Order = Order.relevance
    page: int = 1
    page_size: int = 20

    def chosen(self, facet: str) -> frozenset[str]:
        values: frozenset[str] = getattr(self, facet)
        return values

    @property
    def window(self) -> tuple[int, int]:
        """How many results to skip and how many to give."""
        size = min(max(self.page_size, 0), LARGEST_PAGE)
        return (max(self.page, 1) - 1) * size, size


@dataclass(frozen=True, slots=True)
class Answer:
    """The ids of one page in order, and the exact number of all results.

    `facets` says for each value of each facet how many results there would be if that were the only
    value chosen in its facet; values that would find nothing are left out. `did_you_mean` is the
    keywords with better spelling, given only when the keywords as typed find no open offer and the
    better ones do.
    """

    ids: tuple[UUID, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    did_you_mean: str | None


class OfferIndex(Protocol):
    """The reading half: any number of processes, any number of threads."""

    def search(self, query: OfferQuery, now: datetime) -> Answer:
        """Answer from the latest complete state of the index; blocks, so call it in a thread.

        Raises IndexMissing before the first build and IndexUnusable when there is nothing sound to
        read. An offer that has closed by `now` is not found, whether or not it is still indexed (S7).
        """


class OfferIndexWriter(Protocol):
    """The writing half, for the one worker that writes; blocks, so call it in a thread."""

    def check(self) -> int:
        """Read the whole index against its checksums and return how many offers it holds.

        Raises IndexUnusable (IndexMissing among them) when it must be rebuilt.
        """

    def apply(self, upserts: Iterable[OfferDocument], deletions: Iterable[UUID] = ()) -> None:
        """Replace or add `upserts` and take out `deletions`, visible all at once and repeatable.

        An offer in both stays, as its document says. Raises IndexUnusable or IndexBusy, and then
        nothing has changed for readers.
        """

    def rebuild(self, documents: Iterable[OfferDocument]) -> int:
        """Build anew beside the old index, swap when complete, and return the number of offers.

        Readers go on with the old one until then. Raises IndexBusy while another process writes.
        """
