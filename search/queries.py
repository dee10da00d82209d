"""What can be asked of the offers and what is answered, whichever index answers."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from search.documents import OfferDocument

FACETS = ("region", "job_type", "level", "industry", "job")
LARGEST_PAGE = 1000


class Order(StrEnum):
    """By date is newest first; by relevance the phrase, then all words, then beginnings, then synonyms."""

    relevance = "relevance"
    date = "date"


@dataclass(frozen=True, slots=True)
class OfferQuery:
    """A search. Every value is acceptable: pages and sizes out of range are brought into range.

    Within a facet any chosen value will do; facets and keywords must all hold. Nothing chosen and
    nothing typed finds every open offer. A page size of 0 only counts. `as_typed` is for those who were
    given corrected results and meant what they typed.
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
    as_typed: bool = False

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
    value chosen in its facet; values that would find nothing are left out.

    `did_you_mean` is the keywords in better spelling: given where those typed find no open offer, and
    where they find few and the better ones many. In the first case the answer is `corrected`: ids, total
    and facets are those of `did_you_mean`, unless the query wants them as typed. Otherwise they are
    those of the keywords as typed.
    """

    ids: tuple[UUID, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    did_you_mean: str | None = None
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class IndexState:
    """The state of the index that answers, for operators.

    `generation` grows with every change. `rebuilds` counts how often the index was built, and `damaged` how
    often it was because of damage; they go on where an index was lost altogether.
    """

    generation: int
    offers: int
    changed_at: datetime
    rebuilds: int
    damaged: int


class OfferIndex(Protocol):
    """The reading half: any number of processes, any number of threads."""

    def search(self, query: OfferQuery, now: datetime) -> Answer:
        """Answer from the latest complete state of the index; blocks, so call it in a thread.

        Raises IndexMissing before the first build and IndexUnusable when there is nothing sound to
        read. An offer that has closed by `now` is not found, whether or not it is still indexed (S7).
        """

    def suggest(self, typed: str, now: datetime) -> list[str]:
        """Up to eight ways to complete `typed`, each of which finds an open offer; those with most first.

        Raises as `search` does, and blocks as well.
        """

    def poll(self) -> bool:
        """Take up the latest state, if that needs to be done, and say whether it was done.

        Searches go on meanwhile, in the state before. Raises IndexUnusable when there is none to go on with.
        """

    def state(self) -> IndexState:
        """The state in which searches are answered now. Raises as `search` does."""

    def close(self) -> None:
        """Let go of connections; a later search takes them up again."""


class OfferIndexWriter(Protocol):
    """The writing half, for the one worker that writes; blocks, so call it in a thread."""

    def check(self) -> int:
        """Read the whole index against its checksums and return how many offers it holds.

        What killed writers left unfinished is cleared away. Raises IndexUnusable (IndexMissing among them) when
        it must be rebuilt.
        """

    def apply(self, upserts: Iterable[OfferDocument], deletions: Iterable[UUID] = ()) -> None:
        """Replace or add `upserts` and take out `deletions`, visible all at once and repeatable.

        An offer in both stays, as its document says. Raises IndexUnusable or IndexBusy, and then
        nothing has changed for readers.
        """

    def rebuild(
        self,
        documents: Iterable[OfferDocument],
        *,
        damaged: bool = False,
        go_on: Callable[[], object] = bool,
    ) -> int:
        """Build anew beside the old index, swap when complete, and return the number of offers.

        Readers go on with the old one until then, also when `documents` raises or the process is killed.
        `damaged` tells for `IndexState` why it is done. `go_on` is called now and then after the last document,
        for that is half the work; what it raises ends it. Raises IndexBusy while another process writes.
        """

    def turn(self, patience: float) -> AbstractContextManager[None]:
        """Be the only one, on any machine, who reads rows in order to write them here.

        So what was read later is also written later. Raises IndexBusy after `patience` seconds.
        """

    def close(self) -> None:
        """Let go of connections; a later use takes them up again."""
