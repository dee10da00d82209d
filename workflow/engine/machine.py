"""What a machine declares: its states, its events, who may fire them, what each tells to whom, its timers."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar, cast
from zoneinfo import ZoneInfo

from piccolo.table import Table
from statemachine import StateMachine
from statemachine.exceptions import InvalidDefinition, TransitionNotAllowed
from statemachine.factory import StateMachineMetaclass

from workflow.engine.errors import UnknownState

UNDO = "undo"
"""The event that takes a held step back; a machine has it or not."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who fires an event: an opaque id (no name, no address: it stays in the history) and a role.

    Raises ValueError for an id or a role that is longer than the history's columns (64 and 40 characters).
    """

    id: str
    role: str

    def __post_init__(self) -> None:
        if len(self.id) > 64 or len(self.role) > 40:
            raise ValueError(f"too long for the history: {self!r}")


@dataclass(frozen=True, slots=True)
class Terms:
    """What an installation decides about its machines.

    `history_key`: the key of the chain. `grace`: how long a held step can be undone before it is told.
    `zone`: where days are counted. `patience`: how long something may wait before somebody is reminded.
    """

    history_key: bytes
    grace: timedelta
    zone: ZoneInfo
    patience: timedelta


@dataclass(frozen=True, slots=True)
class Rule:
    """What a machine says about one event.

    `by`: the roles that may fire it. `needs_note`: the reason must be given. `held`: the step is told
    only after the grace period, until when it can be undone. `tells`: audience → kind of outbox row.
    `stamps`: the column of the subject's row that keeps the instant of the move.
    """

    by: frozenset[str]
    needs_note: bool = False
    held: bool = False
    tells: Mapping[str, str] = field(default_factory=dict)
    stamps: str = ""


@dataclass(frozen=True, slots=True)
class Timer:
    """What happens by itself, once, to a subject that stands in `state`.

    `due`: when, from the subject's row (its `reads`), the instant since which it stands there, and the
    terms; None for never. It `fires` an event, or `tells` (audience → kind of outbox row) without a move.
    """

    state: str
    due: Callable[[Mapping[str, Any], datetime, Terms], datetime | None]
    fires: str = ""
    tells: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Holder:
    """The model that python-statemachine reads the stored state from."""

    status: str


class _Complete(StateMachineMetaclass):
    """Refuses a machine at its definition when it leaves something open that a move would stumble over."""

    def __init__(cls, name: str, bases: tuple[type], attrs: dict[str, Any], **kwargs: Any) -> None:  # noqa: N805
        super().__init__(name, bases, attrs, **kwargs)
        if "rules" in attrs:
            events = {str(event.id) for event in cls.events}
            _check(cast("type[Machine]", cls), events)


def _check(machine: "type[Machine]", events: set[str]) -> None:
    for name in ("subject", "table", "opening", "groups"):
        if not getattr(machine, name, None):
            raise TypeError(f"{machine.__name__}: it does not say its {name}")
    states = {str(state.id) for state in machine.states}
    unruled = (events | {machine.opening}) ^ set(machine.rules)
    _refuse(machine, "events without a rule, or rules without an event", unruled)
    grouped = Counter(state for group in machine.groups.values() for state in group)
    misplaced = (states ^ set(grouped)) | {state for state, times in grouped.items() if times > 1}
    _refuse(machine, "states that are not in exactly one group", misplaced)
    wanted = {"id", "status", "version", *machine.reads, *(rule.stamps for rule in machine.rules.values())}
    _refuse(machine, "columns that its table does not have", wanted - _columns(machine.table) - {""})
    one_word = {event for event, rule in machine.rules.items() if isinstance(rule.by, str)}
    _refuse(machine, "rules whose roles are one text, not a set of them", one_word)
    try:
        machine.at(machine.initial_state_id())
    except InvalidDefinition as error:  # a guard that is not there shows only when a machine is built
        raise TypeError(f"{machine.__name__}: {error}") from None
    for name, timer in machine.timers.items():
        is_whole = timer.state in states and (
            timer.fires in machine.events_from(timer.state) if timer.fires else bool(timer.tells)
        )
        _refuse(machine, "timers of no state, or without anything to do there", set() if is_whole else {name})


def _columns(table: type[Table]) -> set[str]:
    return {column._meta.name for column in table._meta.columns}


def _refuse(machine: "type[Machine]", problem: str, names: set[str]) -> None:
    if names:
        raise TypeError(f"{machine.__name__}: {problem}: {', '.join(sorted(names))}")


class Machine(StateMachine, metaclass=_Complete):
    """A state machine whose every event has a rule.

    A subclass names its `subject` (the history's subject type and the prefix of its message ids), the
    `table` whose rows it moves (columns `id`, `status`, `version`), the `opening` event that brings
    a row into being in the initial state, and `rules` for the opening and every other event. An
    event called `undo` takes the last held step back. `groups` puts each state into one group;
    `timers` say what happens by itself; `reads` are further columns of the row that guards and
    timers look at.

    Guards are python-statemachine's: a `cond` that is false is "you may not" (EventForbidden), one of the
    `validators` raises the error that says what is missing. Both take, by name, what they need of
    `actor`, `row` (the locked one), `before` (the last step), `now` and `terms`; they change nothing.

    Texts have ids: `application.state.rejected.candidate`, `application.event.reject`.
    """

    subject: ClassVar[str]
    table: ClassVar[type[Table]]
    opening: ClassVar[str]
    rules: ClassVar[Mapping[str, Rule]]
    groups: ClassVar[Mapping[str, frozenset[str]]]
    timers: ClassVar[Mapping[str, Timer]] = {}
    reads: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def at(cls, status: str) -> "Machine":
        """A machine standing in a stored status. Raises UnknownState for one that it does not have."""
        if status not in cls.state_ids():
            raise UnknownState(f"{cls.subject}: {status!r}")
        return cls(model=_Holder(status), state_field="status")

    @classmethod
    def state_ids(cls) -> tuple[str, ...]:
        """All states, in the order of their declaration."""
        return _state_ids(cls)

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
    def done_message(cls, event: str) -> str:
        """The id of the sentence that tells whoever fired an event what it did."""
        return f"{cls.subject}.done.{event}"

    @classmethod
    def timer_message(cls, timer: str, *, is_refused: bool = False) -> str:
        """The id of the sentence that says what a timer will do, or what it was to do and was refused."""
        return f"{cls.subject}.{'refused' if is_refused else 'planned'}.{timer}"

    @classmethod
    def events_from(cls, status: str) -> tuple[str, ...]:
        """The events that lead on from this status, in the order of their declaration, whoever may fire them.

        Raises UnknownState.
        """
        return _events_from(cls, status)

    @classmethod
    def moves_from(cls, status: str, role: str) -> tuple[str, ...]:
        """The events that this role may fire from this status, in the order of their declaration.

        `undo` is among them wherever the machine allows it; whether there is still time is a
        question of the history.
        """
        return tuple(event for event in cls.events_from(status) if role in cls.rules[event].by)

    @classmethod
    def target(cls, status: str, event: str, **context: Any) -> str | None:
        """The state that an event leads to, as the machine decides with its guards; None where a `cond` says no.

        `context` is what guards may take by name. Raises what a validator raises. The event must lead on
        from the status: see `events_from`.
        """
        settled = _unguarded(cls, status, event)
        return settled if settled is not None else _sent(cls, status, event, context)


@lru_cache(maxsize=64)
def _state_ids(machine: type[Machine]) -> tuple[str, ...]:
    return tuple(str(state.id) for state in machine.states)


@lru_cache(maxsize=1024)
def _events_from(machine: type[Machine], status: str) -> tuple[str, ...]:
    legal = {str(event.id) for event in machine.at(status).allowed_events}
    return tuple(event for event in machine.rules if event in legal)


@lru_cache(maxsize=1024)
def _unguarded(machine: type[Machine], status: str, event: str) -> str | None:
    """Where an event leads that no guard decides on: asked once, for the answer never changes. None where one does."""
    (state,) = (state for state in machine.states if state.id == status)
    ways = [way for way in state.transitions if way.match(event)]
    is_guarded = any([*way.cond, *way.validators] for way in ways)
    return None if is_guarded else _sent(machine, status, event, {})


def _sent(machine: type[Machine], status: str, event: str, context: Mapping[str, Any]) -> str | None:
    standing = machine.at(status)
    try:
        standing.send(event, **context)
    except TransitionNotAllowed:
        return None
    return str(standing.model.status)
