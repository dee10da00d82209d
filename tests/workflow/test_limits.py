"""Attempts are limited, by a count in the database that every process shares."""

import asyncio
from datetime import datetime, timedelta

from workflow.errors import InvalidInput, TooManyAttempts, WrongCredentials
from workflow.limits import Attempt, Gate, Limit

TEN_MINUTES = timedelta(minutes=10)
STRICT = Limit("of account", 3, TEN_MINUTES)
WIDE = Limit("from address", 5, TEN_MINUTES, at_once=4)


def gate(*limits: tuple[Limit, str]) -> Gate:
    return Gate(limits or ((STRICT, "chloe@example.org"),), "a secret key for the tests")


async def _try(end: Exception | None) -> None:
    await asyncio.sleep(0.01)
    if end:
        raise end


async def enter(
    which: Gate, now: datetime, *, end: Exception | None = None, failures: tuple[type[Exception], ...] = ()
) -> str:
    """How an attempt ended."""
    try:
        async with which.attempt(now=now, failures=failures):
            await _try(end)
    except TooManyAttempts as refused:
        return f"wait {refused.facts['seconds']}"
    except Exception as error:  # noqa: BLE001  # whichever it was
        return type(error).__name__
    return "done"


async def test_every_attempt_counts_and_the_window_slides(database: str, now: datetime) -> None:
    ends = [await enter(gate(), now + timedelta(minutes=minute)) for minute in (0, 2, 4, 5, 9)]
    assert ends == ["done", "done", "done", "wait 300", "wait 60"]
    assert await enter(gate(), now + TEN_MINUTES) == "done"
    assert await enter(gate(), now + TEN_MINUTES) == "wait 120"


async def test_with_failures_those_alone_count(database: str, now: datetime) -> None:
    for end in (None, None, None, ValueError(), InvalidInput()):
        await enter(gate(), now, end=end, failures=(WrongCredentials,))
    assert await Attempt.count() == 0
    ends = [await enter(gate(), now, end=WrongCredentials(), failures=(WrongCredentials,)) for _ in range(4)]
    assert ends == ["WrongCredentials"] * 3 + ["wait 600"]


async def test_what_could_not_be_tried_for_its_form_does_not_count(database: str, now: datetime) -> None:
    ends = [await enter(gate(), now, end=InvalidInput()) for _ in range(5)]
    assert ends == ["InvalidInput"] * 5
    assert [await enter(gate(), now, end=ValueError()) for _ in range(4)] == ["ValueError"] * 3 + ["wait 600"]


async def test_many_at_once_do_not_slip_through_together(database: str, now: datetime) -> None:
    ends = await asyncio.gather(
        *(enter(gate(), now, end=WrongCredentials(), failures=(WrongCredentials,)) for _ in range(10))
    )
    assert ends.count("WrongCredentials") == 3


async def test_people_behind_one_address_do_not_wait_for_each_other(database: str, now: datetime) -> None:
    shared = gate((WIDE, "192.0.2.1"))
    ends = await asyncio.gather(*(enter(shared, now, failures=(WrongCredentials,)) for _ in range(9)))
    assert ends == ["done"] * 9
    ends = await asyncio.gather(
        *(enter(shared, now, end=WrongCredentials(), failures=(WrongCredentials,)) for _ in range(20))
    )
    assert 5 <= ends.count("WrongCredentials") <= 9
    assert await enter(shared, now, failures=(WrongCredentials,)) == "wait 600"


async def test_one_that_is_cut_off_counts(database: str, now: datetime) -> None:
    async def endless() -> None:
        async with gate().attempt(now=now, failures=(WrongCredentials,)):
            await asyncio.sleep(60)

    for _ in range(3):
        task = asyncio.create_task(endless())
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await enter(gate(), now, failures=(WrongCredentials,)) == "wait 600"


async def test_accounts_and_doors_count_apart_and_all_limits_hold(database: str, now: datetime) -> None:
    for number in range(5):
        both = gate((STRICT, f"{number}@example.org"), (WIDE, "192.0.2.1"))
        assert await enter(both, now) == "done"
    assert await enter(gate((STRICT, "5@example.org"), (WIDE, "192.0.2.1")), now) == "wait 600"
    assert await enter(gate((STRICT, "5@example.org"), (WIDE, "192.0.2.2")), now) == "done"
    assert await enter(gate((STRICT, " 0@EXAMPLE.org")), now) == "done"
    assert await Attempt.count().where(Attempt.under_way.eq(True)) == 0


async def test_nothing_can_be_read_from_the_count_and_it_is_forgotten(database: str, now: datetime) -> None:
    await enter(gate(), now)
    other_key = Gate(((STRICT, "chloe@example.org"),), "another key")
    await enter(other_key, now)
    keys = await Attempt.select(Attempt.key).output(as_list=True)
    assert len(set(keys)) == 2
    assert {len(key) for key in keys} == {64}
    for number in range(100):
        await enter(gate((STRICT, str(number))), now + timedelta(hours=1))
    assert await Attempt.count() == 100
