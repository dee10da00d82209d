"""Looking again and again whether the outbox holds something due; being woken only makes it sooner."""

import asyncio
from typing import Protocol

POLL = 0.3
"""Seconds between two looks when nobody wakes us."""


class Handler(Protocol):
    """Carries out the outbox rows of some kinds."""

    kinds: frozenset[str]

    async def sweep(self) -> bool:
        """Claim what is due, carry it out, settle it; whether there was anything."""

    async def close(self) -> None:
        """Let go of what is held, after the last sweep."""


class Alarm:
    """What wakes the sweeps of this process, and what ends them."""

    def __init__(self) -> None:
        self._sleepers: set[asyncio.Event] = set()
        self._stopping = False

    @property
    def stopping(self) -> bool:
        """Whether the process is on its way out; claim nothing more then."""
        return self._stopping

    def ring(self) -> None:
        """Wake all that sleep."""
        for sleeper in self._sleepers:
            sleeper.set()

    def stop(self) -> None:
        """End all sweeps after what they have in hand."""
        self._stopping = True
        self.ring()

    async def sleep(self, seconds: float) -> None:
        """Sleep until the time is over, or somebody rings."""
        if self._stopping:
            return
        woken = asyncio.Event()
        self._sleepers.add(woken)
        try:
            async with asyncio.timeout(seconds):
                await woken.wait()
        except TimeoutError:
            pass
        finally:
            self._sleepers.discard(woken)


async def keep_sweeping(handler: Handler, alarm: Alarm, *, poll: float = POLL) -> None:
    """Sweep until the alarm says stop."""
    while not alarm.stopping:
        if not await handler.sweep():
            await alarm.sleep(poll)
