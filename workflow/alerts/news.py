"""The offers that a run may tell of, and which of them an alert asks for."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from piccolo.query.functions import Min

from workflow.alerts.criteria import FACETS, Criteria
from workflow.alerts.runs import HeldRun
from workflow.alerts.tables import Alert, OfferNews
from workflow.offers.machine import FINDABLE, closing_instant
from workflow.offers.queries import OfferView, offers_by_ids
from workflow.offers.tables import Offer

Matching = Callable[[Criteria], int]
"""Which offers fit, as the search understands it: bit n of the number is the n-th of the offers."""

Matcher = Callable[[Sequence[OfferView]], Matching]
"""Reads the offers of a run, which may take a while."""

Row = Mapping[str, Any]

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class News:
    """What a run may tell of, in the order of their numbers: offers without their descriptions."""

    offers: tuple[OfferView, ...]
    numbers: tuple[int, ...]
    published_at: tuple[datetime, ...]

    def wanted(self, alert: Row, run: HeldRun, matching: Matching) -> list[int]:
        """The places of the offers that the alert has not looked through yet and that fit it, in their order."""
        begin = bisect_right(self.numbers, _cursor(alert, run))
        if begin == len(self.numbers):
            return []
        found = matching(criteria_of(alert)) >> begin
        since = alert["since"]
        return [place for place in _places(found, begin) if self.published_at[place] >= since]


def criteria_of(alert: Row) -> Criteria:
    """What a row looks for."""
    return Criteria(**{name: alert[name] for name in (*FACETS, "keywords")})


def _cursor(alert: Row, run: HeldRun) -> int:
    """The number through which an alert has told: its own, until a run that began since has come by."""
    cursor: int = alert["from_number"] if alert["after_run"] >= run.previous_id else run.previous_through
    return cursor


def _places(found: int, begin: int) -> list[int]:
    places = []
    while found:
        lowest = found & -found
        places.append(begin + lowest.bit_length() - 1)
        found ^= lowest
    return places


def of_run(run: HeldRun) -> Any:
    """The condition for its alerts: those that changed since it began wait for the next one, and lose nothing."""
    return (Alert.frequency == run.frequency) & Alert.stopped_at.is_null() & (Alert.after_run < run.id)


async def news_of(run: HeldRun, *, now: datetime, zone: ZoneInfo) -> News:
    """The offers that some alert of the run may not have looked through yet, and that are open now."""
    later = OfferNews.number > run.previous_through
    own = (
        await Alert.select(Min(Alert.from_number).as_alias("number"), Min(Alert.since).as_alias("since"))
        .where(of_run(run) & (Alert.after_run >= run.previous_id))
        .first()
    )
    if own and own["number"] is not None:
        since = own["since"] if isinstance(own["since"], datetime) else datetime.fromisoformat(own["since"])
        later = later | ((OfferNews.number > own["number"]) & (OfferNews.published_at >= since))
    rows = (
        await OfferNews.select(OfferNews.number, OfferNews.offer, OfferNews.published_at)
        .where((OfferNews.number <= run.through) & later)
        .order_by(OfferNews.number)
    )
    offers = await _open_offers([row["offer"] for row in rows], now=now, zone=zone)
    kept = [row for row in rows if row["offer"] in offers]
    return News(
        tuple(offers[row["offer"]] for row in kept),
        tuple(row["number"] for row in kept),
        tuple(row["published_at"] for row in kept),
    )


async def _open_offers(ids: Sequence[UUID], *, now: datetime, zone: ZoneInfo) -> dict[UUID, OfferView]:
    found: dict[UUID, OfferView] = {}
    for begin in range(0, len(ids), _AT_ONCE):
        for offer in await offers_by_ids(ids[begin : begin + _AT_ONCE]):
            if offer.is_open(now, zone):
                found[offer.id] = replace(offer, description_fr="", description_en="")
    return found


async def still_open(ids: Sequence[UUID], *, now: datetime, zone: ZoneInfo) -> set[UUID]:
    """Those that one can apply to at this instant: a run may take a while."""
    found: set[UUID] = set()
    for begin in range(0, len(ids), _AT_ONCE):
        rows = await Offer.select(Offer.id, Offer.status, Offer.closes_on).where(
            Offer.id.is_in(list(ids[begin : begin + _AT_ONCE]))
        )
        found |= {
            row["id"]
            for row in rows
            if row["status"] in FINDABLE and now < closing_instant(row["closes_on"], zone)
        }
    return found
