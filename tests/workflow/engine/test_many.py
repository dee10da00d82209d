"""Many moves at once: each for itself, in bounded transactions, quick."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from tests.support.house import House
from workflow.applications.commands import move_application, move_applications
from workflow.applications.machine import ApplicationMachine
from workflow.applications.tables import Application
from workflow.database.connection import write_transaction
from workflow.engine.many import AT_ONCE, Move, Outcome, fire_many
from workflow.engine.tables import History, Outbox
from workflow.errors import (
    EventForbidden,
    IllegalEvent,
    NoteMissing,
    NotFound,
    StaleVersion,
    UnknownEvent,
)
from workflow.recruiters.queries import StaffMember


async def submitted(house: House, count: int, reference: str = "REF-1") -> list[UUID]:
    candidates = [await house.candidate() for _ in range(count)]
    return [await house.application(candidate, reference) for candidate in candidates]


async def states(ids: list[UUID]) -> list[tuple[str, int]]:
    rows = await Application.select(Application.id, Application.status, Application.version)
    by_id = {row["id"]: (row["status"], row["version"]) for row in rows}
    return [by_id[each] for each in ids]


def seen(outcomes: list[Outcome]) -> dict[UUID, Any]:
    """Of each subject the state that it has come to, or the class of the error."""
    return {each.move.subject_id: each.step.to_state if each.step else type(each.error) for each in outcomes}


async def test_each_move_succeeds_or_is_reported_on_its_own(
    staff: StaffMember, house: House, now: datetime
) -> None:
    other_unit = await house.unit("LAB2")
    await house.offer(await house.recruiter(other_unit, name="Otto"), other_unit, "REF-2")
    (foreign,) = await submitted(house, 1, "REF-2")
    fine, stale, illegal, unknown, noteless, forbidden = await submitted(house, 6)
    for each in (stale, noteless, forbidden):
        await move_application(staff, each, "consider", terms=house.terms, now=now)
    nobody = uuid4()
    moves = [
        Move(fine, "consider", expected_version=1),
        Move(stale, "reject", expected_version=1, note="No"),
        Move(illegal, "accept"),
        Move(unknown, "model"),
        Move(noteless, "reject", note="  "),
        Move(forbidden, "withdraw"),
        Move(foreign, "consider"),
        Move(nobody, "consider"),
    ]
    outcomes = [each async for each in move_applications(staff, moves, terms=house.terms, now=now)]
    assert seen(outcomes) == {
        fine: "under_consideration",
        stale: StaleVersion,
        illegal: IllegalEvent,
        unknown: UnknownEvent,
        noteless: NoteMissing,
        forbidden: EventForbidden,
        foreign: NotFound,
        nobody: NotFound,
    }
    assert await states([fine, stale, illegal, unknown, noteless, forbidden, foreign]) == [
        ("under_consideration", 2),
        ("under_consideration", 2),
        ("submitted", 1),
        ("submitted", 1),
        ("under_consideration", 2),
        ("under_consideration", 2),
        ("submitted", 1),
    ]


async def test_hundred_moves_are_kept_with_their_mails(
    staff: StaffMember, house: House, now: datetime
) -> None:
    ids = await submitted(house, 100)
    moves = [Move(each, "consider", 1) for each in ids]
    outcomes = [each async for each in move_applications(staff, moves, terms=house.terms, now=now)]
    assert [each.error for each in outcomes] == [None] * 100
    assert await states(ids) == [("under_consideration", 2)] * 100
    assert await Outbox.count().where(Outbox.kind == "application_considered") == 100


async def test_outcome_is_given_out_once_it_is_kept(staff: StaffMember, house: House, now: datetime) -> None:
    """Whoever stops listening half way has seen only what stays, and what was not begun is not done."""
    ids = await submitted(house, AT_ONCE + 5)
    outcomes = move_applications(staff, [Move(each, "consider") for each in ids], terms=house.terms, now=now)
    first = await anext(outcomes)
    await outcomes.aclose()
    assert (await states([first.move.subject_id])) == [("under_consideration", 2)]
    assert await Application.count().where(Application.status == "under_consideration") == AT_ONCE


async def test_move_refused_after_it_wrote_leaves_nothing(
    staff: StaffMember, house: House, now: datetime
) -> None:
    """A refusal that comes late, from the announcer, takes back that move alone."""
    good, bad = await submitted(house, 2)

    async def announce(step: Any, _tells: Any) -> tuple[()]:
        if step.subject_id == bad:
            raise NotFound
        return ()

    before = await History.count()
    outcomes = [
        each
        async for each in fire_many(
            ApplicationMachine,
            [Move(good, "consider"), Move(bad, "consider")],
            staff.actor,
            transaction=write_transaction,
            terms=house.terms,
            now=now,
            announce=announce,
        )
    ]
    assert seen(outcomes) == {good: "under_consideration", bad: NotFound}
    assert await states([good, bad]) == [("under_consideration", 2), ("submitted", 1)]
    assert await History.count() == before + 1


async def test_repeat_with_keys_gives_the_first_steps(
    staff: StaffMember, house: House, now: datetime
) -> None:
    ids = await submitted(house, 3)
    moves = [Move(each, "consider", idempotency_key=f"batch-7/{each}") for each in ids]

    async def carry_out() -> dict[UUID, int]:
        return {
            each.move.subject_id: each.step.version if each.step else 0
            async for each in move_applications(staff, moves, terms=house.terms, now=now)
        }

    assert await carry_out() == await carry_out() == dict.fromkeys(ids, 2)
    assert await History.count().where(History.event == "consider") == 3


async def test_batches_whose_keys_cross_wait_for_each_other(
    staff: StaffMember, house: House, now: datetime
) -> None:
    """One batch names the keys in the order of the subjects, the other against it."""
    first, second = sorted(await submitted(house, 2))

    async def carry_out(*pairs: tuple[UUID, str]) -> list[Outcome]:
        moves = [Move(subject, "consider", idempotency_key=key) for subject, key in pairs]
        return [each async for each in move_applications(staff, moves, terms=house.terms, now=now)]

    both = await asyncio.gather(
        carry_out((first, "p"), (second, "q")), carry_out((first, "q"), (second, "p"))
    )
    assert sorted(type(each.error).__name__ for outcomes in both for each in outcomes) == [
        "IdempotencyMismatch",
        "IdempotencyMismatch",
        "NoneType",
        "NoneType",
    ]
