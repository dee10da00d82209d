"""One database held open over many random histories, and everything of it that a history may be compared by."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from tests.support.house import House
from tests.workflow.engine import laws
from tests.workflow.engine.model import Portal
from workflow.applications.queries import CandidateApplication, application_of_candidate
from workflow.applications.tables import Application
from workflow.calendar import calendar_of
from workflow.database.connection import (
    database_from_url,
    opened_database,
    use_database,
    write_transaction,
)
from workflow.engine import history, outbox
from workflow.engine.checkpoints import extend
from workflow.engine.tables import Outbox, Timer
from workflow.engine.verification import verify
from workflow.machines import MACHINES
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember

T = TypeVar("T")

KINDS = (
    *laws.MAILS.values(),
    *("application_submitted", "application_received", "withdrawal_message", "withdrawal_message_copy"),
    *("index_offer", "offer_waiting"),
)

_ROUNDS = 50

Facts = dict[str, Any]


@dataclass
class Stage:
    """A migrated database on a held event loop, with two units, a recruiter of each and an administrator."""

    url: str
    house: House
    runner: asyncio.Runner
    staff: tuple[StaffMember, ...] = ()
    units: tuple[int, ...] = ()
    opened: AsyncExitStack | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def open(self) -> None:
        use_database(database_from_url(self.url))
        self.opened = AsyncExitStack()
        await self.opened.enter_async_context(opened_database())

    async def close(self) -> None:
        if self.opened:
            await self.opened.aclose()
            self.opened = None

    async def restart(self) -> int:
        """As a process that ends and begins anew; how many plans it found wrong."""
        await self.close()
        await self.open()
        return await calendar_of(self.house.terms).plan_anew()

    async def furnish(self) -> None:
        await self.open()
        await self.seal(self.house.now)
        one, other = await self.house.unit("LAB1"), await self.house.unit("LAB2")
        self.units = (one, other)
        self.staff = (
            await self.house.recruiter(one, name="Rose"),
            await self.house.recruiter(other, name="Rita"),
            await self.house.recruiter(name="Ada", is_administrator=True),
        )

    async def seal(self, now: datetime) -> None:
        await extend(transaction=write_transaction, key=self.house.terms.history_key, now=now)

    async def faults(self) -> list[Any]:
        parts = verify(MACHINES, self.house.terms.history_key)
        return [fault async for part in parts for fault in part.faults]

    async def relay(self, clock: datetime, came: str = "sent") -> int:
        claims = await outbox.claim(kinds=KINDS, limit=1_000, lease=laws.LEASE, token=uuid4(), now=clock)
        for claim in claims:
            if came == "sent":
                await outbox.settle(claim, state=outbox.SENT, receipt="250 OK", now=clock)
            elif came == "put off":
                await outbox.postpone(claim, until=clock + laws.PAUSE, receipt="451 Later")
        return len(claims)

    async def last_outbox_id(self) -> int:
        row = await Outbox.select(Outbox.id).order_by(Outbox.id, ascending=False).first()
        return int(row["id"]) if row else 0

    async def drain(self, now: datetime) -> None:
        """Leave nothing to do, so that the next history has the clock and the worker to itself."""
        calendar = calendar_of(self.house.terms)
        for _ in range(_ROUNDS):
            if not await calendar.fire_due(now) + await self.relay(now):
                return
        raise AssertionError(f"there is still something to do after {_ROUNDS} rounds")


@contextmanager
def staged(url: str, house: House) -> Iterator[Stage]:
    with asyncio.Runner() as runner:
        stage = Stage(url, house, runner)
        try:
            runner.run(stage.furnish())
            yield stage
        finally:
            runner.run(stage.close())


async def all_there_is(portal: Portal, mark: int) -> Facts:
    """Everything that the database says of the subjects of a history; outbox rows after `mark`."""
    applications = await _rows(Application, list(portal.applications))
    offers = await _rows(Offer, list(portal.offers))
    return {
        "applications": {row["id"]: (row["status"], row["version"]) for row in applications},
        "offers": {
            row["id"]: (
                row["status"],
                row["version"],
                row["publish_at"],
                row["published_at"],
                row["closes_on"],
            )
            for row in offers
        },
        "history": await _histories("application", portal.applications)
        | await _histories("offer", portal.offers),
        "outbox": await _outbox(mark),
        "timers": await _timers(list(portal.offers)),
        "candidates see": {
            application.id: _seen(
                await application_of_candidate(application.candidate, application.id, now=portal.now)
            )
            for application in portal.applications.values()
        },
    }


def all_there_should_be(portal: Portal) -> Facts:
    """The same, as the model has it."""
    applications, offers = portal.applications.values(), portal.offers.values()
    return {
        "applications": {each.id: (each.status, len(each.steps)) for each in applications},
        "offers": {
            each.id: (each.status, len(each.steps), each.publish_at, each.published_at, each.closes_on)
            for each in offers
        },
        "history": {each.id: each.steps for each in (*applications, *offers)},
        "outbox": {
            key: (key.split("/")[0], mail.recipient, mail.state, mail.due_at)
            for key, mail in portal.mails.items()
        },
        "timers": {
            (offer.id, timer.name): (timer.version, timer.due_at, timer.fired_at, timer.failed)
            for offer in offers
            for timer in offer.timers
        },
        "candidates see": {each.id: _to_be_seen(each.told(portal.now)) for each in applications},
    }


def _to_be_seen(told: list[laws.Step]) -> Any:
    status = told[-1].to_state
    return status, len(told), told, ("withdraw",) if status in laws.LIVE else ()


def as_modelled(step: history.Step) -> laws.Step:
    return laws.Step(
        step.version,
        step.event,
        step.from_state,
        step.to_state,
        step.actor.id,
        step.actor.role,
        step.at,
        step.announce_at,
        step.undoes,
        step.note,
    )


async def _rows(table: Any, ids: list[UUID]) -> list[Facts]:
    rows: list[Facts] = await table.select().where(table.id.is_in(ids)) if ids else []
    return rows


async def _histories(kind: str, ids: Any) -> dict[UUID, list[laws.Step]]:
    steps = await history.steps_of(kind, list(ids))
    return {subject_id: [as_modelled(step) for step in own] for subject_id, own in steps.items()}


async def _outbox(mark: int) -> Facts:
    rows = await Outbox.select().where(Outbox.id > mark)
    return {row["dedup_key"]: (row["kind"], row["recipient"], row["state"], row["due_at"]) for row in rows}


async def _timers(ids: list[UUID]) -> dict[Any, Any]:
    rows = await Timer.select().where(Timer.subject_id.is_in(ids)) if ids else []
    return {
        (row["subject_id"], row["name"]): (
            row["version"],
            row["due_at"],
            row["fired_at"],
            bool(row["failure"]),
        )
        for row in rows
    }


def _seen(view: CandidateApplication | None) -> Any:
    if view is None:
        return None
    return view.status, view.version, [as_modelled(step) for step in view.history], view.actions
