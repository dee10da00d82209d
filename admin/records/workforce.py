"""Whether somebody is there to carry out what the console records."""

from dataclasses import dataclass
from datetime import datetime

from workflow.vital_signs import waiting
from workflow.workers import workers_alive


@dataclass(frozen=True, slots=True)
class Workforce:
    """How many workers are alive, and how much should be done by now."""

    alive: int
    due: int


async def workforce(now: datetime) -> Workforce:
    """What waits is only counted where nobody is there to do it."""
    alive = await workers_alive(now)
    return Workforce(alive, 0 if alive else sum(each.due for each in await waiting(now)))
