"""What is written in boxes and on arrows, and how each looks: by what it means to the subject and its viewer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from workflow.engine.drawing.journey import Journey, Words
from workflow.engine.drawing.lettering import Line, wrapped
from workflow.engine.history import Step

_STATE, _EVENT, _DATE = 13.0, 12.0, 11.0
_DATES = 3
_BETWEEN_EVENTS = 8.0

Ends = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Captions:
    """The texts and looks of a drawing; the labels of states and events break into lines at their widths."""

    words: Words
    journey: Journey | None
    ways: Mapping[Ends, tuple[str, ...]]
    state_width: float
    event_width: float

    def state_look(self, state: str) -> str:
        """The look of a state's box."""
        if self.journey is None:
            return "state"
        if state == self.journey.standing:
            return "here"
        if "move" in self.link_looks((self.journey.standing, state)):
            return "move"
        return "visited" if state in self.journey.visited else "possible"

    def state_lines(self, state: str) -> tuple[Line, ...]:
        """The label of a state."""
        look = self.state_look(state)
        label = wrapped(self.words.state(state), _STATE, self.state_width, bold=True)
        return tuple(Line(text, _STATE, "state" if look == "move" else look, bold=True) for text in label)

    def link_looks(self, ends: Ends) -> tuple[str, ...]:
        """The looks of an arrow's line, to be drawn one over the other."""
        looks = {look for event in self.ways.get(ends, ()) for look in self._event_looks(ends, event)}
        return tuple(look for look in ("undone", "way", "move") if look in looks) or ("possible",)

    def link_lines(self, ends: Ends) -> tuple[Line, ...]:
        """The events of an arrow, each with the instants at which it came about."""
        lines: list[Line] = []
        for event in self.ways[ends]:
            first, *more = self._event_lines(ends, event)
            lines += [replace(first, gap=_BETWEEN_EVENTS) if lines else first, *more]
        return tuple(lines)

    def _event_looks(self, ends: Ends, event: str) -> set[str]:
        if self.journey is None:
            return set()
        steps = self.journey.passages(ends[0], event, ends[1])
        looks = {"undone" if self.journey.is_undone(step) else "way" for step in steps}
        return looks | {"move"} if self.journey.may_follow(ends[0], event) else looks

    def _event_lines(self, ends: Ends, event: str) -> Iterator[Line]:
        looks = self._event_looks(ends, event)
        otherwise = "event" if looks or self.journey is None else "possible"
        look = next((look for look in ("move", "way") if look in looks), otherwise)
        bold = look in ("move", "way")
        label = wrapped(self.words.event(event), _EVENT, self.event_width, bold=bold)
        yield from (Line(text, _EVENT, look, bold=bold) for text in label)
        if self.journey:
            yield from self._instants(self.journey.passages(ends[0], event, ends[1]), self.journey)

    def _instants(self, steps: Sequence[Step], journey: Journey) -> Iterator[Line]:
        if len(steps) > _DATES:
            yield Line("…", _DATE, "date")
        for step in steps[-_DATES:]:
            taken_back = step.undoes is None and journey.is_undone(step)
            yield Line(self.words.instant(step.at), _DATE, "undone" if taken_back else "date")
            if not taken_back and step.announce_at and step.is_held(journey.now):
                told = self.words.gettext("told at {at}").format(at=self.words.instant(step.announce_at))
                yield from (Line(text, _DATE, "held") for text in wrapped(told, _DATE, self.event_width))
