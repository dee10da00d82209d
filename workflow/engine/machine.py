"""What a machine declares: its states, its events, who may fire them, and what each tells to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar

from piccolo.table import Table
from statemachine import StateMachine
from statemachine.factory import StateMachineMetaclass

from workflow.engine.errors import UnknownState


@dataclass(frozen=True, slots=True)
class Actor:
    """Who fires an event: an opaque id (no name, no address: it stays in the history) and a role."""

    id: str
    role: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What a machine says about one event.

    `by`: the roles that may fire it. `needs_note`: the reason must be given. `held`: the step is told
    only after the grace period, until when it can be undone. `tells`: audience → kind of outbox row.
    """

    by: frozenset[str]
    needs_note: bool = False
    held: bool = False
    tells: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Holder:
    """The model that python-statemachine reads the stored state from."""

    status: str


UNDO = "undo"


class _RulesForAll(StateMachineMetaclass):
    """Refuses a machine at its definition when an event has no rule, or a rule no event."""

    def __init__(cls, name: str, bases: tuple[type], attrs: dict[str, Any], **kwargs: Any) -> None:  # noqa: N805
        super().__init__(name, bases, attrs, **kwargs)
        if "rules" not in attrs:
            return
        events = {str(event.id) for event in cls.events} | {attrs["opening"]}
        unmatched = sorted(events ^ set(attrs["rules"]))
        if unmatched:
            raise TypeError(f"{name}: events without a rule, or rules without an event: {unmatched}")


class Machine(StateMachine, metaclass=_RulesForAll):
    """A state machine whose every event has a rule.

    A subclass names its `subject` (the history's subject type and the prefix of its message ids), the
    `table` whose rows it moves (columns `id`, `status`, `version`), the `opening` event that brings
    a row into being in the initial state, and `rules` for the opening and every other event. An
    event called `undo` takes the last held step back.

    Texts have ids: `application.state.rejected.candidate`, `application.event.reject`.
    """

    subject: ClassVar[str]
    table: ClassVar[type[Table]]
    opening: ClassVar[str]
    rules: ClassVar[Mapping[str, Rule]]

    @classmethod
    def at(cls, status: str) -> "Machine":
        """A machine standing in a stored status. Raises UnknownState for one that it does not have."""
        if status not in cls.state_ids():
            raise UnknownState(f"{cls.subject}: {status!r}")
        return cls(model=_Holder(status), state_field="status")

    @classmethod
    def state_ids(cls) -> tuple[str, ...]:
        """All states, in the order of their declaration."""
        return tuple(str(state.id) for state in cls.states)

    @classmethod
    def initial_state_id(cls) -> str:
        """The state that every subject begins in."""
        return next(str(state.id) for state in cls.states if state.initial)

    @classmethod
    def state_message(cls, state: str, audience: str) -> str:
        """The id of the text that names a state to an audience."""
        return f"{cls.subject}.state.{state}.{audience}"

    @classmethod
    def event_message(cls, event: str) -> str:
        """The id of the text on the button of an event."""
        return f"{cls.subject}.event.{event}"

    @classmethod
    def moves_from(cls, status: str, role: str) -> tuple[str, ...]:
        """The events that this role may fire from this status, in the order of their declaration.

        `undo` is among them wherever the machine allows it; whether there is still time is a
        question of the history.
        """
        return _moves_from(cls, status, role)


@lru_cache(maxsize=1024)
def _moves_from(machine: type[Machine], status: str, role: str) -> tuple[str, ...]:
    legal = {str(event.id) for event in machine.at(status).allowed_events}
    return tuple(event for event, rule in machine.rules.items() if event in legal and role in rule.by)
