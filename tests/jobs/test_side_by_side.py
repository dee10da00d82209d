"""Jobs side by side: however one of them ends, it is started again, and all end when they are told to."""

import asyncio
from collections.abc import Callable

import pytest

from jobs import side_by_side
from jobs.side_by_side import end_tasks, run_side_by_side, until_told_to_stop
from jobs.sweeping import Alarm


def _return() -> None:
    pass


def _fail() -> None:
    raise OSError("no room")


def _be_cancelled_by_a_library() -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize("end", [_return, _fail, _be_cancelled_by_a_library])
async def test_job_that_ends_unasked_is_started_again(
    end: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_by_side, "_FIRST_PAUSE", 0.001)
    alarm = Alarm()
    starts: list[str] = []

    async def ill() -> None:
        starts.append("ill")
        if starts.count("ill") < 3:
            await asyncio.sleep(0)
            end()
        else:
            await asyncio.sleep(60)

    async def well() -> None:
        starts.append("well")
        while starts.count("ill") < 3:  # noqa: ASYNC110  # nothing rings
            await asyncio.sleep(0.01)
        alarm.stop()

    monkeypatch.setattr(side_by_side, "GRACE", 0.01)
    await asyncio.wait_for(run_side_by_side({"ill": ill, "well": well}, alarm), timeout=10)
    assert starts == ["ill", "well", "ill", "ill"]


async def test_job_under_way_ends_by_itself_and_nobody_waits_for_what_only_hears() -> None:
    alarm = Alarm()
    ended: list[str] = []

    async def job() -> None:
        while not alarm.stopping:
            await alarm.sleep(60, heard=alarm.rings)
        await asyncio.sleep(0.2)
        ended.append("job")

    async def hearing() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("hearing")

    asyncio.get_running_loop().call_later(0.1, alarm.stop)
    begun = asyncio.get_running_loop().time()
    await run_side_by_side({"job": job}, alarm, hearing=hearing)
    assert ended == ["job", "hearing"]
    assert asyncio.get_running_loop().time() - begun < side_by_side.GRACE


async def test_job_that_does_not_end_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "GRACE", 0.1)
    alarm = Alarm()
    cancelled: list[str] = []

    async def deaf() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append("deaf")
            raise

    asyncio.get_running_loop().call_later(0.1, alarm.stop)
    await asyncio.wait_for(run_side_by_side({"deaf": deaf}, alarm), timeout=10)
    assert cancelled == ["deaf"]


async def test_job_that_loses_nothing_is_cancelled_at_once() -> None:
    alarm = Alarm()
    asyncio.get_running_loop().call_later(0.1, alarm.stop)
    begun = asyncio.get_running_loop().time()
    await run_side_by_side({"long": lambda: until_told_to_stop(lambda: asyncio.sleep(60), alarm)}, alarm)
    assert asyncio.get_running_loop().time() - begun < 1


async def test_failure_of_a_job_that_is_cancelled_at_once_is_known() -> None:
    async def fail() -> None:
        _fail()

    with pytest.raises(OSError, match="no room"):
        await until_told_to_stop(fail, Alarm())


async def test_task_that_swallowed_its_cancellation_is_ended_all_the_same() -> None:
    cancelled = []

    async def deaf_once() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(1)
        await asyncio.sleep(60)

    task = asyncio.create_task(deaf_once())
    await asyncio.sleep(0)
    await asyncio.wait_for(end_tasks({task}), timeout=2)
    assert (cancelled, task.cancelled()) == ([1], True)
