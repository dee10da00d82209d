"""Random lives of applications over months, and plain Python that counts what became of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from math import ceil
from random import Random
from typing import Any
from uuid import UUID

from tests.support.house import House
from workflow.applications.commands import move_application, withdraw_application
from workflow.applications.figures import Funnel
from workflow.applications.machine import LIVE
from workflow.applications.periods import Period
from workflow.applications.tables import Application
from workflow.applications.waiting import Waits
from workflow.engine.history import Step, steps_of
from workflow.errors import DomainError
from workflow.recruiters.queries import StaffMember

EVENTS = ("consider", "consider", "reject", "accept", "undo", "reopen", "withdraw")


async def live(
    house: House, staff: StaffMember, references: Sequence[str], *, seed: int, number: int
) -> None:
    """Some applications within 60 days of the house's instant, each moved a few times, legally or refused."""
    random = Random(seed)
    for _ in range(number):
        now = house.now + timedelta(seconds=random.uniform(0, 60 * 86400))
        later = replace(house, now=now)
        candidate = await later.candidate()
        application = await later.application(candidate, random.choice(references))
        for _ in range(random.randrange(7)):
            now += timedelta(seconds=random.choice((0.3, 400, 3600, 86400, 900_000)) * random.random())
            with suppress(DomainError):
                await _step(later, staff, candidate, application, random.choice(EVENTS), now)


async def _step(
    house: House, staff: StaffMember, candidate: UUID, application: UUID, event: str, now: datetime
) -> None:
    if event == "withdraw":
        await withdraw_application(candidate, application, None, terms=house.terms, now=now)
    else:
        await move_application(staff, application, event, terms=house.terms, now=now, note="Why")


@dataclass(frozen=True)
class Life:
    """One application with its whole history."""

    row: dict[str, Any]
    steps: tuple[Step, ...]

    @property
    def is_live(self) -> bool:
        return self.row["status"] in LIVE

    @property
    def since(self) -> datetime:
        """Since when its state lasts: a step that was taken back did not end it, nor did its undo begin it."""
        undone = {step.undoes for step in self.steps}
        return next(
            step.at for step in reversed(self.steps) if step.undoes is None and step.version not in undone
        )

    @property
    def kept(self) -> list[Step]:
        """The steps that nobody took back, without those that took any back."""
        undone = {step.undoes for step in self.steps}
        return [step for step in self.steps if step.event != "undo" and step.version not in undone]


async def lives(*, unit: int | None = None, offer: str = "") -> list[Life]:
    columns = (
        *Application.all_columns(),
        Application.offer.reference.as_alias("reference"),
        Application.offer.unit.as_alias("unit"),
    )
    rows = await Application.select(*columns)
    steps = await steps_of("application", [row["id"] for row in rows])
    every = [Life(row, steps[row["id"]]) for row in rows]
    return [
        life for life in every if unit in (None, life.row["unit"]) and offer in ("", life.row["reference"])
    ]


def day_of(life: Life, period: Period) -> date:
    submitted_at: datetime = life.row["submitted_at"]
    return submitted_at.astimezone(period.zone).date()


def came_in(every: Iterable[Life], period: Period) -> list[Life]:
    return [life for life in every if period.first <= day_of(life, period) <= period.last]


def counted_days(every: Iterable[Life], period: Period) -> dict[date, int]:
    return dict.fromkeys(period.days, 0) | Counter(day_of(life, period) for life in came_in(every, period))


def counted_funnel(every: Iterable[Life], period: Period) -> Funnel:
    those = came_in(every, period)
    ended = Counter(life.row["status"] for life in those)
    return Funnel(
        len(those),
        sum(any(step.to_state == "under_consideration" for step in life.kept) for life in those),
        ended["successful"],
        ended["rejected"],
        ended["withdrawn"],
    )


def counted_ends(every: Iterable[Life], period: Period) -> dict[str, Waits]:
    """How long the states lasted that were left in the period."""
    return _by_state(
        (before.to_state, _second(step.at) - _second(before.at))
        for life in every
        for before, step in zip(life.kept, life.kept[1:], strict=False)
        if before.to_state in LIVE and period.begins <= step.at < period.ends
    )


def counted_waits(every: Iterable[Life], now: datetime) -> dict[str, Waits]:
    return _by_state(
        (life.row["status"], _second(now) - _second(life.since)) for life in every if life.is_live
    )


def is_overdue(now: datetime, days: int) -> Callable[[Life], bool]:
    return lambda life: _second(life.since) < _second(now) - days * 86400


def _second(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp())


def _by_state(waits: Iterable[tuple[str, int]]) -> dict[str, Waits]:
    lengths: dict[str, list[int]] = {}
    for state, length in waits:
        lengths.setdefault(state, []).append(length)
        lengths.setdefault("", []).append(length)
    return {state: _waits(sorted(own)) for state, own in lengths.items()}


def _waits(lengths: Sequence[int]) -> Waits:
    def at(share: float) -> timedelta:
        return timedelta(seconds=lengths[ceil(len(lengths) * share) - 1])

    return Waits(len(lengths), at(0.5), at(0.9), timedelta(seconds=lengths[-1]))
