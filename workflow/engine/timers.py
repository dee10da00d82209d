"""What will happen by itself at an instant, kept in the database: planned with the move that makes it possible."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.querystring import QueryString

from workflow.engine.history import Step
from workflow.engine.machine import Machine, Terms
from workflow.engine.tables import Timer

_OPEN = Timer.fired_at.is_null() | (Timer.failure != "")
_FAILED_FIRST = QueryString("CASE WHEN failure = '' AND attempts = 0 THEN 1 ELSE 0 END")


@dataclass(frozen=True, slots=True)
class Planned:
    """One timer of one subject. `failure`: why it could not do its work when its time came; "" while it waits.

    `attempts`: how often something unexpected kept it from its work; `due_at` is then its next attempt.
    """

    id: int
    subject_type: str
    subject_id: UUID
    version: int
    name: str
    due_at: datetime
    attempts: int
    failure: str


async def plan(machine: type[Machine], row: Mapping[str, Any], step: Step, *, terms: Terms) -> bool:
    """Bring what is planned for a subject in line with its state; whether anything changed.

    `row` is the subject's, locked, with the machine's `reads` as they now are; `step` its last step.
    Call it in the transaction of every change that a timer looks at; `fire` does by itself. What was
    done at this version is not done again; what was refused is tried again at its time, or at once.
    """
    if not machine.timers:
        return False
    own = (Timer.subject_type == machine.subject) & (Timer.subject_id == step.subject_id)
    wrong, missing = _differences(machine, row, step, await Timer.select().where(own), terms)
    if wrong:
        await Timer.delete().where(Timer.id.is_in([timer["id"] for timer in wrong]))
    if missing:
        await Timer.insert(*missing)
    return bool(wrong or missing)


async def planned_otherwise(
    machine: type[Machine], rows: Sequence[Mapping[str, Any]], steps: Mapping[UUID, Step], *, terms: Terms
) -> tuple[UUID, ...]:
    """The subjects whose timers `plan` would change, or cannot work out; only reads. `steps`: the last of each."""
    if not rows:
        return ()
    ids = [row["id"] for row in rows]
    timers: dict[UUID, list[dict[str, Any]]] = {subject_id: [] for subject_id in ids}
    of_them = (Timer.subject_type == machine.subject) & Timer.subject_id.is_in(ids)
    for timer in await Timer.select().where(of_them):
        timers[timer["subject_id"]].append(timer)
    return tuple(
        row["id"] for row in rows if _is_otherwise(machine, row, steps[row["id"]], timers[row["id"]], terms)
    )


def _is_otherwise(
    machine: type[Machine],
    row: Mapping[str, Any],
    step: Step,
    timers: Sequence[dict[str, Any]],
    terms: Terms,
) -> bool:
    try:
        return _differences(machine, row, step, timers, terms) != ([], [])
    except Exception:  # noqa: BLE001  # a machine's own code; planning it tells what is wrong
        return True


def _differences(
    machine: type[Machine],
    row: Mapping[str, Any],
    step: Step,
    timers: Sequence[dict[str, Any]],
    terms: Terms,
) -> tuple[list[dict[str, Any]], list[Timer]]:
    """The timers that must go, and those that are missing."""
    due = _due(machine, row, step, terms)
    done = {
        timer["name"]
        for timer in timers
        if timer["version"] == step.version and timer["fired_at"] and not timer["failure"]
    }
    waiting = {
        timer["name"]
        for timer in timers
        if timer["version"] == step.version and not timer["fired_at"] and _is_due_at(timer, due)
    }
    wrong = [
        timer for timer in timers if timer["version"] != step.version or timer["name"] not in done | waiting
    ]
    missing = [
        Timer(
            subject_type=machine.subject,
            subject_id=step.subject_id,
            version=step.version,
            name=name,
            due_at=due_at,
        )
        for name, due_at in due.items()
        if name not in done | waiting
    ]
    return wrong, missing


def _is_due_at(timer: Mapping[str, Any], due: Mapping[str, datetime]) -> bool:
    """One that is tried again waits for its next attempt, unless its time is now a later one."""
    if timer["name"] not in due:
        return False
    planned, wanted = timer["due_at"], due[timer["name"]]
    return bool(planned == wanted or (timer["attempts"] > 0 and planned > wanted))


def _due(machine: type[Machine], row: Mapping[str, Any], step: Step, terms: Terms) -> dict[str, datetime]:
    planned: dict[str, datetime] = {}
    for name, timer in machine.timers.items():
        if timer.state == step.to_state and (due_at := timer.due(row, step.at, terms)) is not None:
            planned[name] = due_at
    return planned


async def due_timers(now: datetime, *, limit: int) -> tuple[Planned, ...]:
    """Timers whose time has come, the oldest first."""
    waiting = Timer.fired_at.is_null() & (Timer.due_at <= now)
    rows = await Timer.select().where(waiting).order_by(Timer.due_at, Timer.id).limit(limit)
    return tuple(_planned(row) for row in rows)


async def planned_timers(subject_type: str, subject_ids: Sequence[UUID]) -> dict[UUID, tuple[Planned, ...]]:
    """What is planned for some subjects, soonest first, and what failed; nothing that is done."""
    if not subject_ids:
        return {}
    own = (Timer.subject_type == subject_type) & Timer.subject_id.is_in(list(subject_ids))
    planned: dict[UUID, tuple[Planned, ...]] = dict.fromkeys(subject_ids, ())
    for row in await Timer.select().where(own & _OPEN).order_by(Timer.due_at, Timer.id):
        planned[row["subject_id"]] += (_planned(row),)
    return planned


async def agenda(
    subject_type: str, subject_ids: Any = None, *, limit: int, offset: int = 0
) -> tuple[tuple[Planned, ...], int]:
    """A page of what is planned, what failed first and then the soonest first; and how much there is in all.

    `subject_ids`: a select of one column that narrows it to some subjects; None for all of the type.
    """
    wanted = (Timer.subject_type == subject_type) & _OPEN
    if subject_ids is not None:
        wanted &= Timer.subject_id.is_in(subject_ids)
    rows = (
        await Timer.select()
        .where(wanted)
        .order_by(_FAILED_FIRST, Timer.due_at, Timer.id)
        .limit(limit)
        .offset(offset)
    )
    return tuple(_planned(row) for row in rows), await Timer.count().where(wanted)


def _planned(row: dict[str, Any]) -> Planned:
    names = Planned.__dataclass_fields__
    return Planned(**{name: value for name, value in row.items() if name in names})
