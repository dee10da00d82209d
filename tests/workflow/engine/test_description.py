"""What the engine says of a machine, held against a small one that has a bit of everything."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from statemachine import State

from workflow.applications.tables import Application
from workflow.engine.description import Arrow, Row, Vocabulary, arrows, guard_meanings, mermaid, table
from workflow.engine.documentation import page
from workflow.engine.machine import Actor, Machine, Rule, Terms, Timer

LABELS = {
    "claim.state.begun.owner": "Begun",
    "claim.state.decided.owner": 'Decided: "yes"; #1',
    "claim.state.over.owner": "Over",
    "claim.event.begin": "Begin",
    "claim.event.decide": "Decide",
    "claim.event.undo": "Undo",
    "claim.event.drop": "Drop | forget",
    "claim.event.lapse": "Lapse",
}
VOCABULARY = Vocabulary(
    say=lambda language, text: f"{LABELS[text]}{' (fr)' * (language == 'fr')}",
    languages={"en": "English", "fr": "Français"},
    audiences=("owner",),
    roles=("owner", "clerk", "clock"),
)
OWNER, CLERK, CLOCK = (frozenset({role}) for role in VOCABULARY.roles)


def _a_week_later(_row: Mapping[str, Any], since: datetime, _terms: Terms) -> datetime:
    """A week after it began. Holidays count."""
    return since + timedelta(days=7)


def _end_of_year(_row: Mapping[str, Any], since: datetime, _terms: Terms) -> datetime:
    return since + timedelta(days=365)


class ClaimMachine(Machine):
    """A claim is decided,
    or dropped."""

    subject = "claim"
    table = Application
    opening = "begin"

    begun = State(initial=True)
    decided = State()
    over = State(final=True)

    decide = begun.to(decided, cond="is_other", validators="require_papers") | begun.to(
        over, unless="is_other"
    )
    undo = decided.to(begun)
    drop = begun.to(over)
    lapse = begun.to(over)

    groups = {"live": frozenset({"begun"}), "past": frozenset({"decided", "over"})}
    rules = {
        "begin": Rule(by=OWNER),
        "decide": Rule(
            by=CLERK,
            needs_note=True,
            held=True,
            tells={"owner": "claim_decided", "till": "pay"},
            stamps="submitted_at",
        ),
        "undo": Rule(by=CLERK),
        "drop": Rule(by=OWNER | CLERK),
        "lapse": Rule(by=CLOCK),
    }
    timers = {
        "lapse": Timer("begun", due=_a_week_later, fires="lapse"),
        "nag": Timer("decided", due=_end_of_year, tells={"clerk": "claim_waits"}),
    }

    def is_other(self, actor: Actor) -> bool:
        """The clerk is not the owner. Whoever that is."""
        return actor.role == "clerk"

    def require_papers(self) -> None: ...


NOBODY = ("illegal", "illegal", "illegal")
DECIDED = "decided, with a note, if is_other, if require_papers or over, with a note, if not is_other"


def test_arrows_are_the_opening_and_all_transitions() -> None:
    assert arrows(ClaimMachine) == (
        Arrow("begin", "", "begun"),
        Arrow("decide", "begun", "decided", ("is_other", "require_papers")),
        Arrow("decide", "begun", "over", ("not is_other",)),
        Arrow("drop", "begun", "over"),
        Arrow("lapse", "begun", "over"),
        Arrow("undo", "decided", "begun"),
    )


def test_table_has_every_event_in_every_state_for_every_role() -> None:
    assert table(ClaimMachine, VOCABULARY.roles) == (
        Row("", "begin", ("begun", "not allowed", "not allowed")),
        Row("begun", "decide", ("not allowed", DECIDED, "not allowed")),
        Row("begun", "undo", NOBODY),
        Row("begun", "drop", ("over", "over", "not allowed")),
        Row("begun", "lapse", ("not allowed", "not allowed", "over")),
        Row("decided", "decide", NOBODY),
        Row("decided", "undo", ("not allowed", "begun, before it is told", "not allowed")),
        Row("decided", "drop", NOBODY),
        Row("decided", "lapse", NOBODY),
        Row("over", "decide", NOBODY),
        Row("over", "undo", NOBODY),
        Row("over", "drop", NOBODY),
        Row("over", "lapse", NOBODY),
    )


def test_guards_mean_what_their_docstrings_or_else_their_names_say() -> None:
    assert guard_meanings(ClaimMachine) == {
        "is_other": "The clerk is not the owner",
        "require_papers": "require papers",
    }


def test_diagram_shares_arrows_and_writes_no_sign_that_would_end_a_label() -> None:
    assert mermaid(ClaimMachine, VOCABULARY, "fr", "owner") == (
        "stateDiagram-v2\n"
        '    state "Begun (fr)" as begun\n'
        '    state "Decided#58; #34;yes#34;#59; #35;1 (fr)" as decided\n'
        '    state "Over (fr)" as over\n'
        "    [*] --> begun : Begin (fr)\n"
        "    begun --> decided : Decide (fr)\n"
        "    begun --> over : Decide (fr) / Drop | forget (fr) / Lapse (fr)\n"
        "    decided --> begun : Undo (fr)\n"
        "    over --> [*]\n"
    )


def test_page_tells_everything_that_the_machine_declares() -> None:
    text = page(ClaimMachine, VOCABULARY, generated_by="make docs", drawing="claim.svg")
    assert text.splitlines() == Path(__file__).with_name("claim.md").read_text().splitlines()


class SwitchMachine(Machine):
    """On, and off for good."""

    subject = "switch"
    table = Application
    opening = "begin"

    on = State(initial=True)
    off = State(final=True)

    turn = on.to(off)

    groups = {"all": frozenset({"on", "off"})}
    rules = {"begin": Rule(by=OWNER), "turn": Rule(by=OWNER)}


def test_page_leaves_out_what_a_machine_has_not() -> None:
    vocabulary = replace(VOCABULARY, say=lambda _language, text: text)
    text = page(SwitchMachine, vocabulary, generated_by="make docs")
    headings = [line for line in text.splitlines() if line.startswith(("#", "!"))]
    assert headings == ["# The machine `switch`", "## States", "## Events", "## Every state, event and role"]
