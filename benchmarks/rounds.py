"""Rounds that take turns, so that the noise of a shared machine hits every contender alike."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Round:
    """What one contender did in one round, in seconds: in all, each move by itself, and its process's computing."""

    seconds: float
    latencies: tuple[float, ...]
    computing: float

    @property
    def rate(self) -> float:
        """Moves a second."""
        return len(self.latencies) / self.seconds

    @property
    def median(self) -> float:
        """Half of the moves were quicker; milliseconds."""
        return statistics.median(self.latencies) * 1000

    @property
    def percentile_95(self) -> float:
        """95 of 100 moves were quicker, or as quick; milliseconds."""
        return sorted(self.latencies)[-(-len(self.latencies) * 95 // 100) - 1] * 1000

    @property
    def computing_a_move(self) -> float:
        """What a move cost the Python process, waiting left out, so that others on the machine matter little; ms."""
        return self.computing / len(self.latencies) * 1000


class Contender(Protocol):
    """Somebody who moves applications from submitted to under consideration, each once."""

    @property
    def name(self) -> str:
        """What its rounds are kept under."""

    async def prepare(self, count: int) -> None:
        """Make the applications of the next round; not measured."""

    async def run(self, at_once: int) -> Round:
        """Move all that are prepared, so many at once."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: `moves` in each of so many `rounds`."""

    rounds: int
    moves: int


async def taken_in_turns(
    contenders: Sequence[Contender], effort: Effort, at_once: int = 1
) -> dict[str, list[Round]]:
    """The rounds of each contender, by name. The first round warms up and does not count; the order rotates."""
    rounds: dict[str, list[Round]] = {contender.name: [] for contender in contenders}
    for number in range(effort.rounds + 1):
        first = number % len(contenders)
        for contender in [*contenders[first:], *contenders[:first]]:
            await contender.prepare(effort.moves)
            done = await contender.run(at_once)
            if number:
                rounds[contender.name].append(done)
    return rounds
