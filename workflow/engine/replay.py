"""Whether the records of one subject are what its machine and the key allow: replayed from the first to the present."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from workflow.engine.history import Step, chain_digest
from workflow.engine.machine import UNDO, Machine, Rule
from workflow.engine.records import Fault, Record, is_same

SKEW = timedelta(minutes=5)
"""How far an instant may lie before the one before it: clocks differ, and a move may have waited for the lock."""


@dataclass(frozen=True, slots=True)
class Law:
    """What a machine allows, ready to be asked a million times."""

    subject: str
    opening: str
    initial: str
    rules: Mapping[str, Rule]
    legal: frozenset[tuple[str, str, str]]

    @classmethod
    def of(cls, machine: type[Machine]) -> "Law":
        """The law of a machine. Its guards are not in it: they looked at what has changed since."""
        legal = frozenset(
            (event, str(transition.source.id), str(target.id))
            for state in machine.states
            for transition in state.transitions
            for target in transition.targets
            for event in transition.event.split()
        )
        return cls(machine.subject, machine.opening, machine.initial_state_id(), machine.rules, legal)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the row of a subject says of it."""

    subject_id: UUID
    status: str
    version: int


def first_fault(law: Law, standing: Standing, records: Sequence[Record], key: bytes) -> Fault | None:
    """The first record that is wrong, or what the subject's row says otherwise than its last step; None for neither."""
    before: Record | None = None
    for record in records:
        if fault := _broken_link(before, record, key):
            return fault
        if said := _breach(law, before.step if before else None, record):
            return _fault_at(record, said)
        before = record
    if before is None:
        said = f"the row says “{standing.status}” at version {standing.version}, but has no history"
        return Fault(law.subject, standing.subject_id, 1, None, said)
    return _difference(standing, before)


def first_broken_link(records: Sequence[Record], key: bytes, *, after: Record | None) -> Fault | None:
    """The first record that does not follow the one before it by version and digest; `after`: what to begin from."""
    before = after
    for record in records:
        if fault := _broken_link(before, record, key):
            return fault
        before = record
    return None


def _broken_link(before: Record | None, record: Record, key: bytes) -> Fault | None:
    step, expected = record.step, before.step.version + 1 if before else 1
    if step.version > expected:
        said = f"its history row is missing; the next one is row {record.row_id}, of version {step.version}"
        return Fault(step.subject_type, step.subject_id, expected, None, said)
    if step.version < expected:
        return _fault_at(record, "this version stands there twice")
    own = chain_digest(step, before.step.digest if before else "", key)
    if not is_same(own, step.digest):
        return _fault_at(record, "its digest does not fit: it was changed, or written without the key")
    return None


def _fault_at(record: Record, said: str) -> Fault:
    step = record.step
    return Fault(step.subject_type, step.subject_id, step.version, record.row_id, said)


def _difference(standing: Standing, last: Record) -> Fault | None:
    """What the subject's row says otherwise than the last step."""
    step = last.step
    if (standing.status, standing.version) == (step.to_state, step.version):
        return None
    row = f"the row says “{standing.status}” at version {standing.version}"
    if standing.version > step.version:
        said = f"its history row is missing: {row}, the history ends at version {step.version}"
        return Fault(step.subject_type, step.subject_id, step.version + 1, None, said)
    return _fault_at(last, f"{row}, its last step says “{step.to_state}” at version {step.version}")


def _breach(law: Law, before: Step | None, record: Record) -> str:
    """What the machine would never have done; "" if nothing. Only who has the key could have written it."""
    step = record.step
    rule = law.rules.get(step.event)
    if rule is None:
        return f"there is no event “{step.event}”"
    return (
        _breach_of_states(law, before, step)
        or _breach_of_rule(rule, step)
        or _breach_of_undo(before, step)
        or _breach_of_time(rule, before, step)
        or _breach_of_note(record)
    )


def _breach_of_states(law: Law, before: Step | None, step: Step) -> str:
    if before is None:
        begins = (step.event, step.from_state, step.to_state) == (law.opening, "", law.initial)
        return "" if begins else f"no history begins with “{step.event}” into “{step.to_state}”"
    if step.from_state != before.to_state:
        return f"it leaves “{step.from_state}”, but the step before led to “{before.to_state}”"
    if (step.event, step.from_state, step.to_state) not in law.legal:
        return f"“{step.event}” does not lead from “{step.from_state}” to “{step.to_state}”"
    return ""


def _breach_of_rule(rule: Rule, step: Step) -> str:
    if step.actor.role not in rule.by:
        return f"“{step.event}” is not for the role “{step.actor.role}”"
    if rule.needs_note and not step.note_digest:
        return f"“{step.event}” needs a note, and has none"
    return ""


def _breach_of_undo(before: Step | None, step: Step) -> str:
    if step.event != UNDO or before is None:
        return "" if step.undoes is None else "only an undo takes a version back"
    if step.undoes != before.version:
        return f"it undoes version {step.undoes}, not the one before it"
    return "" if before.is_held(step.at) else "it undoes what was told already"


def _breach_of_time(rule: Rule, before: Step | None, step: Step) -> str:
    if before and step.at < before.at - SKEW:
        return "it lies before the step that it follows"
    if step.event == UNDO:
        return "" if step.announce_at is None else "an undo is never told"
    if step.announce_at is None or step.announce_at < step.at:
        return "it is told before it happened, or never"
    if step.announce_at > step.at and (before is None or not rule.held):
        return "it is told later, though nothing holds it back"
    return ""


def _breach_of_note(record: Record) -> str:
    if record.note is None:
        return ""
    if not record.step.note_digest:
        return "words were put to a step that was made without a note"
    return "" if record.note.fits(record.step.note_digest) else "the words of its note were changed"
