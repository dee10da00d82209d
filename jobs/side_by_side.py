"""Jobs of a process side by side: each started again whenever it ends unasked, and all ended within seconds."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import structlog

from jobs.sweeping import Alarm

GRACE = 3.0
"""Seconds that what is under way has to end by itself when the process is told to stop."""

_SECONDS_TO_CANCEL = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE, _LONGEST_DEAFNESS = 0.5, 15.0, 2.0
_LONG = 15.0
"""A job that went on for so many seconds had begun well: its next pause is a short one again."""

_log = structlog.get_logger(__name__)

Job = Callable[[], Coroutine[Any, Any, None]]


async def run_side_by_side(jobs: Mapping[str, Job], alarm: Alarm, *, hearing: Job | None = None) -> None:
    """Run all jobs until the alarm says stop; those that do not end by themselves then are cancelled.

    `hearing` is what only wakes the others: nobody waits for its end.
    """
    tasks = [asyncio.create_task(_supervised(name, job, alarm, _LONGEST_PAUSE)) for name, job in jobs.items()]
    others = (
        [asyncio.create_task(_supervised("nudges", hearing, alarm, _LONGEST_DEAFNESS))] if hearing else []
    )
    try:
        await _stop_of(alarm)
        await asyncio.wait(tasks, timeout=GRACE)
    finally:
        await end_tasks({*tasks, *others})


async def until_told_to_stop(job: Job, alarm: Alarm) -> None:
    """Run a job that loses nothing when it is cancelled: that happens at once, without the grace of the others."""
    working = asyncio.create_task(job())
    ending = asyncio.create_task(_stop_of(alarm))
    try:
        await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end_tasks({working, ending})
    if not working.cancelled():
        working.result()


async def _stop_of(alarm: Alarm) -> None:
    while not alarm.stopping:
        await alarm.sleep(3600, heard=alarm.rings)


async def end_tasks(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel tasks until all have ended; again every second, for a library can swallow a cancellation."""
    pending = tasks
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_SECONDS_TO_CANCEL)
    await asyncio.gather(*tasks, return_exceptions=True)


async def rest(seconds: float, alarm: Alarm) -> None:
    """Wait; rings do not shorten it, the end does."""
    end = asyncio.get_running_loop().time() + seconds
    while not alarm.stopping and (left := end - asyncio.get_running_loop().time()) > 0:
        await alarm.sleep(left, heard=alarm.rings)


async def _supervised(name: str, job: Job, alarm: Alarm, longest_pause: float) -> None:
    """Start a job again whenever it ends unasked, after a pause that grows while it ends soon.

    The log is told of it once, not every few seconds for as long as a server is down.
    """
    pause, told = _FIRST_PAUSE, ""
    loop = asyncio.get_running_loop()
    while not alarm.stopping:
        begun = loop.time()
        reason = await _outcome(job)
        if alarm.stopping:
            return
        is_new_trouble = loop.time() - begun > _LONG
        pause = _FIRST_PAUSE if is_new_trouble else min(pause * 2, longest_pause)
        if is_new_trouble or reason != told:
            _log.warning("job ended unasked and is started again and again", job=name, reason=reason)
        told = reason
        await rest(pause, alarm)


async def _outcome(job: Job) -> str:
    """Run a job to its end, however it ends; raises CancelledError when it is we who are cancelled.

    It runs in a task of its own, so that what a library leaves behind in its context ends with it.
    """
    task = asyncio.create_task(job())
    try:
        await task
    except asyncio.CancelledError as error:
        if _is_cancelled_itself():
            raise
        return repr(error)  # a library's own, which has escaped from it
    except Exception as error:  # noqa: BLE001  # one job's failure must not end the others
        return repr(error)
    return "it had nothing more to do"


def _is_cancelled_itself() -> bool:
    current = asyncio.current_task()
    return current is not None and current.cancelling() > 0
