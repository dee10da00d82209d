"""One move: lock, check, ask the machine, append to the history, change the status, record what is told."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresEngine
from piccolo.table import Table

from workflow.engine import history, outbox, statements, timers
from workflow.engine.errors import (
    EventForbidden,
    FieldError,
    IllegalEvent,
    NoteMissing,
    NoteRefused,
    NotFound,
    StaleVersion,
    UndoTooLate,
    UnknownEvent,
    UnknownVersion,
)
from workflow.engine.history import Step
from workflow.engine.idempotency import first_answer, keep_answer, repeatable
from workflow.engine.machine import UNDO, Actor, Machine, Rule, Terms
from workflow.engine.outbox import Announcement, SubjectStep

Announcer = Callable[[Step, Mapping[str, str]], Awaitable[Sequence[Announcement]]]
"""Turns a step and what is told of it (audience → kind) into outbox rows; called inside the transaction."""


async def tell_nobody(_step: Step, _tells: Mapping[str, str]) -> Sequence[Announcement]:
    """The announcer of a machine that tells nothing."""
    return ()


async def start(
    machine: type[Machine],
    subject_id: UUID,
    actor: Actor,
    *,
    terms: Terms,
    now: datetime,
    announce: Announcer = tell_nobody,
    note: str = "",
) -> Step:
    """Write the first step of a subject.

    Insert its row (initial state, version 1) right after, in the same transaction; where a timer of
    the machine looks at the initial state, `replan` it then.

    Raises EventForbidden, NoteMissing, NoteRefused.
    """
    rule = machine.rules[machine.opening]
    note = checked_note(note)
    _require(machine, machine.opening, actor, note)
    step, words = history.step_after(
        None,
        subject_type=machine.subject,
        subject_id=subject_id,
        event=machine.opening,
        to_state=machine.initial_state_id(),
        actor=actor,
        note=note,
        announce_at=now,
        now=now,
        key=terms.history_key,
    )
    await statements.insert_step(history.row_from(step), words, await _told(step, rule, announce, now))
    return step


async def fire(
    machine: type[Machine],
    subject_id: UUID,
    event: str,
    actor: Actor,
    *,
    terms: Terms,
    now: datetime,
    announce: Announcer = tell_nobody,
    expected_version: int | None = None,
    note: str = "",
    idempotency_key: str | None = None,
    also_asked: Sequence[str] = (),
) -> Step:
    """Move one subject by one event. Call it inside a write transaction; any error leaves nothing behind.

    With an `expected_version`, a subject that has moved since is refused. With an `idempotency_key`, a
    repeat by the same actor within 24 hours changes nothing and gives the step of the first time, also
    when both arrive at once; `also_asked`: words besides the note in which a repeat must be the same. Raises
    NotFound, UnknownEvent, StaleVersion, UnknownVersion, IllegalEvent, EventForbidden, NoteMissing, UndoTooLate,
    IdempotencyMismatch, what the machine's validators raise, and NoteRefused.
    """
    note = checked_note(note)
    asked = ("move", machine.subject, str(subject_id), event, expected_version, note, *also_asked)
    request = repeatable(actor.id, idempotency_key, *asked) if idempotency_key else None
    if request and (answer := await first_answer(request, now=now)):
        return await history.step_of(machine.subject, subject_id, answer["version"])
    row, before = await hold(machine, subject_id)
    rule = _rule(machine, event)
    require_version(expected_version, row["version"], before)
    to_state = _next_state(machine, row, event, actor, note, before, now, terms)
    if event == UNDO:
        await _take_back(before, now)
    at = max(now, before.at)  # clocks differ, and locks are waited for: a history never runs backwards
    step, words = history.step_after(
        before,
        subject_type=machine.subject,
        subject_id=subject_id,
        event=event,
        to_state=to_state,
        actor=actor,
        note=note,
        announce_at=_announce_at(event, rule, terms, at),
        now=at,
        key=terms.history_key,
    )
    effects = await _told(step, rule, announce, now)
    # Compare and set: the trigger demands that this very step stands in the history already.
    values = {"status": step.to_state, "version": step.version} | ({rule.stamps: at} if rule.stamps else {})
    if not await statements.change_with_step(
        machine.table,
        values,
        row_id=subject_id,
        version=before.version,
        step=history.row_from(step),
        words=words,
        effects=effects,
    ):
        raise StaleVersion.of(before)
    await timers.plan(machine, row, step, terms=terms)
    if request:
        await keep_answer(request, {"version": step.version}, now=now)
    return step


async def _told(step: Step, rule: Rule, announce: Announcer, now: datetime) -> list[dict[str, Any]]:
    """The outbox rows of what is told of a step, due when the step may be known."""
    due = step.announce_at or now
    announcements = [replace(item, due_at=item.due_at or due) for item in await announce(step, rule.tells)]
    of_step = SubjectStep(step.subject_type, step.subject_id, step.version)
    return outbox.rows_from(announcements, now=now, step=of_step)


async def hold(machine: type[Machine], subject_id: UUID) -> tuple[dict[str, Any], Step]:
    """Hold a subject until the transaction ends; its row (`id`, `status`, `version`, `reads`) and its last step.

    Raises NotFound.
    """
    columns = ("id", "status", "version", *machine.reads)
    found = await statements.locked_with_step(
        machine.table, columns, row_id=subject_id, subject_type=machine.subject
    )
    if found is not None:
        row, step = found
        return row, history.step_from(step)
    held = await lock(machine.table, subject_id, *machine.reads)
    before = await history.last_step(machine.subject, subject_id)
    if held is None or before is None:
        raise NotFound
    return held, before


async def lock(table: type[Table], subject_id: UUID, *columns: str) -> dict[str, Any] | None:
    """Hold a row until the transaction ends, and read its `id`, `status`, `version` and further columns.

    None if there is no such row. SQLite needs no lock: a write transaction has the database to itself. On
    PostgreSQL rows that refer to this one may go on being written: ids never change.
    """
    wanted = [table._meta.get_column_by_name(name) for name in ("id", "status", "version", *columns)]
    query = table.select(*wanted).where(wanted[0] == subject_id).first()
    if isinstance(table._meta.db, PostgresEngine):
        query = query.lock_rows("NO KEY UPDATE", of=(table,))
    return await query


def checked_note(note: str) -> str:
    """A note without blanks around it. Raises NoteRefused for characters that not every database keeps."""
    bare = note.strip()
    if "\0" in bare or any("\ud800" <= character <= "\udfff" for character in bare):
        raise NoteRefused([FieldError("note", NoteRefused.template())])
    return bare


def require_version(expected: int | None, present: int, last: Step) -> None:
    """Refuse one who has seen another version than the present one, which the last step made; None asks nothing.

    Raises StaleVersion for an earlier version, UnknownVersion for one that never was.
    """
    if expected is None or expected == present:
        return
    if not 1 <= expected < present:
        raise UnknownVersion(present=present)
    raise StaleVersion.of(last)


def _rule(machine: type[Machine], event: str) -> Rule:
    rule = machine.rules.get(event)
    if rule is None or event == machine.opening:
        raise UnknownEvent([FieldError("event", UnknownEvent.template(), {"event": event})], event=event)
    return rule


def _next_state(
    machine: type[Machine],
    row: Mapping[str, Any],
    event: str,
    actor: Actor,
    note: str,
    before: Step,
    now: datetime,
    terms: Terms,
) -> str:
    """Ask the machine. The order of the questions gives each refusal its own error."""
    if event not in machine.events_from(row["status"]):
        raise IllegalEvent(subject=machine.subject, event=event, state=row["status"])
    _require(machine, event, actor, note)
    target = machine.target(row["status"], event, actor=actor, row=row, before=before, now=now, terms=terms)
    if target is None:
        raise EventForbidden(subject=machine.subject, event=event)
    return target


def _require(machine: type[Machine], event: str, actor: Actor, note: str) -> None:
    rule, facts = machine.rules[event], {"subject": machine.subject, "event": event}
    if actor.role not in rule.by:
        raise EventForbidden(**facts)
    if rule.needs_note and not note:
        raise NoteMissing([FieldError("note", NoteMissing.template(), facts)], **facts)


async def _take_back(before: Step, now: datetime) -> None:
    """Cancel what the last step would have told. Raises UndoTooLate when it was told, or may have been."""
    step = SubjectStep(before.subject_type, before.subject_id, before.version)
    if not before.is_held(now) or not await outbox.cancel(step, now=now):
        raise UndoTooLate


def _announce_at(event: str, rule: Rule, terms: Terms, at: datetime) -> datetime | None:
    if event == UNDO:
        return None
    return at + terms.grace if rule.held else at
