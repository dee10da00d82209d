"""Applications as cards: what the board and the list show of each, read for those alone that are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from workflow.applications.board import (
    RATING,
    SINCE,
    Condition,
    Filters,
    condition_of,
    matching_counts,
    matching_ids,
)
from workflow.applications.machine import LIVE, ApplicationMachine
from workflow.applications.queries import legal_moves
from workflow.applications.tables import Application
from workflow.engine.description import arrows
from workflow.offers.titles import title_in
from workflow.recruiters.queries import StaffMember

_AT_ONCE = 500
_TARGETS = {(arrow.from_state, arrow.event): arrow.to_state for arrow in arrows(ApplicationMachine)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One application. `since`: when it came into its status, which a decision taken back did not end.

    `announce_at`: when a held decision will be told; None if none is held. `rating`: the mean of `ratings`
    recruiters' stars. `is_overdue`: it has waited for longer than its unit lets one wait (C7).
    """

    id: UUID
    offer_reference: str
    offer_title_fr: str
    offer_title_en: str
    unit_code: str
    first_name: str
    last_name: str
    status: str
    version: int
    submitted_at: datetime
    since: datetime
    is_overdue: bool
    announce_at: datetime | None
    moves: tuple[str, ...]
    rating: float | None
    ratings: int
    notes: int
    has_letter: bool
    has_cv: bool
    has_link: bool

    @property
    def has_left(self) -> bool:
        """Whether the candidate's account is erased."""
        return not self.last_name

    @property
    def ways(self) -> str:
        """Where it may go, as `state:event` parted by spaces; of two ways to a state only one is ever in its place."""
        return " ".join(f"{_TARGETS[self.status, event]}:{event}" for event in self.moves)

    def offer_title(self, language: str) -> str:
        """The offer's title in a language, or in the other where there is none."""
        return title_in(language, self.offer_title_fr, self.offer_title_en)


@dataclass(frozen=True, slots=True)
class Column:
    """The first applications in one state; `total` counts those as well that are not shown."""

    state: str
    cards: tuple[Card, ...]
    total: int


_CARDS = f"""
SELECT a.id, a.status, a.version, a.submitted_at, {SINCE} AS since, {RATING} AS rating,
    (SELECT count(*) FROM application_rating r WHERE r.application = a.id) AS ratings,
    (SELECT count(*) FROM application_note n WHERE n.application = a.id) AS notes,
    a.covering_letter IS NOT NULL OR a.covering_letter_text <> '' AS has_letter,
    a.cv IS NOT NULL AS has_cv, a.cv_url <> '' AS has_link,
    o.reference AS offer_reference, o.title_fr AS offer_title_fr, o.title_en AS offer_title_en,
    u.code AS unit_code, u.waiting_days, c.first_name, c.last_name, s.at, s.announce_at
FROM application a
JOIN offer o ON o.id = a.offer
JOIN unit u ON u.id = o.unit
JOIN candidate c ON c.id = a.candidate
JOIN history s ON s.subject_type = 'application' AND s.subject_id = a.id AND s.version = a.version
WHERE a.id IN
"""  # noqa: S608  # made of constants


async def cards_of(staff: StaffMember, ids: Sequence[UUID], *, now: datetime) -> tuple[Card, ...]:
    """The cards of some applications, in this order. Whose they are was asked when their ids were found."""
    rows: list[dict[str, Any]] = []
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        rows += await Application.raw(f"{_CARDS} ({', '.join('{}' for _ in some)})", *some)
    cards = {row["id"]: _card(staff, row, now) for row in rows}
    return tuple(cards[each] for each in ids if each in cards)


def _card(staff: StaffMember, row: dict[str, Any], now: datetime) -> Card:
    at, announce_at, days = row.pop("at"), row.pop("announce_at"), row.pop("waiting_days")
    held = announce_at is not None and announce_at > max(now, at)
    since = _instant(row["since"])
    return Card(
        **row
        | {
            "since": since,
            "is_overdue": row["status"] in LIVE and since < now - timedelta(days=days),
            "announce_at": announce_at if held else None,
            "moves": legal_moves(row["status"], staff, is_held=held) if row["last_name"] else (),
            "rating": None if row["rating"] is None else float(row["rating"]),
            **{name: bool(row[name]) for name in ("has_letter", "has_cv", "has_link")},
        }
    )


def _instant(value: datetime | str) -> datetime:
    """SQLite forgets the type of what was computed."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


async def board_columns(
    staff: StaffMember,
    filters: Filters,
    *,
    now: datetime,
    limit: int,
    longer: Mapping[str, int],
) -> tuple[Column, ...]:
    """A column a state, with its first `limit` cards; `longer`: state → how many it shows instead."""
    condition = await condition_of(staff, filters, now=now)
    counts = await matching_counts(condition)
    found = {
        state: await matching_ids(_standing(condition, state), limit=longer.get(state, limit))
        if total
        else ()
        for state, total in counts.items()
    }
    cards = {card.id: card for card in await cards_of(staff, sum(found.values(), ()), now=now)}
    return tuple(
        Column(state, tuple(cards[each] for each in found[state] if each in cards), counts[state])
        for state in ApplicationMachine.state_ids()
    )


async def next_cards(
    staff: StaffMember, filters: Filters, state: str, after: UUID, *, now: datetime, limit: int
) -> tuple[Card, ...]:
    """More of a column: those that were submitted after an application, wherever that one stands by now."""
    row = await Application.select(Application.submitted_at).where(Application.id == after).first()
    if row is None:
        return ()
    condition = _standing(await condition_of(staff, filters, now=now), state)
    condition &= Condition("(a.submitted_at, a.id) > ({}, {})", (row["submitted_at"], after))
    return await cards_of(staff, await matching_ids(condition, limit=limit), now=now)


def _standing(condition: Condition, state: str) -> Condition:
    return condition & Condition("a.status = {}", (state,))


@dataclass(frozen=True, slots=True)
class Part:
    """A page of applications, out of `total`."""

    cards: tuple[Card, ...]
    total: int


ORDERS: Mapping[str, tuple[str, ...]] = {
    "submitted": ("a.submitted_at",),
    "waiting": (SINCE,),
    "name": ("lower(p.last_name)", "p.name_key"),
    "offer": ("o.reference",),
    "status": ("a.status",),
    "rating": (f"coalesce({RATING}, 0)",),
}
"""What a list may be sorted by. Of those that are alike, those submitted first come first."""


async def part_of_list(
    staff: StaffMember,
    filters: Filters,
    *,
    now: datetime,
    limit: int,
    offset: int,
    sort: str = "submitted",
    descending: bool = False,
) -> Part:
    """A page of what this recruiter sees and the filters leave, sorted by one of ORDERS."""
    condition = await condition_of(staff, filters, now=now)
    way = " DESC" if descending else ""
    order = ", ".join([*(f"{key}{way}" for key in ORDERS[sort]), "a.submitted_at", "a.id"])
    ids = await matching_ids(condition, order=order, limit=limit, offset=offset)
    counts = await matching_counts(condition)
    return Part(await cards_of(staff, ids, now=now), sum(counts.values()))


@dataclass(frozen=True, slots=True)
class OfferChoice:
    """An offer that has applications."""

    reference: str
    title_fr: str
    title_en: str

    def title(self, language: str) -> str:
        """The title in a language, or in the other where there is none."""
        return title_in(language, self.title_fr, self.title_en)


async def offers_with_applications(
    staff: StaffMember, *, limit: int, chosen: str = ""
) -> tuple[OfferChoice, ...]:
    """The newest offers that have applications, and the chosen one whatever its age, if this recruiter sees it."""
    if staff.unit_ids is not None and not staff.unit_ids:
        return ()
    units = (
        "" if staff.unit_ids is None else f" AND o.unit IN ({', '.join(map(str, sorted(staff.unit_ids)))})"
    )
    rows = await Application.raw(
        "SELECT o.reference, o.title_fr, o.title_en FROM offer o WHERE "  # noqa: S608  # numbers
        f"EXISTS (SELECT 1 FROM application a WHERE a.offer = o.id){units} "
        f"ORDER BY o.reference = {{}} DESC, o.created_at DESC, o.reference LIMIT {int(limit)}",
        chosen,
    )
    return tuple(OfferChoice(**row) for row in rows)
