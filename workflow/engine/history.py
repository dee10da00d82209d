"""The append-only history of a subject: its chain of digests, and what of it has been told."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from workflow.engine.machine import UNDO, Actor
from workflow.engine.tables import History, HistoryNote


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a history."""

    subject_type: str
    subject_id: UUID
    version: int
    event: str
    from_state: str
    to_state: str
    actor: Actor
    at: datetime
    announce_at: datetime | None
    undoes: int | None
    note_digest: str
    digest: str
    note: str = ""

    def is_told(self, now: datetime) -> bool:
        """Whether its time has come to be known outside; an undo's never does.

        What was told at once stays told on a machine whose clock lags behind the one that wrote it.
        """
        return self.announce_at is not None and self.announce_at <= max(now, self.at)

    def is_held(self, now: datetime) -> bool:
        """Whether it will be told, but its time has not come."""
        return self.announce_at is not None and not self.is_told(now)


def told_steps(steps: Sequence[Step], now: datetime) -> tuple[Step, ...]:
    """The steps that the outside may know of: their time has come and no undo took them back."""
    undone = {step.undoes for step in steps if step.undoes is not None}
    return tuple(step for step in steps if step.is_told(now) and step.version not in undone)


def as_told(steps: Sequence[Step]) -> Step:
    """The last of the told steps as the outside may know it: when it was told, and as the how-manyeth."""
    return replace(steps[-1], at=steps[-1].announce_at or steps[-1].at, version=len(steps))


def step_after(
    before: Step | None,
    *,
    subject_type: str,
    subject_id: UUID,
    event: str,
    to_state: str,
    actor: Actor,
    note: str,
    announce_at: datetime | None,
    now: datetime,
    key: bytes,
) -> tuple[Step, dict[str, str]]:
    """The next step of a subject, and the salt and words of its note. An undo undoes the step before."""
    salt = secrets.token_hex(16) if note else ""
    step = Step(
        subject_type=subject_type,
        subject_id=subject_id,
        version=before.version + 1 if before else 1,
        event=event,
        from_state=before.to_state if before else "",
        to_state=to_state,
        actor=actor,
        at=now,
        announce_at=announce_at,
        undoes=before.version if before and event == UNDO else None,
        note_digest=hashlib.sha256((salt + note).encode()).hexdigest() if note else "",
        digest="",
        note=note,
    )
    step = replace(step, digest=chain_digest(step, before.digest if before else "", key))
    return step, {"salt": salt, "words": note} if note else {}


def chain_digest(step: Step, digest_before: str, key: bytes) -> str:
    """HMAC-SHA256 over the digest before and every fact of the step; hex."""
    facts = [
        digest_before,
        step.subject_type,
        str(step.subject_id),
        step.version,
        step.event,
        step.from_state,
        step.to_state,
        step.actor.id,
        step.actor.role,
        _instant(step.at),
        _instant(step.announce_at),
        step.undoes,
        step.note_digest,
    ]
    return hmac.new(key, json.dumps(facts).encode(), hashlib.sha256).hexdigest()


async def last_step(subject_type: str, subject_id: UUID) -> Step | None:
    """The newest step of a subject, without the words of its note."""
    row = (
        await History.select()
        .where((History.subject_type == subject_type) & (History.subject_id == subject_id))
        .order_by(History.version, ascending=False)
        .first()
    )
    return step_from(row) if row else None


async def step_of(subject_type: str, subject_id: UUID, version: int) -> Step:
    """The step of a subject that made this version. Raises KeyError when there is none."""
    for step in (await steps_of(subject_type, [subject_id]))[subject_id]:
        if step.version == version:
            return step
    raise KeyError(version)


async def steps_of(subject_type: str, subject_ids: Sequence[UUID]) -> dict[UUID, tuple[Step, ...]]:
    """All steps of some subjects, oldest first, with the words of their notes that were not erased."""
    if not subject_ids:
        return {}
    mine = (History.subject_type == subject_type) & History.subject_id.is_in(list(subject_ids))
    rows = await History.select().where(mine).order_by(History.version)
    ids = [row["id"] for row in rows if row["note_digest"]]
    notes = await HistoryNote.select().where(HistoryNote.history.is_in(ids)) if ids else []
    words = {note["history"]: note["words"] for note in notes}
    steps: dict[UUID, list[Step]] = {subject_id: [] for subject_id in subject_ids}
    for row in rows:
        steps[row["subject_id"]].append(step_from(row, words.get(row["id"], "")))
    return {subject_id: tuple(own) for subject_id, own in steps.items()}


def _instant(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if value else None


def row_from(step: Step) -> dict[str, Any]:
    """The row of the history that holds a step."""
    return {
        "subject_type": step.subject_type,
        "subject_id": step.subject_id,
        "version": step.version,
        "event": step.event,
        "from_state": step.from_state,
        "to_state": step.to_state,
        "actor_id": step.actor.id,
        "role": step.actor.role,
        "at": step.at,
        "announce_at": step.announce_at,
        "undoes": step.undoes,
        "note_digest": step.note_digest,
        "digest": step.digest,
    }


def step_from(row: dict[str, Any], note: str = "") -> Step:
    """The step that a row of the history holds."""
    return Step(
        subject_type=row["subject_type"],
        subject_id=row["subject_id"],
        version=row["version"],
        event=row["event"],
        from_state=row["from_state"],
        to_state=row["to_state"],
        actor=Actor(row["actor_id"], row["role"]),
        at=row["at"],
        announce_at=row["announce_at"],
        undoes=row["undoes"],
        note_digest=row["note_digest"],
        digest=row["digest"],
        note=note,
    )
