"""No label on another, none on a box, no line through either: on every machine that we have, and on any other."""

from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statemachine import State

from tests.workflow.engine.drawn import problems, read
from tests.workflow.engine.journeys import JOURNEYS, labelled
from workflow.applications.tables import Application
from workflow.engine.drawing.journey import Words
from workflow.engine.drawing.lettering import text_width, wrapped
from workflow.engine.drawing.picture import WIDTH, draw
from workflow.engine.machine import Machine, Rule
from workflow.language import LANGUAGES
from workflow.machines import MACHINES

ANYBODY = Rule(by=frozenset({"anybody"}))


@pytest.mark.parametrize("sideways", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("machine", MACHINES)
def test_our_machines_are_legible(machine: type[Machine], language: str, sideways: bool) -> None:
    drawn = read(draw(machine, labelled(machine, language), title="It", sideways=sideways))
    assert problems(drawn) == []
    assert len(drawn.boxes) == len(machine.state_ids())


@pytest.mark.parametrize("sideways", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", JOURNEYS)
def test_journeys_are_legible(name: str, language: str, sideways: bool) -> None:
    machine, journey = JOURNEYS[name]
    svg = draw(
        machine,
        labelled(machine, language),
        title="It",
        journey=journey,
        sideways=sideways,
        mark=lambda _: "<circle/>",
    )
    assert problems(read(svg)) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", JOURNEYS)
def test_an_upright_drawing_fits_a_phone(name: str, language: str) -> None:
    machine, journey = JOURNEYS[name]
    svg = draw(machine, labelled(machine, language), title="It", journey=journey, mark=lambda _: "<circle/>")
    assert read(svg).frame.right <= WIDTH + 12


@st.composite
def machines(pick: st.DrawFn) -> type[Machine]:
    """Up to ten states, all of which can be reached; any other arrows, backwards, twice, or to where they start."""
    size = pick(st.integers(2, 10))
    arrows = {(pick(st.integers(0, target - 1)), target) for target in range(1, size)}
    anywhere = st.integers(0, size - 1)
    arrows |= pick(st.sets(st.tuples(anywhere, anywhere), max_size=14))
    leaving = {source for source, _ in arrows}
    states = [State(initial=number == 0, final=number not in leaving) for number in range(size)]
    events, numbers = {}, count()
    for source, target in sorted(arrows):
        for _ in range(pick(st.integers(1, 2))):
            events[f"e{next(numbers)}"] = states[source].to(states[target])
    names = {f"s{number}": state for number, state in enumerate(states)}
    facts: dict[str, Any] = {
        "subject": "anything",
        "table": Application,
        "opening": "open",
        "rules": dict.fromkeys(["open", *events], ANYBODY),
        "groups": {"all": frozenset(names)},
        "validate_trap_states": False,
        "validate_final_reachability": False,
    }
    metaclass: Any = type(Machine)
    machine: type[Machine] = metaclass("AnyMachine", (Machine,), {**names, **events, **facts})
    return machine


LABELS = st.lists(st.text("aeimW’é", min_size=1, max_size=11), min_size=1, max_size=4).map(" ".join)


@settings(max_examples=100, deadline=None)
@given(machine=machines(), labels=st.lists(LABELS, min_size=1, max_size=7), sideways=st.booleans())
def test_any_machine_is_legible(machine: type[Machine], labels: list[str], sideways: bool) -> None:
    def label(name: str) -> str:
        return labels[int(name[1:]) % len(labels)] if name != "open" else "Open"

    drawn = read(draw(machine, Words(label, label), title="It", sideways=sideways))
    assert problems(drawn) == []
    assert len(drawn.boxes) == len(machine.state_ids())


def test_problems_are_seen() -> None:
    """The judge itself: a box on a box, a label outside, a line through."""
    svg = (
        '<svg viewBox="0 0 100 100">'
        '<path d="M5 5L90 90"/>'
        '<g><rect x="10" y="10" width="30" height="30"/></g>'
        '<g><rect x="35" y="35" width="30" height="30"/></g>'
        '<text x="98" y="20" font-size="12" text-anchor="middle">out</text>'
        "</svg>"
    )
    assert problems(read(svg)) == [
        "“” is on “”",
        "“out” leaves the drawing",
        "a line runs through “”",
        "a line runs through “”",
    ]


def test_a_text_breaks_where_its_lines_come_out_even() -> None:
    assert wrapped("Take under consideration", 12, 88) == ("Take under", "consideration")
    assert wrapped("a few words of one size", 12, 100) == ("a few words", "of one size")
    assert wrapped("Incompressible", 12, 10) == ("Incompressible",)


def test_bold_and_unknown_letters_get_more_room() -> None:
    assert text_width("il", 10) == 6.0
    assert text_width("il", 10, bold=True) == 6.48
    assert text_width("水", 10) == 10.2
