"""Writing the audit: each command of the console that changes something says so, in its own transaction."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from workflow.audit.actions import ACTIONS, SUBJECTS
from workflow.audit.tables import AuditEntry
from workflow.engine.machine import Actor

_NOTHING: Mapping[str, Any] = {}


async def note_change(
    actor: Actor,
    action: str,
    subject: tuple[str, str | int | UUID],
    *,
    now: datetime,
    unit_id: int | None = None,
    before: Mapping[str, Any] = _NOTHING,
    after: Mapping[str, Any] = _NOTHING,
) -> None:
    """Record what somebody did; of `before` and `after` only what differs is kept.

    `action`: noun and participle, such as `offer.edited`. Call it inside the transaction of the change, where
    an entry without any difference is left out; a thing that was made or done has an `after` without a `before`,
    or neither. Raises ValueError for an action or a type that `workflow.audit.actions` has no name for.
    """
    if action not in ACTIONS or subject[0] not in SUBJECTS:
        raise ValueError(action, subject[0])
    old, new = _differing(before, after)
    if before and after and not (old or new):
        return
    subject_type, subject_id = subject
    await AuditEntry.insert(
        AuditEntry(
            at=now,
            actor_id=actor.id,
            role=actor.role,
            action=action,
            subject_type=subject_type,
            subject_id=str(subject_id),
            unit=unit_id,
            before=_as_json(old),
            after=_as_json(new),
        )
    )


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    if not before or not after:
        return dict(before), dict(after)
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def _as_json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=_in_words)


def _in_words(value: object) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
