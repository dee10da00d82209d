"""What a drawing is made of: a machine's arrows, and of one subject the way that it came and may go."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from workflow.engine.description import arrows
from workflow.engine.history import Step
from workflow.engine.machine import Machine

START = ""
"""Where the opening event comes from; a history's first step leaves it too."""


def _plainly(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Words:
    """How a drawing says what it shows: the labels of states and events, instants, and its own sentences.

    `gettext` turns a sentence of the drawing's own, which is English with `{name}` places, into the reader's.
    """

    state: Callable[[str], str]
    event: Callable[[str], str]
    instant: Callable[[datetime], str] = _plainly
    gettext: Callable[[str], str] = str


@dataclass(frozen=True)
class Journey:
    """One subject in its machine: its history from the first step on, and the events that the viewer may fire now."""

    steps: tuple[Step, ...]
    moves: tuple[str, ...]
    now: datetime

    @property
    def standing(self) -> str:
        """The state that it is in."""
        return self.steps[-1].to_state

    @property
    def visited(self) -> frozenset[str]:
        """The states that it came through or is in; what was taken back does not count."""
        return frozenset({self.standing, *(step.to_state for step in self.steps if not self.is_undone(step))})

    def is_undone(self, step: Step) -> bool:
        """Whether the step was taken back, or takes one back: it leads nowhere."""
        return step.undoes is not None or step.version in self._taken_back

    @cached_property
    def _taken_back(self) -> frozenset[int | None]:
        return frozenset(step.undoes for step in self.steps)

    def passages(self, source: str, event: str, target: str) -> tuple[Step, ...]:
        """The steps that went this way, oldest first."""
        way = (source, event, target)
        return tuple(step for step in self.steps if (step.from_state, step.event, step.to_state) == way)

    def may_follow(self, source: str, event: str) -> bool:
        """Whether the viewer may fire this event now."""
        return source == self.standing and event in self.moves


def ways(machine: type[Machine]) -> dict[tuple[str, str], tuple[str, ...]]:
    """From where to where a machine leads, and by which events; the opening comes first, from START."""
    found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for arrow in arrows(machine):
        found[arrow.from_state, arrow.to_state][arrow.event] = None
    return {ends: tuple(events) for ends, events in found.items()}
