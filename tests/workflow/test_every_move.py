"""State × event × role, whole: what is written by hand, what the machines say, and what happens on both databases."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.house import House
from workflow.applications.announcements import ApplicationAnnouncer
from workflow.applications.machine import ApplicationMachine
from workflow.database.connection import write_transaction
from workflow.engine.description import FORBIDDEN, ILLEGAL, NOTE, UNTOLD, table
from workflow.engine.errors import (
    DomainError,
    EventForbidden,
    IllegalEvent,
    InvalidInput,
    NoteMissing,
    UndoTooLate,
    UnknownEvent,
)
from workflow.engine.history import last_step
from workflow.engine.machine import Actor, Machine
from workflow.engine.moves import Announcer, fire, start
from workflow.engine.tables import History, HistoryNote, Outbox, Timer
from workflow.errors import DecisionHeld
from workflow.offers.commands import announce_offer
from workflow.offers.machine import OfferMachine
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember
from workflow.roles import ADMINISTRATOR, CANDIDATE, RECRUITER, ROLES

Cells = dict[tuple[str, str], tuple[str, ...]]

WAYS: dict[type[Machine], dict[str, tuple[tuple[str, str], ...]]] = {
    ApplicationMachine: {
        "submitted": (),
        "under_consideration": (("consider", RECRUITER),),
        "rejected": (("consider", RECRUITER), ("reject", RECRUITER)),
        "successful": (("consider", RECRUITER), ("accept", RECRUITER)),
        "withdrawn": (("withdraw", CANDIDATE),),
    },
    OfferMachine: {
        "draft": (),
        "published": (("publish", RECRUITER),),
        "closed": (("publish", RECRUITER), ("close", RECRUITER)),
        "archived": (("publish", RECRUITER), ("close", RECRUITER), ("archive", RECRUITER)),
        "cancelled": (("cancel", ADMINISTRATOR),),
    },
}
"""How a subject comes into each state: events, and who fires them."""

REASON = "The funding fell through"


def written(machine: type[Machine]) -> Cells:
    path = Path(__file__).parent / f"moves_of_{machine.subject}.txt"
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    heading, *rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    assert heading == ["state", "event", *ROLES]
    cells = {(state, event): tuple(cells) for state, event, *cells in rows}
    assert len(cells) == len(rows)
    return cells


@pytest.mark.parametrize("machine", WAYS)
def test_machine_allows_what_is_written(machine: type[Machine]) -> None:
    allowed, wanted = {(row.state, row.event): row.cells for row in table(machine, ROLES)}, written(machine)
    differing = [
        f"{' '.join(cell).strip()}: the machine says {allowed.get(cell)}, "
        f"tests/workflow/moves_of_{machine.subject}.txt says {wanted.get(cell)}"
        for cell in sorted(allowed.keys() | wanted.keys())
        if allowed.get(cell) != wanted.get(cell)
    ]
    assert not differing, "\n".join(["", *differing])


@dataclass
class Stage:
    """Brings subjects into being, fires events at them and looks at what is left of each try."""

    machine: type[Machine]
    house: House
    announce: Announcer
    make: Callable[[], Awaitable[UUID]]
    ready: dict[str, list[UUID]] = field(default_factory=dict)

    async def subject(self, state: str) -> UUID:
        """One in this state, made by moves; one that a refusal left as it was may serve again."""
        if self.ready.get(state):
            return self.ready[state].pop()
        subject_id = await self.make()
        for event, role in WAYS[self.machine][state]:
            async with write_transaction():
                await self.fire(subject_id, event, role)
        return subject_id

    async def fire(
        self, subject_id: UUID, event: str, role: str, *, after: timedelta = timedelta(), note: str = REASON
    ) -> str:
        step = await fire(
            self.machine,
            subject_id,
            event,
            Actor(f"{role}:1", role),
            terms=self.house.terms,
            now=self.house.now + after,
            announce=self.announce,
            note=note,
        )
        return step.to_state

    async def outcome(self, state: str, event: str, role: str, **how: Any) -> str | type[DomainError]:
        """The state that a move led to, as it is stored; or its refusal, which must leave no trace."""
        subject_id = await self.subject(state)
        before = await self.traces(subject_id)
        try:
            async with write_transaction():
                if how.pop("is_spoilt", False):
                    await Offer.update({Offer.closes_on: self.house.now.date() - timedelta(days=1)}).where(
                        Offer.id == subject_id
                    )
                to_state = await self.fire(subject_id, event, role, **how)
        except DomainError as error:
            assert await self.traces(subject_id) == before, (state, event, role)
            self.ready.setdefault(state, []).append(subject_id)
            return type(error)
        row, step = await self.row(subject_id), await last_step(self.machine.subject, subject_id)
        assert step is not None
        assert (row["status"], row["version"]) == (step.to_state, step.version)
        assert (step.event, step.from_state, step.to_state, step.actor.role) == (event, state, to_state, role)
        return to_state

    async def row(self, subject_id: UUID) -> dict[str, Any]:
        column = self.machine.table._meta.get_column_by_name("id")
        row = await self.machine.table.select().where(column == subject_id).first()
        assert row is not None
        return dict(row)

    async def traces(self, subject_id: UUID) -> tuple[Any, ...]:
        counts = [await kept.count() for kept in (History, HistoryNote, Outbox, self.machine.table)]
        planned = await Timer.select().where(Timer.subject_id == subject_id)
        mails = await Outbox.select(Outbox.state).where(Outbox.subject_id == subject_id)
        return await self.row(subject_id), counts, planned, mails

    async def observed(self, state: str, event: str, role: str) -> str:
        """What happens, in the words of the table."""
        told = self.house.terms.grace
        first = await self.outcome(state, event, role)
        if first in REFUSALS:
            return REFUSALS[first]
        conditions = []
        if await self.outcome(state, event, role, note="") is NoteMissing:
            conditions.append(NOTE)
        if await self.outcome(state, event, role, after=told) is UndoTooLate:
            conditions.append(UNTOLD)
        if first is DecisionHeld:
            first = await self.outcome(state, event, role, after=told)
            conditions.append("if require_told")
        if self.machine is OfferMachine and (
            await self.outcome(state, event, role, is_spoilt=True) is InvalidInput
        ):
            conditions.append("if require_publishable")
        return ", ".join([str(first), *conditions])

    async def opened(self, role: str) -> str:
        """What becomes of the very first step."""
        actor, house = Actor(f"{role}:1", role), self.house
        try:
            async with write_transaction():
                step = await start(self.machine, uuid4(), actor, terms=house.terms, now=house.now)
        except EventForbidden:
            return FORBIDDEN
        return step.to_state


REFUSALS: Mapping[Any, str] = {IllegalEvent: ILLEGAL, EventForbidden: FORBIDDEN}


@pytest.fixture
async def unit_and_staff(database: str, house: House) -> tuple[int, StaffMember]:
    unit = await house.unit()
    return unit, await house.recruiter(unit)


@pytest.fixture
async def applications(house: House, unit_and_staff: tuple[int, StaffMember]) -> Stage:
    unit, staff = unit_and_staff
    await house.offer(staff, unit)

    async def make() -> UUID:
        return await house.application(await house.candidate())

    return Stage(ApplicationMachine, house, ApplicationAnnouncer(), make)


@pytest.fixture
async def offers(house: House, unit_and_staff: tuple[int, StaffMember]) -> Stage:
    unit, staff = unit_and_staff
    numbers = count(1)

    async def make() -> UUID:
        return await house.offer(staff, unit, f"OFFER-{next(numbers)}", publish=False)

    return Stage(OfferMachine, house, announce_offer, make)


async def observed_table(stage: Stage) -> Cells:
    machine = stage.machine
    later = [event for event in machine.rules if event != machine.opening]
    moves = {
        (state, event): tuple([await stage.observed(state, event, role) for role in ROLES])
        for state in machine.state_ids()
        for event in later
    }
    return {("", machine.opening): tuple([await stage.opened(role) for role in ROLES])} | moves


async def test_applications_do_what_is_written(applications: Stage) -> None:
    assert await observed_table(applications) == written(ApplicationMachine)


async def test_offers_do_what_is_written(offers: Stage) -> None:
    assert await observed_table(offers) == written(OfferMachine)


async def test_opening_is_no_event_of_what_exists(applications: Stage, offers: Stage) -> None:
    refused = {
        (stage.machine, state, role): await stage.outcome(state, stage.machine.opening, role)
        for stage in (applications, offers)
        for state in stage.machine.state_ids()
        for role in ROLES
    }
    assert refused == dict.fromkeys(refused, UnknownEvent)
