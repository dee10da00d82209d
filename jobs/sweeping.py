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


class Alarm:
    """What wakes the sweeps of this process, and what ends them."""

    def __init__(self) -> None:
        self._sleepers: set[asyncio.Event] = set()
        self.rings = 0
        self.stopping = False

    def ring(self) -> None:
        """Wake all that sleep."""
        self.rings += 1
        for sleeper in self._sleepers:
            sleeper.set()

    def stop(self) -> None:
        """End all sweeps after what they have in hand."""
        self.stopping = True
        self.ring()

    async def sleep(self, seconds: float, *, heard: int) -> None:
        """Sleep until the time is over or it rings; not at all if it rang since `heard` rings."""
        if self.stopping or self.rings != heard:
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
        heard = alarm.rings
        if not await handler.sweep():
            await alarm.sleep(poll, heard=heard)
