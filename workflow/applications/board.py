"""Which applications a recruiter looks at: the filters of the board and the list, and those that they leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from workflow.applications.machine import LIVE, ApplicationMachine
from workflow.applications.tables import Application
from workflow.candidates.names import name_key
from workflow.checks import clean_line, number_in
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.tables import Unit

STARS = range(1, 6)
_LENGTH = 200

SINCE = (
    "(SELECT max(h.at) FROM history h WHERE h.subject_type = 'application' AND h.subject_id = a.id "
    "AND h.to_state = a.status AND h.event <> 'undo')"
)
"""Since when an application `a` stands where it is: a decision that was taken back did not end the wait."""

RATING = "(SELECT avg(r.stars) FROM application_rating r WHERE r.application = a.id)"
"""The mean of the stars that recruiters gave an application `a`; null where nobody did."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the board and the list; empty: nothing does. `offer`: its reference; `stars`: at least so many."""

    offer: str = ""
    unit: int | None = None
    name: str = ""
    status: str = ""
    overdue: bool = False
    stars: int = 0

    @property
    def fields(self) -> dict[str, str]:
        """Those that narrow anything, by the names that they have in addresses and forms."""
        every = {
            "offer": self.offer,
            "unit": str(self.unit) if self.unit else "",
            "name": self.name,
            "status": self.status,
            "overdue": "yes" if self.overdue else "",
            "stars": str(self.stars) if self.stars else "",
        }
        return {name: value for name, value in every.items() if value}

    def query(self) -> str:
        """The address's part after the question mark; `filters_from` reads it again."""
        return urlencode(self.fields)


def filters_from(query: Mapping[str, Any]) -> Filters:
    """The filters of an address or a form; whatever makes no sense narrows nothing."""
    texts = {
        name: clean_line(query.get(name))[:_LENGTH] for name in ("offer", "unit", "name", "status", "stars")
    }
    unit, stars = (number_in(texts[name]) for name in ("unit", "stars"))
    return Filters(
        offer=texts["offer"],
        unit=unit or None,
        name=texts["name"],
        status=texts["status"] if texts["status"] in ApplicationMachine.state_ids() else "",
        overdue=query.get("overdue") == "yes",
        stars=stars if stars in STARS else 0,
    )


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition in SQL on an application `a`, with a place `{}` for each of its values."""

    sql: str
    values: tuple[Any, ...] = ()

    def __and__(self, other: "Condition") -> "Condition":
        return Condition(f"{self.sql} AND {other.sql}", (*self.values, *other.values))

    def within(self, ids: Sequence[UUID]) -> "Condition":
        """The same, for some applications alone; at least one."""
        return Condition(f"a.id IN ({', '.join('{}' for _ in ids)})", tuple(ids)) & self


EVERYTHING = Condition("1 = 1")
_NOTHING = Condition("1 = 0")


async def condition_of(staff: StaffMember, filters: Filters, *, now: datetime) -> Condition:
    """What an application must be for this recruiter to see it (C1), and for the filters to leave it."""
    condition = _of_offers(staff, filters)
    for word in name_key("", filters.name).split():
        condition &= Condition(
            "EXISTS (SELECT 1 FROM candidate c WHERE c.id = a.candidate AND c.name_key LIKE {})",
            (f"% {word}%",),
        )
    if filters.status:
        condition &= Condition("a.status = {}", (filters.status,))
    if filters.stars:
        condition &= Condition(f"{RATING} >= {int(filters.stars)}")
    if filters.overdue:
        condition &= await _overdue(now)
    return condition


def _of_offers(staff: StaffMember, filters: Filters) -> Condition:
    """The offer's index is used where one is chosen, however many offers the recruiter sees."""
    units = staff.units_within(filters.unit)
    if units is not None and not units:
        return _NOTHING
    within = f" AND unit IN ({', '.join(map(str, sorted(units)))})" if units is not None else ""
    if filters.offer:
        one = f"a.offer = (SELECT id FROM offer WHERE reference = {{}}{within})"  # noqa: S608  # numbers
        return Condition(one, (filters.offer,))
    several = f"a.offer IN (SELECT id FROM offer WHERE 1 = 1{within})"  # noqa: S608  # numbers
    return Condition(several) if within else EVERYTHING


async def _overdue(now: datetime) -> Condition:
    """Live, and waiting for longer than its unit lets them wait (C7). What was sent later cannot be."""
    rows = await Unit.select(Unit.waiting_days).distinct()
    spans = [
        Condition(
            "(a.submitted_at < {} AND a.offer IN (SELECT o.id FROM offer o JOIN unit u ON u.id = o.unit "  # noqa: S608  # a number
            f"WHERE u.waiting_days = {int(row['waiting_days'])}) AND {SINCE} < {{}})",
            (now - timedelta(days=row["waiting_days"]),) * 2,
        )
        for row in rows
    ]
    if not spans:
        return _NOTHING
    live = ", ".join(f"'{state}'" for state in sorted(LIVE))
    either = " OR ".join(span.sql for span in spans)
    values = tuple(value for span in spans for value in span.values)
    return Condition(f"a.status IN ({live}) AND ({either})", values)


async def matching_applications(
    staff: StaffMember, filters: Filters, *, now: datetime, limit: int | None = None
) -> tuple[UUID, ...]:
    """What this recruiter sees and the filters leave, those that were submitted first at the top, as on the board."""
    return await matching_ids(await condition_of(staff, filters, now=now), limit=limit)


async def matching_ids(
    condition: Condition, *, order: str = "a.submitted_at, a.id", limit: int | None = None, offset: int = 0
) -> tuple[UUID, ...]:
    """The applications of a condition. `order`: SQL of our own, which may call their candidates `p` and offers `o`."""
    joins = "".join(
        f" JOIN {table} {name} ON {name}.id = a.{column}"
        for name, table, column in (("p", "candidate", "candidate"), ("o", "offer", "offer"))
        if f"{name}." in order
    )
    part = f" LIMIT {int(limit)} OFFSET {int(offset)}" if limit is not None else ""
    rows: Sequence[dict[str, Any]] = await Application.raw(
        f"SELECT a.id FROM application a{joins} WHERE {condition.sql} ORDER BY {order}{part}",  # noqa: S608  # made of constants and numbers
        *condition.values,
    )
    return tuple(row["id"] for row in rows)


async def matching_counts(condition: Condition) -> dict[str, int]:
    """How many applications of a condition stand in each state; states without any are 0."""
    rows = await Application.raw(
        f"SELECT a.status, count(*) AS number FROM application a WHERE {condition.sql} GROUP BY a.status",  # noqa: S608  # made of constants and numbers
        *condition.values,
    )
    return dict.fromkeys(ApplicationMachine.state_ids(), 0) | {row["status"]: row["number"] for row in rows}
