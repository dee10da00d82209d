"""Attempts are limited, by a count in the database that every process shares."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from workflow.database.connection import dialect, write_transaction
from workflow.errors import InvalidInput, TooManyAttempts, WrongCredentials
from workflow.limits import LOGIN_OF_ACCOUNT, Attempt, Gate, Limit, forget_attempts, take_room

TEN_MINUTES = timedelta(minutes=10)
STRICT = Limit("of account", 3, TEN_MINUTES)
WIDE = Limit("from origin", 5, TEN_MINUTES, at_once=4)
COSTLY = Limit("costly from origin", 4, TEN_MINUTES, counts_mistakes=True)
KEY = "a secret key for the tests"


def gate(*limits: tuple[Limit, str]) -> Gate:
    return Gate(limits or ((STRICT, "chloe@example.org"),), KEY)


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


async def test_where_mistakes_cost_they_count_and_only_there(database: str, now: datetime) -> None:
    both = gate((STRICT, "chloe@example.org"), (COSTLY, "192.0.2.1"))
    ends = [await enter(both, now, end=InvalidInput()) for _ in range(5)]
    assert ends == ["InvalidInput"] * 4 + ["wait 600"]
    assert [await enter(gate(), now) for _ in range(4)] == ["done"] * 3 + ["wait 600"]
    assert await Attempt.count().where(Attempt.under_way.eq(True)) == 0


async def room(now: datetime, *, end: Exception | None = None) -> bool:
    async with write_transaction():
        is_free = await take_room(STRICT, "chloe@example.org", secret_key=KEY, now=now)
        await _try(end)
        return is_free


async def test_room_is_taken_while_there_is_some_however_many_ask_at_once(
    database: str, now: datetime
) -> None:
    assert sorted(await asyncio.gather(*(room(now) for _ in range(8)))) == [False] * 5 + [True] * 3
    assert await Attempt.count() == 3
    assert await enter(gate(), now) == "wait 600"
    assert [await room(now + TEN_MINUTES) for _ in range(4)] == [True] * 3 + [False]


async def test_room_that_an_undone_transaction_took_is_free(database: str, now: datetime) -> None:
    for _ in range(4):
        with pytest.raises(WrongCredentials):
            await room(now, end=WrongCredentials())
    assert await Attempt.count() == 0


async def test_no_attempt_waits_for_a_long_sweep(database: str, now: datetime) -> None:
    old = Attempt.at < now
    async with write_transaction():
        await Attempt.insert(*(Attempt(key="old", at=now - timedelta(hours=2)) for _ in range(2500)))
    for number in range(100):
        await enter(gate((STRICT, str(number))), now)
    assert await Attempt.count().where(old) == 1500
    await forget_attempts(now=now)
    assert [await Attempt.count().where(old), await Attempt.count()] == [0, 100]


async def test_attempts_of_others_are_not_read(database: str, now: datetime) -> None:
    """Ten thousand rows make no login slow: one reads those of its own keys, by an index."""
    rows = [Attempt(key=uuid4().hex * 2, at=now) for _ in range(10_000)]
    async with write_transaction():
        for start in range(0, len(rows), 1000):
            await Attempt.insert(*rows[start : start + 1000])
    await Attempt.raw("ANALYZE")
    explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgres": "EXPLAIN (FORMAT JSON)"}[dialect()]
    own = f"FROM attempt WHERE key = '{rows[0].key}' AND at > '{now - LOGIN_OF_ACCOUNT.window:%Y-%m-%d %H:%M:%S}+00'"
    old = f"FROM attempt WHERE at <= '{now - timedelta(hours=1):%Y-%m-%d %H:%M:%S}+00'"
    plans = [
        str(await Attempt.raw(f"{explain} SELECT at, under_way {own} ORDER BY at")),
        str(await Attempt.raw(f"{explain} DELETE {old}")),
    ]
    assert ["attempt_key" in plans[0], "attempt_at" in plans[1]] == [True, True], plans


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
