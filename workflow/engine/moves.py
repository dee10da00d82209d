"""One move: lock, check, ask the machine, append to the history, change the status, record what is told."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresEngine
from piccolo.table import Table

from workflow.engine import history, outbox
from workflow.engine.errors import (
    EventForbidden,
    FieldError,
    IllegalEvent,
    NoteMissing,
    NotFound,
    StaleVersion,
    UndoTooLate,
    UnknownEvent,
    UnknownVersion,
)
from workflow.engine.history import Step
from workflow.engine.machine import UNDO, Actor, Machine, Rule
from workflow.engine.outbox import Announcement, SubjectStep

Announcer = Callable[[Step, Rule], Awaitable[Sequence[Announcement]]]
"""Turns a step and what its rule tells into the outbox rows of it; called inside the transaction."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an installation decides about its moves: the key of the chain, the grace before a decision is told."""

    history_key: bytes
    grace: timedelta


async def tell_nobody(_step: Step, _rule: Rule) -> Sequence[Announcement]:
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

    Insert its row (initial state, version 1) right after, in the same transaction.

    Raises EventForbidden, NoteMissing.
    """
    rule = machine.rules[machine.opening]
    _require(machine, machine.opening, actor, note)
    step = await history.append(
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
    await _tell(step, rule, announce, now)
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
) -> Step:
    """Move one subject by one event. Call it inside a write transaction; any error leaves nothing behind.

    With an `expected_version`, a subject that has moved since is refused. Raises NotFound,
    UnknownEvent, StaleVersion, UnknownVersion, IllegalEvent, EventForbidden, NoteMissing, UndoTooLate.
    """
    row = await lock(machine.table, subject_id)
    before = await history.last_step(machine.subject, subject_id)
    if row is None or before is None:
        raise NotFound
    rule = _rule(machine, event)
    require_version(expected_version, row["version"], before)
    to_state = _next_state(machine, row["status"], event, actor, note.strip(), before)
    if event == UNDO:
        await _take_back(before, now)
    step = await history.append(
        before,
        subject_type=machine.subject,
        subject_id=subject_id,
        event=event,
        to_state=to_state,
        actor=actor,
        note=note.strip(),
        announce_at=_announce_at(event, rule, terms, now),
        now=now,
        key=terms.history_key,
    )
    await _write_status(machine.table, step, before)
    await _tell(step, rule, announce, now)
    return step


async def lock(table: type[Table], subject_id: UUID) -> dict[str, Any] | None:
    """Hold a row until the transaction ends, and read its `id`, `status` and `version`; None if there is none.

    SQLite needs no lock: a write transaction has the database to itself.
    """
    columns = [table._meta.get_column_by_name(name) for name in ("id", "status", "version")]
    query = table.select(*columns).where(columns[0] == subject_id).first()
    if isinstance(table._meta.db, PostgresEngine):
        query = query.lock_rows("UPDATE", of=(table,))
    return await query


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
    machine: type[Machine], status: str, event: str, actor: Actor, note: str, before: Step
) -> str:
    """Ask the machine. The order of the questions gives each refusal its own error."""
    standing = machine.at(status)
    if event not in {str(legal.id) for legal in standing.allowed_events}:
        raise IllegalEvent(subject=machine.subject, event=event, state=status)
    _require(machine, event, actor, note)
    enabled = {str(possible.id) for possible in standing.enabled_events(actor=actor, before=before)}
    if event not in enabled:
        raise EventForbidden(subject=machine.subject, event=event)
    standing.send(event, actor=actor, before=before)
    return str(standing.model.status)


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


def _announce_at(event: str, rule: Rule, terms: Terms, now: datetime) -> datetime | None:
    if event == UNDO:
        return None
    return now + terms.grace if rule.held else now


async def _write_status(table: type[Table], step: Step, before: Step) -> None:
    """Compare and set: the trigger demands that this very step stands in the history already."""
    columns = {name: table._meta.get_column_by_name(name) for name in ("id", "status", "version")}
    changed = (
        await table.update({columns["status"]: step.to_state, columns["version"]: step.version})
        .where((columns["id"] == step.subject_id) & (columns["version"] == before.version))
        .returning(columns["id"])
    )
    if not changed:
        raise StaleVersion.of(before)


async def _tell(step: Step, rule: Rule, announce: Announcer, now: datetime) -> None:
    due = step.announce_at or now
    announcements = [replace(item, due_at=item.due_at or due) for item in await announce(step, rule)]
    await outbox.record(
        announcements, now=now, step=SubjectStep(step.subject_type, step.subject_id, step.version)
    )
