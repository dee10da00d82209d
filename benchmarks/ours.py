"""Vivier as a contender: the engine's `fire()`, and the whole command of a recruiter."""

import asyncio
import itertools
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from benchmarks.rounds import Round
from tests.support.house import House
from workflow.applications.commands import candidate_actor, move_application
from workflow.applications.machine import ApplicationMachine
from workflow.applications.tables import Application
from workflow.database.connection import write_transaction
from workflow.engine.history import Step
from workflow.engine.machine import Terms
from workflow.engine.moves import fire, start
from workflow.engine.outbox import Announcement
from workflow.recruiters.queries import StaffMember

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TERMS = Terms(
    history_key=b"only for measuring",
    grace=timedelta(minutes=15),
    zone=ZoneInfo("Europe/Paris"),
    patience=timedelta(days=14),
)
PARAMS = {
    "title": "ms",
    "first_name": "Chloé",
    "last_name": "Martin",
    "offer_title": "Chimiste (H/F)",
    "offer_reference": "REF-1",
    "unit_name": "Laboratory LAB1",
}
KIND = "application_considered"
RECIPIENT = "candidate@example.org"
_OFFERS = 50

Move = Callable[[UUID], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Place:
    """A portal of one unit, one recruiter, fifty offers, and as many candidates as its applications need."""

    house: House
    staff: StaffMember
    pairs: AsyncIterator[tuple[UUID, UUID]]

    async def applications(self, count: int) -> list[UUID]:
        """New applications, submitted, with their histories."""
        pairs = [await anext(self.pairs) for _ in range(count)]
        made = [(uuid4(), candidate, offer) for candidate, offer in pairs]
        async with write_transaction():
            for application_id, candidate, _ in made:
                actor = candidate_actor(candidate)
                await start(ApplicationMachine, application_id, actor, terms=TERMS, now=NOW)
            await Application.insert(*(_row(*each) for each in made))
        return [application_id for application_id, _, _ in made]


def _row(application_id: UUID, candidate: UUID, offer: UUID) -> Application:
    return Application(
        id=application_id,
        candidate=candidate,
        offer=offer,
        status="submitted",
        version=1,
        covering_letter_text="I would like to join you.",
        cv_url="",
        submitted_at=NOW,
    )


async def _pairs(house: House, offers: Sequence[UUID]) -> AsyncIterator[tuple[UUID, UUID]]:
    while True:
        candidate = await house.candidate()
        for offer in offers:
            yield candidate, offer


async def furnished_place() -> Place:
    """Fill the current database, which is migrated and empty."""
    house = House(NOW, TERMS, Path(tempfile.gettempdir()))
    unit = await house.unit()
    staff = await house.recruiter(unit)
    offers = [await house.offer(staff, unit, f"REF-{number}") for number in range(_OFFERS)]
    return Place(house, staff, _pairs(house, offers))


async def announce_one(step: Step, _tells: Mapping[str, str]) -> Sequence[Announcement]:
    """One outbox row, of facts that are known beforehand."""
    params = PARAMS | {"application_id": str(step.subject_id)}
    key = f"{KIND}/{step.subject_id}/{step.version}"
    return [Announcement(KIND, key, params, RECIPIENT, "fr")]


def by_fire(place: Place) -> Move:
    """The move alone."""

    async def move(application_id: UUID) -> Step:
        async with write_transaction():
            return await fire(
                ApplicationMachine,
                application_id,
                "consider",
                place.staff.actor,
                terms=TERMS,
                now=NOW,
                announce=announce_one,
                expected_version=1,
            )

    return move


def by_command(place: Place) -> Move:
    """The whole command: whose it is, what the mail says, the move."""

    async def move(application_id: UUID) -> Step:
        return await move_application(
            place.staff, application_id, "consider", terms=TERMS, now=NOW, expected_version=1
        )

    return move


@dataclass
class Mover:
    """Moves applications of a place in one way, on this event loop."""

    name: str
    place: Place
    move: Move
    waiting: list[UUID] = field(default_factory=list)

    async def prepare(self, count: int) -> None:
        self.waiting += await self.place.applications(count)

    async def run(self, at_once: int) -> Round:
        ids, self.waiting = self.waiting, []
        began, computed = time.perf_counter(), time.process_time()
        shares = [self._moved(ids[first::at_once]) for first in range(at_once)]
        latencies = await asyncio.gather(*shares)
        return Round(
            seconds=time.perf_counter() - began,
            latencies=tuple(itertools.chain.from_iterable(latencies)),
            computing=time.process_time() - computed,
        )

    async def _moved(self, ids: Sequence[UUID]) -> list[float]:
        latencies = []
        for application_id in ids:
            began = time.perf_counter()
            await self.move(application_id)
            latencies.append(time.perf_counter() - began)
        return latencies
