"""The offers that a recruiter looks for: filters, order and pages, worked out by the database (C2)."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from workflow.applications.board import SINCE
from workflow.applications.machine import LIVE
from workflow.applications.waiting import is_overdue, seconds
from workflow.checks import clean_line, number_in
from workflow.offers.machine import FINDABLE, OfferMachine
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember

WEEK = timedelta(days=7)
_LENGTH = 200

_IS_LIVE = f"a.status IN ({', '.join(repr(state) for state in sorted(LIVE))})"
_WAITING = f"(SELECT count(*) FROM application a WHERE a.offer = o.id AND {_IS_LIVE})"  # noqa: S608
_ORDERS = {
    "": "o.created_at DESC, o.reference DESC",
    "closing": "o.closes_on, o.reference",
    "waiting": f"{_WAITING} DESC, o.created_at DESC, o.reference DESC",
    "reference": "o.reference",
}
ORDERS = tuple(_ORDERS)
"""The newest first (""), the next to close, those with the most undecided applications, by reference."""


@dataclass(frozen=True, slots=True)
class OfferFilters:
    """What narrows the list; empty: nothing does. `words`: of titles, references, units; `closing`: within a week."""

    words: str = ""
    unit: int | None = None
    status: str = ""
    closing: bool = False
    overdue: bool = False
    order: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """Those that say anything, by the names that they have in addresses."""
        every = {
            "words": self.words,
            "unit": str(self.unit) if self.unit else "",
            "status": self.status,
            "closing": "yes" if self.closing else "",
            "overdue": "yes" if self.overdue else "",
            "order": self.order,
        }
        return {name: value for name, value in every.items() if value}

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return bool(self.fields.keys() - {"order"})

    def query(self, **changes: Any) -> str:
        """The address's part after the question mark, with something changed."""
        return urlencode(replace(self, **changes).fields)


def offer_filters_from(query: Mapping[str, Any]) -> OfferFilters:
    """The filters of an address; whatever makes no sense narrows nothing."""
    unit, status, order = (clean_line(query.get(name)) for name in ("unit", "status", "order"))
    return OfferFilters(
        words=clean_line(query.get("words"))[:_LENGTH],
        unit=number_in(unit) or None,
        status=status if status in OfferMachine.state_ids() else "",
        closing=query.get("closing") == "yes",
        overdue=query.get("overdue") == "yes",
        order=order if order in ORDERS else "",
    )


@dataclass(frozen=True, slots=True)
class FoundOffers:
    """A page of offers, by id; how many there are on all pages, and in each state whatever state is asked for."""

    ids: tuple[UUID, ...]
    total: int
    states: Mapping[str, int]


_FROM = "FROM offer o JOIN unit u ON u.id = o.unit"
_TITLED = "o.reference, o.title_fr, o.title_en, u.code, u.name"


async def found_offers(
    staff: StaffMember, filters: OfferFilters, *, today: date, now: datetime, limit: int, offset: int
) -> FoundOffers:
    """The offers that this recruiter sees (C1) and the filters leave."""
    where, values = _condition(staff, filters, today=today, now=now)
    if words := _folded(filters.words).split():
        return await _with_words(words, filters, (where, values), limit=limit, offset=offset)
    rows = await Offer.raw(
        f"SELECT o.status, count(*) AS number {_FROM} WHERE {where} GROUP BY o.status", *values
    )  # made of constants and numbers
    states = {row["status"]: int(row["number"]) for row in rows}
    of_state, more = _of_state(filters)
    page = await Offer.raw(
        f"SELECT o.id {_FROM} WHERE {where}{of_state} ORDER BY {_ORDERS[filters.order]} "
        f"LIMIT {int(limit)} OFFSET {int(offset)}",
        *values,
        *more,
    )
    total = states.get(filters.status, 0) if filters.status else sum(states.values())
    return FoundOffers(tuple(row["id"] for row in page), total, _all_states(states))


async def _with_words(
    words: Sequence[str],
    filters: OfferFilters,
    condition: tuple[str, Sequence[Any]],
    *,
    limit: int,
    offset: int,
) -> FoundOffers:
    """Databases compare accents each in its own way: they are asked for what may match, and it is looked at here."""
    where, values = condition
    patterns = [_pattern(word) for word in words]
    like = "".join(
        f" AND ({' OR '.join(f'{column} {_like()} {{}}' for column in _TITLED.split(', '))})" for _ in words
    )
    rows: Sequence[dict[str, Any]] = await Offer.raw(
        f"SELECT o.id, o.status, {_TITLED} {_FROM} WHERE {where}{like} ORDER BY {_ORDERS[filters.order]}",
        *values,
        *(pattern for pattern in patterns for _ in _TITLED.split(", ")),
    )
    matching = [row for row in rows if _matches(row, words)]
    states: dict[str, int] = {}
    for row in matching:
        states[row["status"]] = states.get(row["status"], 0) + 1
    ids = [row["id"] for row in matching if filters.status in ("", row["status"])]
    return FoundOffers(tuple(ids[offset : offset + limit]), len(ids), _all_states(states))


def _condition(
    staff: StaffMember, filters: OfferFilters, *, today: date, now: datetime
) -> tuple[str, list[Any]]:
    """What an offer must be, but for words and state."""
    conditions, values = ["1 = 1"], []
    units = staff.units_within(filters.unit)
    if units is not None:
        conditions.append(f"o.unit IN ({', '.join(map(str, sorted(units)))})" if units else "1 = 0")
    if filters.closing:
        findable = ", ".join(f"'{state}'" for state in sorted(FINDABLE))
        conditions.append(f"o.status IN ({findable}) AND o.closes_on >= {{}} AND o.closes_on < {{}}")
        values += [today, today + WEEK]
    if filters.overdue:
        conditions.append(_has_overdue(now))
    return " AND ".join(conditions), values


def _has_overdue(now: datetime) -> str:
    """What was sent later cannot have waited for longer: that is compared first, for it costs less."""
    return (
        f"EXISTS (SELECT 1 FROM application a WHERE a.offer = o.id AND {_IS_LIVE} "  # noqa: S608  # constants, a number
        f"AND {is_overdue(seconds('a.submitted_at'), now)} AND {is_overdue(seconds(SINCE), now)})"
    )


def _of_state(filters: OfferFilters) -> tuple[str, list[str]]:
    return (" AND o.status = {}", [filters.status]) if filters.status else ("", [])


def _all_states(states: Mapping[str, int]) -> dict[str, int]:
    return dict.fromkeys(OfferMachine.state_ids(), 0) | dict(states)


_PLAIN = frozenset("bdfghjklmpqrtvwx0123456789")
"""Signs that are themselves in every database and with every accent; any other may be one that it does not know."""


def _pattern(word: str) -> str:
    """What LIKE finds the word by, whatever accents it has; it finds more than that."""
    return f"%{''.join(sign if sign in _PLAIN else '_' for sign in word)}%"


def _like() -> str:
    return "ILIKE" if Offer._meta.db.engine_type == "postgres" else "LIKE"


def _matches(row: Mapping[str, Any], words: Sequence[str]) -> bool:
    texts = [_folded(row[column.partition(".")[2]]) for column in _TITLED.split(", ")]
    return all(any(word in text for text in texts) for word in words)


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return bare.casefold()
