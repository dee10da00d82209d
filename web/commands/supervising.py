"""Keeps processes running side by side until it is told to stop, and leaves none behind."""

import asyncio
import ctypes
import os
import re
import signal
import sys
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_DEATHS, WITHIN = 5, 60.0
"""So many unexpected deaths within so many seconds are too many."""

_SECONDS_TO_END = 8.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
_LONGEST_LOG = 10_000_000
_LONGEST_LINE = 2**20
_WRONG_SETTINGS = 2
_PR_SET_PDEATHSIG = 1

# How structlog's console and JSON, uvicorn and Python itself begin what an operator should see.
_ALARMING = re.compile(
    r"\[(warning|error|critical)\s*\]|\"level\": ?\"(warning|error|critical)\"|^(WARNING|ERROR|CRITICAL):|^vivier: "
)


class GaveUp(RuntimeError):
    """A process dies again and again; the message names its log."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running; all that it prints goes to `log`."""

    name: str
    command: Sequence[str]
    log: Path


class Supervisor:
    """Runs children, each in a process group of its own, so that Ctrl-C reaches nobody but us.

    One that ends unasked is started again, after a pause that grows. Where the kernel can (Linux), it
    ends the children when we are killed.
    """

    def __init__(
        self, children: Sequence[Child], environment: Mapping[str, str], say: Callable[[str], None]
    ) -> None:
        self._children = children
        self._environment = dict(environment)
        self._say = say
        self._stopping = asyncio.Event()
        self._running: dict[str, asyncio.subprocess.Process] = {}

    async def run(self, when_started: Coroutine[Any, Any, None]) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP; a second signal ends everything at once. Raises GaveUp."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._stop)
        kept = [asyncio.create_task(self._keep(child)) for child in self._children]
        started = asyncio.create_task(self._until_stopped(when_started))
        try:
            await asyncio.wait([*kept, started], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stopping.set()
            started.cancel()
            self._signal_all(signal.SIGTERM)
            await asyncio.wait(kept, timeout=_SECONDS_TO_END)
            self._signal_all(signal.SIGKILL)
            results = await asyncio.gather(*kept, started, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _until_stopped(self, when_started: Coroutine[Any, Any, None]) -> None:
        await when_started
        await self._stopping.wait()

    def _stop(self) -> None:
        if self._stopping.is_set():
            self._signal_all(signal.SIGKILL)
        self._stopping.set()
        self._signal_all(signal.SIGTERM)

    async def _keep(self, child: Child) -> None:
        deaths: deque[float] = deque()
        pause = _FIRST_PAUSE
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            code = await self._run_once(child)
            if self._stopping.is_set():
                return
            deaths.append(loop.time())
            while loop.time() - deaths[0] > WITHIN:
                deaths.popleft()
            if code == _WRONG_SETTINGS or len(deaths) >= MOST_DEATHS:
                raise GaveUp(f"{child.name} cannot go on ({_ending(code)}). See {child.log}")
            pause = _FIRST_PAUSE if len(deaths) == 1 else min(2 * pause, _LONGEST_PAUSE)
            self._say(
                f"{child.name} ended unexpectedly ({_ending(code)}); starting it again. See {child.log}"
            )
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _run_once(self, child: Child) -> int:
        process = await asyncio.create_subprocess_exec(
            *child.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment,
            limit=_LONGEST_LINE,
            start_new_session=True,
            preexec_fn=_end_with_parent(os.getpid()),
        )
        self._running[child.name] = process
        reading = asyncio.create_task(self._forward(process, child))
        if self._stopping.is_set():
            _signal_group(process, signal.SIGTERM)
        try:
            code = await process.wait()
        finally:
            _signal_group(process, signal.SIGKILL)  # what it may have started and not ended
            del self._running[child.name]
            with suppress(TimeoutError):
                await asyncio.wait_for(reading, 1)
        return code

    async def _forward(self, process: asyncio.subprocess.Process, child: Child) -> None:
        """Every line into the log; to the terminal only what is alarming."""
        if process.stdout is None:
            return
        with child.log.open("ab", buffering=0) as log:
            while True:
                try:
                    line = await process.stdout.readline()
                except ValueError:  # longer than a line can be; the reader has dropped it
                    continue
                if not line:
                    return
                log.write(line)
                text = line.decode(errors="replace").rstrip()
                if _ALARMING.search(text):
                    self._say(f"{child.name}: {text}")

    def _signal_all(self, number: signal.Signals) -> None:
        for process in self._running.values():
            _signal_group(process, number)


def begin_log(path: Path) -> None:
    """Put a log that has grown large aside, as `….log.1`, keeping one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _LONGEST_LOG:
        path.replace(path.with_name(f"{path.name}.1"))


def _signal_group(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _end_with_parent(parent: int) -> Callable[[], None] | None:
    """What a child does first, on Linux: have the kernel tell it to end when its parent has died."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


def _ending(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
