"""All the numbers that the overview tells, as a viewer may see them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from admin.overview.period import Asked
from workflow.applications.board import condition_of
from workflow.applications.figures import (
    Funnel,
    OfferFigures,
    applications_a_day,
    hires,
    offers_in_figures,
)
from workflow.applications.waiting import (
    WaitingApplication,
    Waits,
    ended_waits,
    longest_waiting,
    waits_under_way,
)
from workflow.recruiters.queries import StaffMember, UnitView, units

_A_UNIT = 3
"""How many applications of a unit stand under what waits."""


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """One unit in numbers, and which of its applications wait for longest."""

    unit: UnitView
    funnel: Funnel
    waiting: int
    overdue: int
    longest: tuple[WaitingApplication, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page tells, and its CSV."""

    days: Mapping[date, int]
    offers: tuple[OfferFigures, ...]
    units: tuple[UnitFigures, ...]
    ended: Mapping[str, Waits]
    under_way: Mapping[str, Waits]
    hires: int

    @property
    def funnel(self) -> Funnel:
        """Of all together."""
        return sum((each.funnel for each in self.offers), Funnel())

    @property
    def waiting(self) -> int:
        """How many applications have no answer yet."""
        return sum(each.waiting for each in self.offers)

    @property
    def overdue(self) -> int:
        """How many of them wait for too long."""
        return sum(each.overdue for each in self.offers)


async def overview_of(staff: StaffMember, asked: Asked, *, now: datetime) -> Overview:
    """The numbers that this viewer may see, asked for side by side."""
    whose = await condition_of(staff, asked.filters, now=now)
    period = asked.period
    days, offers, ended, under_way, hired, longest = await asyncio.gather(
        applications_a_day(whose, period),
        offers_in_figures(whose, period, now=now),
        ended_waits(whose, period),
        waits_under_way(whose, now=now),
        hires(whose, period),
        longest_waiting(whose, now=now, a_unit=_A_UNIT),
    )
    return Overview(days, offers, await _units(staff, asked, offers, longest), ended, under_way, hired)


async def _units(
    staff: StaffMember,
    asked: Asked,
    offers: Sequence[OfferFigures],
    longest: Sequence[WaitingApplication],
) -> tuple[UnitFigures, ...]:
    """The units, those with the most overdue first; one without numbers as well, for it has a clock to set."""
    wanted = {each.unit_id for each in offers}
    if not asked.filters.offer and asked.filters.unit is None:
        wanted |= staff.unit_ids or frozenset()
    elif asked.filters.unit is not None and staff.sees_unit(asked.filters.unit):
        wanted.add(asked.filters.unit)
    figures = []
    for unit in await units(sorted(wanted)):
        own = [each for each in offers if each.unit_id == unit.id]
        figures.append(
            UnitFigures(
                unit,
                sum((each.funnel for each in own), Funnel()),
                sum(each.waiting for each in own),
                sum(each.overdue for each in own),
                tuple(each for each in longest if each.unit_id == unit.id),
            )
        )
    return tuple(sorted(figures, key=lambda each: (-each.overdue, -each.waiting, each.unit.code)))
