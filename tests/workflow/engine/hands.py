"""Many hands: what each of several processes does to the same applications and offers at once."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from workflow.applications.commands import cancel_offer, move_application, move_applications
from workflow.applications.machine import ApplicationMachine
from workflow.applications.tables import Application
from workflow.calendar import calendar_of
from workflow.database.connection import database_from_url, opened_database, use_database
from workflow.engine.machine import Terms
from workflow.engine.many import Move
from workflow.errors import DomainError
from workflow.offers.commands import move_offer
from workflow.recruiters.queries import StaffMember
from workflow.roles import RECRUITER

EVENTS = ("consider", "accept")
AT_ONCE = 40


@dataclass(frozen=True)
class Plan:
    """What a hand works on. `seed`: its own random order; `journal`: where it writes what it did.

    Who moves until killed moves single applications as `staff`, under keys, and all else as `other`, without.
    """

    url: str
    staff: StaffMember
    other: StaffMember
    terms: Terms
    now: datetime
    seed: int
    applications: tuple[UUID, ...] = ()
    offers: tuple[str, ...] = ()
    journal: Path = Path(os.devnull)


def move_all(plan: Plan) -> Counter[str]:
    """Every application by every event, in a random order of one's own; how often what came of it."""
    return asyncio.run(_move_all(plan))


def keep_calendar(plan: Plan) -> int:
    """What a worker does when its time has come, until nothing is due; how many timers it looked at."""
    return asyncio.run(_keep_calendar(plan))


def move_until_killed(plan: Plan) -> None:
    """Move at random, one and many at once; write down before what is tried, and after what was answered."""
    asyncio.run(_move_until_killed(plan))


async def _move_all(plan: Plan) -> Counter[str]:
    use_database(database_from_url(plan.url))
    chance, came = random.Random(plan.seed), Counter[str]()
    async with opened_database():
        for event in EVENTS:
            order = chance.sample(plan.applications, len(plan.applications))
            moving = _together(plan, event, order) if plan.seed % 2 else _singly(plan, event, order)
            async for what in moving:
                came[what] += 1
    return came


async def _singly(plan: Plan, event: str, order: Sequence[UUID]) -> AsyncIterator[str]:
    for application_id in order:
        try:
            step = await move_application(plan.staff, application_id, event, terms=plan.terms, now=plan.now)
            yield step.event
        except DomainError as error:
            yield type(error).__name__


async def _together(plan: Plan, event: str, order: Sequence[UUID]) -> AsyncIterator[str]:
    for first in range(0, len(order), AT_ONCE):
        moves = [Move(application_id, event) for application_id in order[first : first + AT_ONCE]]
        async for outcome in move_applications(plan.staff, moves, terms=plan.terms, now=plan.now):
            yield outcome.step.event if outcome.step else type(outcome.error).__name__


async def _keep_calendar(plan: Plan) -> int:
    use_database(database_from_url(plan.url))
    seen = 0
    async with opened_database():
        while found := await calendar_of(plan.terms).fire_due(plan.now):
            seen += found
    return seen


async def _move_until_killed(plan: Plan) -> None:
    use_database(database_from_url(plan.url))
    async with opened_database():
        with plan.journal.open("a", buffering=1) as journal:
            await Restless(plan, journal).work()


def note_of(event: str) -> str:
    """What is said of a move, where something must be."""
    return "It has a reason." if event in ("reject", "reopen") else ""


class Restless:
    """Moves at random for ever; first once more what the life before it may or may not have got through."""

    def __init__(self, plan: Plan, journal: Any) -> None:
        self.plan = plan
        self.journal = journal
        self.chance = random.Random(plan.seed)

    async def work(self) -> None:
        lines = self.plan.journal.read_text().splitlines()
        for line in _unanswered(lines):
            await self._move_one(*line)
        for number in count():
            if self.chance.random() < 0.04:
                await self._move_some()
            elif self.chance.random() < 0.1:
                await self._move_an_offer()
            else:
                ((application_id, event),) = await self._possible(1)
                await self._move_one(f"{self.plan.seed}-{number}", str(application_id), event)

    async def _possible(self, number: int) -> list[tuple[UUID, str]]:
        """Some applications, and for each an event that leads on from where it stands (undo may be too late)."""
        some = self.chance.sample(self.plan.applications, number)
        rows = await Application.select(Application.id, Application.status).where(Application.id.is_in(some))
        return [
            (row["id"], self.chance.choice(ApplicationMachine.moves_from(row["status"], RECRUITER)))
            for row in rows
        ]

    async def _move_one(self, key: str, application_id: str, event: str) -> None:
        self.journal.write(f"try {key} {application_id} {event}\n")
        try:
            step = await move_application(
                self.plan.staff,
                UUID(application_id),
                event,
                terms=self.plan.terms,
                now=self.plan.now,
                note=note_of(event),
                idempotency_key=key,
            )
        except DomainError as error:
            self.journal.write(f"refused {key} {type(error).__name__}\n")
        else:
            self.journal.write(f"kept {key} {application_id} {step.version} {step.event}\n")

    async def _move_some(self) -> None:
        possible = await self._possible(min(AT_ONCE, len(self.plan.applications)))
        moves = [Move(application_id, event, note=note_of(event)) for application_id, event in possible]
        async for outcome in move_applications(
            self.plan.other, moves, terms=self.plan.terms, now=self.plan.now
        ):
            if step := outcome.step:
                self.journal.write(f"kept - {step.subject_id} {step.version} {step.event}\n")

    async def _move_an_offer(self) -> None:
        reference, event = self.chance.choice(self.plan.offers), self.chance.choice(("publish", "close", ""))
        terms: dict[str, Any] = {"terms": self.plan.terms, "now": self.plan.now}
        try:
            if event:
                await move_offer(self.plan.other, reference, event, **terms)
            elif self.chance.random() < 0.1:
                await cancel_offer(self.plan.other, reference, **terms)
        except DomainError:
            return


def _unanswered(lines: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Key, application and event of requests that came to no answer."""
    words = [line.split() for line in lines]
    answered = {line[1] for line in words if line and line[0] in ("kept", "refused")}
    for line in words:
        if len(line) == 4 and line[0] == "try" and line[1] not in answered:
            yield line[1], line[2], line[3]
