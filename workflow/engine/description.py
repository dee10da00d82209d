"""What a machine says of itself: its arrows, the table of every move, a diagram."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.engine.machine import UNDO, Machine

ILLEGAL = "illegal"
"""The event does not exist in this state: IllegalEvent."""

FORBIDDEN = "not allowed"
"""The event exists in this state, but not for this role: EventForbidden."""

NOTE = "with a note"
UNTOLD = "before it is told"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a machine leaves to its house: how its texts read, in which languages, for whom, and which roles there are.

    `say` takes a language's code and the id of a text.
    """

    say: Callable[[str, str], str]
    languages: Mapping[str, str]
    audiences: Sequence[str]
    roles: Sequence[str]


@dataclass(frozen=True, slots=True)
class Arrow:
    """One way from a state to another. `guards`: the names of what must hold; `from_state` is empty for the opening."""

    event: str
    from_state: str
    to_state: str
    guards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What one event does in one state, for each role in turn: the state it leads to, or why it leads nowhere."""

    state: str
    event: str
    cells: tuple[str, ...]


def arrows(machine: type[Machine]) -> tuple[Arrow, ...]:
    """The opening, and every transition in the order of the states."""
    opening = Arrow(machine.opening, "", machine.initial_state_id())
    return opening, *(
        Arrow(str(event), str(state.id), str(transition.target.id), _guards(transition))
        for state in machine.states
        for transition in state.transitions
        for event in transition.events
    )


def table(machine: type[Machine], roles: Sequence[str]) -> tuple[Row, ...]:
    """State × event × role, whole: first the opening, where there is no state yet, then every event in every state."""
    ways: dict[tuple[str, str], list[Arrow]] = {}
    for arrow in arrows(machine):
        ways.setdefault((arrow.from_state, arrow.event), []).append(arrow)
    moves = [(state, event) for state in machine.state_ids() for event in _later_events(machine)]
    return tuple(
        Row(state, event, tuple(_cell(machine, event, role, ways.get((state, event), ())) for role in roles))
        for state, event in [("", machine.opening), *moves]
    )


def reached(machine: type[Machine], arrow: Arrow) -> str:
    """Where an arrow leads, and on what conditions: “rejected, with a note”."""
    always = [NOTE] * machine.rules[arrow.event].needs_note + [UNTOLD] * (arrow.event == UNDO)
    return ", ".join([arrow.to_state, *always, *(f"if {guard}" for guard in arrow.guards)])


def guard_meanings(machine: type[Machine]) -> dict[str, str]:
    """Each guard of the machine, by the first sentence of its docstring."""
    names = dict.fromkeys(name.removeprefix("not ") for arrow in arrows(machine) for name in arrow.guards)
    return {name: meaning(getattr(machine, name, name)) for name in names}


def meaning(function: Any) -> str:
    """What a guard or a timer's hour is: the first sentence of its docstring, or else its name in words."""
    text = " ".join((inspect.getdoc(function) or "").split()) or _name(function).replace("_", " ").strip()
    return text.split(". ")[0].rstrip(".")


def mermaid(machine: type[Machine], words: Vocabulary, language: str, audience: str) -> str:
    """A `stateDiagram-v2`, which GitHub draws. Events that lead the same way share an arrow."""
    lines = ["stateDiagram-v2"]
    for state in machine.state_ids():
        label = words.say(language, machine.state_message(state, audience))
        lines.append(f'    state "{_plain(label)}" as {state}')
    labels: dict[tuple[str, str], list[str]] = {}
    for arrow in arrows(machine):
        text = _plain(words.say(language, machine.event_message(arrow.event)))
        labels.setdefault((arrow.from_state or "[*]", arrow.to_state), []).append(text)
    lines += [f"    {source} --> {target} : {' / '.join(own)}" for (source, target), own in labels.items()]
    lines += [f"    {state.id} --> [*]" for state in machine.states if state.final]
    return "\n".join(lines) + "\n"


def _cell(machine: type[Machine], event: str, role: str, ways: Sequence[Arrow]) -> str:
    if not ways:
        return ILLEGAL
    if role not in machine.rules[event].by:
        return FORBIDDEN
    return " or ".join(reached(machine, way) for way in ways)


def _guards(transition: Any) -> tuple[str, ...]:
    """Conditions and validators alike; `unless=` reads as “not …”."""
    conditions = [("" if spec.expected_value else "not ") + _name(spec.func) for spec in transition.cond]
    return (*conditions, *(_name(spec.func) for spec in transition.validators))


def _name(function: Any) -> str:
    return function if isinstance(function, str) else str(function.__name__)


def _later_events(machine: type[Machine]) -> Iterator[str]:
    return (event for event in machine.rules if event != machine.opening)


def _plain(label: str) -> str:
    """Without the signs that end a label in Mermaid."""
    return "".join(f"#{ord(sign)};" if sign in '"#;:' else sign for sign in label)
