"""How hiring goes, in numbers (C9): what came in on which day, and what became of it, by offer."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from workflow.applications.board import SINCE, Condition
from workflow.applications.machine import ApplicationMachine
from workflow.applications.periods import Period, offsets
from workflow.applications.tables import Application
from workflow.applications.waiting import OfferWaiting, seconds, waiting_by_offer
from workflow.offers.titles import title_in

_FIRST_DAY = date(1970, 1, 1)
_DAY = 24 * 3600

_CONSIDERED = (
    f"EXISTS (SELECT 1 FROM history h WHERE h.subject_type = '{ApplicationMachine.subject}' "  # noqa: S608  # constants
    "AND h.subject_id = a.id AND h.to_state = 'under_consideration')"
)
_ENDS = ("successful", "rejected", "withdrawn")


@dataclass(frozen=True, slots=True)
class Funnel:
    """What became of the applications that came in during a period, as they now stand.

    `considered`: how many were ever taken under consideration. A decision counts from the moment it is taken.
    """

    submitted: int = 0
    considered: int = 0
    successful: int = 0
    rejected: int = 0
    withdrawn: int = 0

    def __add__(self, other: "Funnel") -> "Funnel":
        return Funnel(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def undecided(self) -> int:
        """How many still wait for an answer."""
        return self.submitted - self.successful - self.rejected - self.withdrawn


@dataclass(frozen=True, slots=True)
class OfferFigures:
    """One offer in numbers: what came in during the period; and what waits now, how much of it for too long."""

    reference: str
    title_fr: str
    title_en: str
    unit_id: int
    funnel: Funnel
    waiting: int
    overdue: int

    def title(self, language: str) -> str:
        """In a language, or in the other where there is none."""
        return title_in(language, self.title_fr, self.title_en)


async def applications_a_day(whose: Condition, period: Period) -> dict[date, int]:
    """How many applications came in on each day of the period."""
    came = _came_in(period) & whose
    day = f"({seconds('a.submitted_at')} + {_offset(period)}) / {_DAY}"
    rows = await Application.raw(
        f"SELECT {day} AS day, count(*) AS number FROM application a WHERE {came.sql} GROUP BY 1",  # noqa: S608  # constants and numbers
        *came.values,
    )
    numbers = {_FIRST_DAY + timedelta(days=int(row["day"])): int(row["number"]) for row in rows}
    return {day: numbers.get(day, 0) for day in period.days}


def _came_in(period: Period) -> Condition:
    return Condition("a.submitted_at >= {} AND a.submitted_at < {}", (period.begins, period.ends))


def _offset(period: Period) -> str:
    """The seconds by which the zone was ahead of UTC when an application came in, in SQL."""
    *changes, (_, last) = offsets(period)
    submitted = seconds("a.submitted_at")
    cases = " ".join(f"WHEN {submitted} < {until} THEN {ahead}" for until, ahead in changes)
    return f"(CASE {cases} ELSE {last} END)" if cases else f"({last})"


async def offers_in_figures(whose: Condition, period: Period, *, now: datetime) -> tuple[OfferFigures, ...]:
    """Every offer to which somebody applied in the period, or still waits; those with the most applications first."""
    came = {row["reference"]: row for row in await _funnels(whose, period)}
    waiting = {each.reference: each for each in await waiting_by_offer(whose, now=now)}
    offers = [_figures_of(name, came.get(name), waiting.get(name)) for name in came.keys() | waiting.keys()]
    return tuple(sorted(offers, key=lambda each: (-each.funnel.submitted, -each.waiting, each.reference)))


async def _funnels(whose: Condition, period: Period) -> list[dict[str, Any]]:
    came = _came_in(period) & whose
    counted = ", ".join(
        f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END) AS {name}"
        for name, condition in (
            ("considered", _CONSIDERED),
            *((state, f"a.status = '{state}'") for state in _ENDS),
        )
    )
    rows: list[dict[str, Any]] = await Application.raw(
        f"SELECT o.reference, o.title_fr, o.title_en, o.unit AS unit_id, count(*) AS submitted, {counted} "  # noqa: S608  # constants
        f"FROM application a JOIN offer o ON o.id = a.offer WHERE {came.sql} "
        "GROUP BY o.reference, o.title_fr, o.title_en, o.unit",
        *came.values,
    )
    return rows


def _figures_of(reference: str, came: Mapping[str, Any] | None, waiting: OfferWaiting | None) -> OfferFigures:
    names = ("title_fr", "title_en", "unit_id")
    facts = {name: came[name] if came else getattr(waiting, name) for name in names}
    return OfferFigures(
        reference=reference,
        **facts,
        funnel=Funnel(*(int(came[each.name]) for each in fields(Funnel))) if came else Funnel(),
        waiting=waiting.waiting if waiting else 0,
        overdue=waiting.overdue if waiting else 0,
    )


async def hires(whose: Condition, period: Period) -> int:
    """How many applications are successful, and have been since a day of the period."""
    rows = await Application.raw(
        "SELECT count(*) AS number FROM application a "  # noqa: S608  # constants
        f"WHERE a.status = 'successful' AND {SINCE} >= {{}} AND {SINCE} < {{}} AND {whose.sql}",
        period.begins,
        period.ends,
        *whose.values,
    )
    return int(rows[0]["number"])
