"""A machine that leaves something open is refused when it is defined, with the names of what is missing."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from statemachine import State

from workflow.applications.tables import Application
from workflow.engine.machine import Machine, Rule, Terms, Timer

ANYBODY = frozenset({"anybody"})


def _next_day(_row: Mapping[str, Any], since: datetime, _terms: Terms) -> datetime:
    return since + timedelta(days=1)


def define(guard: str = "", **declared: Any) -> type[Machine]:
    """A machine that is whole but for what is declared otherwise."""
    waiting, done = State(initial=True), State(final=True)
    whole = {
        "subject": "errand",
        "table": Application,
        "opening": "begin",
        "waiting": waiting,
        "done": done,
        "finish": waiting.to(done, cond=guard or None),
        "groups": {"open": frozenset({"waiting"}), "over": frozenset({"done"})},
        "rules": {"begin": Rule(by=ANYBODY), "finish": Rule(by=ANYBODY)},
    }
    metaclass: Any = type(Machine)
    return metaclass("Errand", (Machine,), whole | declared)  # type: ignore[no-any-return]


RULES = {"begin": Rule(by=ANYBODY), "finish": Rule(by=ANYBODY)}
OPEN = frozenset({"waiting"})
OVER = frozenset({"done"})

REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"rules": {"begin": RULES["begin"]}}, "events without a rule, or rules without an event: finish"),
    ({"rules": {**RULES, "fly": RULES["begin"]}}, "events without a rule, or rules without an event: fly"),
    ({"opening": "open"}, "events without a rule, or rules without an event: begin, open"),
    ({"groups": {"open": OPEN}}, "states that are not in exactly one group: done"),
    ({"groups": {"all": OPEN | OVER, "over": OVER}}, "states that are not in exactly one group: done"),
    ({"groups": {"all": OPEN | OVER | {"lost"}}}, "states that are not in exactly one group: lost"),
    ({"reads": ("colour", "offer")}, "columns that its table does not have: colour"),
    (
        {"rules": {**RULES, "finish": Rule(by=ANYBODY, stamps="done_at")}},
        "columns that its table does not have: done_at",
    ),
    (
        {"timers": {"nag": Timer("waiting", _next_day)}},
        "timers of no state, or without anything to do there: nag",
    ),
    (
        {"timers": {"end": Timer("waiting", _next_day, fires="fly")}},
        "timers of no state, or without anything to do there: end",
    ),
    (
        {"timers": {"end": Timer("asleep", _next_day, fires="finish")}},
        "timers of no state, or without anything to do there: end",
    ),
]


def test_machine_that_is_whole_is_defined() -> None:
    machine = define(timers={"end": Timer("waiting", _next_day, fires="finish")}, reads=("offer",))
    assert (machine.state_ids(), machine.initial_state_id()) == (("waiting", "done"), "waiting")


@pytest.mark.parametrize(("declared", "problem"), REFUSALS)
def test_machine_that_leaves_something_open_is_refused(declared: dict[str, Any], problem: str) -> None:
    with pytest.raises(TypeError) as caught:
        define(**declared)
    assert str(caught.value) == f"Errand: {problem}"


def test_guard_that_is_not_there_is_named() -> None:
    with pytest.raises(TypeError, match=r"^Errand: .*may_finish"):
        define(guard="may_finish")
