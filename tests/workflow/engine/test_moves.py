"""One move: what it writes, what it refuses, and that it leaves nothing half done."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.house import House
from workflow.applications.commands import move_application
from workflow.applications.machine import ApplicationMachine
from workflow.applications.tables import Application
from workflow.database.connection import write_transaction
from workflow.engine.errors import (
    DomainError,
    EventForbidden,
    IllegalEvent,
    InvalidInput,
    NoteMissing,
    NoteRefused,
    NotFound,
    StaleVersion,
    UndoTooLate,
    UnknownEvent,
    UnknownVersion,
)
from workflow.engine.history import steps_of
from workflow.engine.machine import Actor
from workflow.engine.moves import fire, hold
from workflow.engine.tables import History, Outbox
from workflow.offers.machine import OfferMachine
from workflow.recruiters.queries import StaffMember

Move = Callable[..., Any]


@dataclass
class Case:
    """An application that was just submitted, and the recruiter who decides on it."""

    house: House
    staff: StaffMember
    application_id: UUID

    async def move(self, event: str, *, after: timedelta = timedelta(), **arguments: Any) -> Any:
        return await move_application(
            self.staff,
            self.application_id,
            event,
            terms=self.house.terms,
            now=self.house.now + after,
            **arguments,
        )

    async def state(self) -> tuple[str, int]:
        row = await Application.select().where(Application.id == self.application_id).first()
        assert row is not None
        return row["status"], row["version"]

    async def mails(self) -> list[tuple[str, str, datetime]]:
        rows = await Outbox.select().where(Outbox.subject_id == self.application_id).order_by(Outbox.id)
        return [(row["kind"], row["state"], row["due_at"]) for row in rows]


@pytest.fixture
async def case(database: str, house: House) -> Case:
    unit = await house.unit()
    staff = await house.recruiter(unit)
    await house.offer(staff, unit)
    return Case(house, staff, await house.application(await house.candidate()))


async def test_a_move_writes_status_history_and_outbox(case: Case, now: datetime) -> None:
    await case.move("consider")
    steps = (await steps_of("application", [case.application_id]))[case.application_id]
    assert await case.state() == ("under_consideration", 2)
    assert [(s.version, s.event, s.from_state, s.to_state, s.announce_at) for s in steps] == [
        (1, "submit", "", "submitted", now),
        (2, "consider", "submitted", "under_consideration", now),
    ]
    assert await case.mails() == [
        ("application_submitted", "pending", now),
        ("application_received", "pending", now),
        ("application_considered", "pending", now),
    ]


async def test_a_decision_is_told_only_after_the_grace(case: Case, now: datetime) -> None:
    await case.move("consider")
    step = await case.move("accept")
    told_at = now + timedelta(minutes=15)
    assert step.announce_at == told_at
    assert (await case.mails())[-1] == ("application_successful", "pending", told_at)


async def test_undo_takes_the_decision_back_and_cancels_its_mail(case: Case, now: datetime) -> None:
    await case.move("consider")
    await case.move("reject", note="Not this time")
    step = await case.move("undo", after=timedelta(minutes=14))
    assert (step.undoes, step.announce_at) == (3, None)
    assert await case.state() == ("under_consideration", 4)
    assert (await case.mails())[-1] == ("application_rejected", "cancelled", now + timedelta(minutes=15))


async def test_undo_is_refused_once_the_decision_is_told(case: Case) -> None:
    await case.move("consider")
    await case.move("accept")
    with pytest.raises(UndoTooLate):
        await case.move("undo", after=timedelta(minutes=15))
    assert await case.state() == ("successful", 3)


async def test_undo_is_refused_while_the_mail_is_on_its_way(case: Case) -> None:
    await case.move("consider")
    await case.move("accept")
    await Outbox.update({Outbox.state: "claimed"}).where(Outbox.kind == "application_successful")
    with pytest.raises(UndoTooLate):
        await case.move("undo")
    assert (await case.mails())[-1][1] == "claimed"


REFUSALS: list[tuple[str, dict[str, Any], type[DomainError]]] = [
    ("promote", {}, UnknownEvent),
    ("model", {}, UnknownEvent),
    ("submit", {}, UnknownEvent),
    ("promote", {"expected_version": 7}, UnknownEvent),
    ("accept", {}, IllegalEvent),
    ("withdraw", {}, EventForbidden),
    ("cancel", {}, EventForbidden),
    ("consider", {"expected_version": 2}, UnknownVersion),
    ("consider", {"expected_version": 0}, UnknownVersion),
    ("accept", {"expected_version": 7}, UnknownVersion),
]


@pytest.mark.parametrize(("event", "arguments", "error"), REFUSALS)
async def test_each_refusal_has_its_error_and_changes_nothing(
    case: Case, event: str, arguments: dict[str, Any], error: type[DomainError]
) -> None:
    before = await History.count(), await Outbox.count()
    with pytest.raises(error):
        await case.move(event, **arguments)
    assert await case.state() == ("submitted", 1)
    assert (await History.count(), await Outbox.count()) == before


async def test_rejecting_without_a_reason_is_refused(case: Case) -> None:
    await case.move("consider")
    with pytest.raises(NoteMissing):
        await case.move("reject", note="  ")


async def test_a_stale_move_names_who_came_first(case: Case, now: datetime) -> None:
    await case.move("consider")
    with pytest.raises(StaleVersion) as caught:
        await case.move("consider", expected_version=1)
    assert caught.value.facts == {
        "subject": "application",
        "event": "consider",
        "from_state": "submitted",
        "to_state": "under_consideration",
        "at": now,
        "version": 2,
        "actor": case.staff.actor,
    }


async def test_an_unknown_application_is_not_found(case: Case) -> None:
    case.application_id = uuid4()
    with pytest.raises(NotFound):
        await case.move("consider")


async def test_of_many_simultaneous_moves_one_wins(case: Case) -> None:
    async def attempt() -> str:
        try:
            await case.move("consider", expected_version=1)
        except StaleVersion:
            return "stale"
        return "moved"

    outcomes = await asyncio.gather(*(attempt() for _ in range(20)))
    assert sorted(outcomes) == ["moved"] + ["stale"] * 19
    assert await case.state() == ("under_consideration", 2)


async def test_a_note_is_kept_apart_from_the_chain(case: Case) -> None:
    await case.move("consider")
    await case.move("reject", note="The funding fell through")
    step = (await steps_of("application", [case.application_id]))[case.application_id][-1]
    assert step.note == "The funding fell through"
    assert "funding" not in str(await History.select())


async def test_input_errors_are_told_beside_their_field(house: House, database: str) -> None:
    unit = await house.unit()
    staff = await house.recruiter(unit)
    with pytest.raises(InvalidInput) as caught:
        await house.offer(staff, unit, region="nowhere", closes_on="soon", title_fr="", title_en="")
    assert [error.field for error in caught.value.errors] == ["title_fr", "region", "closes_on"]


async def test_history_never_runs_backwards(case: Case, now: datetime) -> None:
    """Clocks differ, and a move may have waited for its lock."""
    await case.move("consider", after=timedelta(hours=3))
    step = await case.move("accept", after=timedelta(hours=1))
    assert (step.at, step.announce_at) == (
        now + timedelta(hours=3),
        now + timedelta(hours=3) + case.house.terms.grace,
    )


@pytest.mark.parametrize("note", ["half \ud83d", "nul \0"])
async def test_note_that_no_database_keeps_is_refused(case: Case, note: str) -> None:
    await case.move("consider")
    with pytest.raises(NoteRefused):
        await fire(
            ApplicationMachine,
            case.application_id,
            "reject",
            case.staff.actor,
            terms=case.house.terms,
            now=case.house.now,
            note=note,
        )
    assert await case.state() == ("under_consideration", 2)


def test_actor_that_the_history_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        Actor("x" * 65, "recruiter")


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_two_moves_in_one_transaction_do_not_wait_for_who_holds_the_offer(case: Case) -> None:
    """As a withdrawal in the grace beside the cancelling of an offer: a second change asks a row's keys again."""
    await case.move("consider")
    await case.move("accept")
    undone, offer_held = asyncio.Event(), asyncio.Event()
    row = await Application.select(Application.offer).first()
    assert row is not None

    async def undo_and_reject() -> None:
        async with write_transaction():
            for event in ("undo", "reject"):
                await fire(
                    ApplicationMachine,
                    case.application_id,
                    event,
                    case.staff.actor,
                    terms=case.house.terms,
                    now=case.house.now,
                    note="No",
                )
                undone.set()
                await offer_held.wait()

    async def hold_both() -> None:
        await undone.wait()
        async with write_transaction():
            await hold(OfferMachine, row["offer"])
            offer_held.set()
            await hold(ApplicationMachine, case.application_id)

    async with asyncio.timeout(20):
        await asyncio.gather(undo_and_reject(), hold_both())
    assert await case.state() == ("rejected", 5)
