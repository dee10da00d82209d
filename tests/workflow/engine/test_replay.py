"""What a machine would never have done is a fault, also where every digest fits: each sentence, once."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from workflow.applications.machine import ApplicationMachine
from workflow.engine.history import Step, chain_digest
from workflow.engine.machine import Actor
from workflow.engine.records import Fault, Note, Record
from workflow.engine.replay import Law, Standing, first_fault

Facts = dict[str, Any]
AHEAD = "the row says “under_consideration” at version 4"

KEY = b"a key for the tests"
SUBJECT = UUID(int=7)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GRACE = timedelta(minutes=15)
LAW = Law.of(ApplicationMachine)
DIGEST = hashlib.sha256(b"saltNot this time").hexdigest()

SUBMIT: Facts = {"event": "submit", "to_state": "submitted", "role": "candidate"}
CONSIDER: Facts = {"event": "consider", "to_state": "under_consideration"}
REJECT: Facts = {
    "event": "reject",
    "to_state": "rejected",
    "note_digest": DIGEST,
    "announce_at": NOON + GRACE,
}
ACCEPT: Facts = {"event": "accept", "to_state": "successful", "announce_at": NOON + GRACE}
UNDO: Facts = {"event": "undo", "to_state": "under_consideration", "undoes": 3, "announce_at": None}
WHOLE: list[Facts] = [SUBMIT, CONSIDER, REJECT, UNDO]


def records(facts: Sequence[Facts]) -> list[Record]:
    """A chain under the key, of steps that follow on each other but for what the facts say otherwise."""
    made: list[Record] = []
    for version, fact in enumerate(facts, start=1):
        before = made[-1].step if made else None
        values: Facts = {
            "from_state": before.to_state if before else "",
            "at": NOON,
            "announce_at": NOON,
        } | fact
        step = Step(
            subject_type="application",
            subject_id=SUBJECT,
            version=version,
            actor=Actor("somebody", values.pop("role", "recruiter")),
            undoes=values.pop("undoes", None),
            note_digest=values.pop("note_digest", ""),
            digest="",
            **values,
        )
        step = replace(step, digest=chain_digest(step, before.digest if before else "", KEY))
        made.append(Record(100 + version, step))
    return made


def fault_of(made: Sequence[Record], **standing: Any) -> Fault | None:
    last = made[-1].step
    says: Facts = {"status": last.to_state, "version": last.version} | standing
    return first_fault(LAW, Standing(SUBJECT, **says), made, KEY)


def test_what_the_machine_does_is_no_fault() -> None:
    assert fault_of(records(WHOLE)) is None
    assert fault_of(records([*WHOLE, ACCEPT])) is None


BREACHES: list[tuple[int, dict[str, Any], str]] = [
    (1, {"event": "consider"}, "no history begins with “consider” into “submitted”"),
    (1, {"to_state": "successful"}, "no history begins with “submit” into “successful”"),
    (1, {"from_state": "rejected"}, "no history begins with “submit” into “submitted”"),
    (1, {"undoes": 1}, "only an undo takes a version back"),
    (1, {"announce_at": NOON + GRACE}, "it is told later, though nothing holds it back"),
    (2, {"event": "promote"}, "there is no event “promote”"),
    (2, {"event": "accept"}, "“accept” does not lead from “submitted” to “under_consideration”"),
    (2, {"to_state": "successful"}, "“consider” does not lead from “submitted” to “successful”"),
    (2, {"from_state": "rejected"}, "it leaves “rejected”, but the step before led to “submitted”"),
    (2, {"role": "candidate"}, "“consider” is not for the role “candidate”"),
    (2, {"undoes": 1}, "only an undo takes a version back"),
    (2, {"announce_at": None}, "it is told before it happened, or never"),
    (2, {"announce_at": NOON - GRACE}, "it is told before it happened, or never"),
    (2, {"announce_at": NOON + GRACE}, "it is told later, though nothing holds it back"),
    (
        2,
        {"at": NOON - timedelta(minutes=6), "announce_at": NOON - timedelta(minutes=6)},
        "it lies before the step that it follows",
    ),
    (3, {"note_digest": ""}, "“reject” needs a note, and has none"),
    (3, {"announce_at": None}, "it is told before it happened, or never"),
    (4, {"undoes": 2}, "it undoes version 2, not the one before it"),
    (4, {"undoes": None}, "it undoes version None, not the one before it"),
    (4, {"at": NOON + GRACE}, "it undoes what was told already"),
    (4, {"announce_at": NOON}, "an undo is never told"),
]


@pytest.mark.parametrize(("version", "changes", "said"), BREACHES)
def test_what_the_machine_would_never_have_done_is_named(
    version: int, changes: dict[str, Any], said: str
) -> None:
    facts = [fact | (changes if place == version else {}) for place, fact in enumerate(WHOLE, start=1)]
    assert fault_of(records(facts)) == Fault("application", SUBJECT, version, 100 + version, said)


def test_instants_may_go_back_as_far_as_clocks_differ() -> None:
    early = NOON - timedelta(minutes=4)
    assert fault_of(records([SUBMIT, CONSIDER | {"at": early, "announce_at": early}])) is None


@pytest.mark.parametrize(
    ("standing", "version", "row_id", "said"),
    [
        (
            {"status": "submitted"},
            2,
            102,
            "the row says “submitted” at version 2, its last step says “under_consideration” at version 2",
        ),
        (
            {"version": 1},
            2,
            102,
            "the row says “under_consideration” at version 1, its last step says “under_consideration” at version 2",
        ),
        (
            {"version": 4},
            3,
            None,
            f"its history row is missing: {AHEAD}, the history ends at version 2",
        ),
    ],
)
def test_a_row_that_says_otherwise_is_named(
    standing: dict[str, Any], version: int, row_id: int | None, said: str
) -> None:
    made = records([SUBMIT, CONSIDER])
    assert fault_of(made, **standing) == Fault("application", SUBJECT, version, row_id, said)


def test_a_version_that_stands_twice_is_named() -> None:
    first, second = records([SUBMIT, CONSIDER])
    twice = [first, second, replace(second, row_id=103)]
    assert fault_of(twice) == Fault("application", SUBJECT, 2, 103, "this version stands there twice")


def test_a_row_without_a_history_is_named() -> None:
    said = "the row says “submitted” at version 1, but has no history"
    standing = Standing(SUBJECT, "submitted", 1)
    assert first_fault(LAW, standing, [], KEY) == Fault("application", SUBJECT, 1, None, said)


@pytest.mark.parametrize(
    ("version", "note", "said"),
    [
        (3, Note("salt", "Not this time"), None),
        (3, Note("salt", "Not ever"), "the words of its note were changed"),
        (3, Note("pepper", "Not this time"), "the words of its note were changed"),
        (2, Note("salt", "Not this time"), "words were put to a step that was made without a note"),
    ],
)
def test_words_must_be_those_of_then(version: int, note: Note, said: str | None) -> None:
    made = records(WHOLE)
    made[version - 1] = replace(made[version - 1], note=note)
    expected = Fault("application", SUBJECT, version, 100 + version, said) if said else None
    assert fault_of(made) == expected


def test_a_step_without_the_key_is_named_before_all_else() -> None:
    made = records(WHOLE)
    made[1] = replace(made[1], step=replace(made[1].step, event="promote"))
    said = "its digest does not fit: it was changed, or written without the key"
    assert fault_of(made) == Fault("application", SUBJECT, 2, 102, said)
