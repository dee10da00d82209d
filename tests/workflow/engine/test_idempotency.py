"""The first answer to a repeatable request: kept for a day, given again, also when two arrive at once."""

import asyncio
from datetime import datetime, timedelta

import pytest

from tests.support.house import House
from workflow.applications.commands import move_application
from workflow.database.connection import write_transaction
from workflow.engine.errors import IdempotencyMismatch, IllegalEvent
from workflow.engine.history import Step, steps_of
from workflow.engine.idempotency import Repeatable, first_answer, keep_answer, repeatable
from workflow.engine.tables import IdempotencyKey
from workflow.errors import NotFound
from workflow.recruiters.queries import StaffMember


async def answered(request: Repeatable, answer: dict[str, int], now: datetime) -> dict[str, int]:
    """What a command does: the first answer where there is one, else this one, after a while."""
    async with write_transaction():
        first = await first_answer(request, now=now)
        if first is not None:
            return first
        await asyncio.sleep(0.05)
        await keep_answer(request, answer, now=now)
        return answer


async def test_of_many_at_once_only_the_first_is_carried_out(database: str, now: datetime) -> None:
    request = repeatable("recruiter:1", "key", "move", 1)
    answers = await asyncio.gather(*(answered(request, {"version": n}, now) for n in range(8)))
    assert len({each["version"] for each in answers}) == 1
    assert await IdempotencyKey.count() == 1


async def test_keys_count_per_actor(database: str, now: datetime) -> None:
    assert await answered(repeatable("recruiter:1", "key", "a"), {"version": 1}, now) == {"version": 1}
    assert await answered(repeatable("recruiter:2", "key", "b"), {"version": 2}, now) == {"version": 2}


async def test_a_key_belongs_to_one_request_for_a_day(database: str, now: datetime) -> None:
    await answered(repeatable("recruiter:1", "key", "a"), {"version": 1}, now)
    other = repeatable("recruiter:1", "key", "b")
    with pytest.raises(IdempotencyMismatch):
        await answered(other, {"version": 2}, now + timedelta(hours=23, minutes=59))
    assert await answered(other, {"version": 2}, now + timedelta(hours=24)) == {"version": 2}
    rows = await IdempotencyKey.select(IdempotencyKey.request_digest, IdempotencyKey.created_at)
    assert rows == [{"request_digest": other.digest, "created_at": now + timedelta(hours=24)}]


async def test_a_move_repeated_at_once_is_one_step(staff: StaffMember, house: House, now: datetime) -> None:
    application = await house.application(await house.candidate())

    async def consider() -> Step:
        return await move_application(
            staff,
            application,
            "consider",
            terms=house.terms,
            now=now,
            expected_version=1,
            idempotency_key="k",
        )

    steps = await asyncio.gather(*(consider() for _ in range(6)))
    assert {step.version for step in steps} == {2}
    assert len((await steps_of("application", [application]))[application]) == 2
    await move_application(staff, application, "accept", terms=house.terms, now=now)
    assert await consider() == steps[0]


async def test_a_refused_move_leaves_its_key_free(staff: StaffMember, house: House, now: datetime) -> None:
    application = await house.application(await house.candidate())
    with pytest.raises(IllegalEvent):
        await move_application(staff, application, "accept", terms=house.terms, now=now, idempotency_key="k")
    step = await move_application(
        staff, application, "consider", terms=house.terms, now=now, idempotency_key="k"
    )
    assert step.to_state == "under_consideration"


async def test_a_first_answer_is_not_for_those_who_may_no_longer_see_it(
    staff: StaffMember, house: House, now: datetime
) -> None:
    application = await house.application(await house.candidate())
    await move_application(staff, application, "consider", terms=house.terms, now=now, idempotency_key="k")
    moved_on = StaffMember(staff.id, staff.email, "Rose", "Recruiter", frozenset())
    with pytest.raises(NotFound):
        await move_application(
            moved_on, application, "consider", terms=house.terms, now=now, idempotency_key="k"
        )
