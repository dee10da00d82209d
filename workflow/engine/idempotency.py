"""Requests that may be repeated: the first answer is kept, and given again, in the command's own transaction."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from piccolo.engine.postgres import PostgresEngine

from workflow.engine.errors import IdempotencyMismatch
from workflow.engine.statements import delete_unheld
from workflow.engine.tables import IdempotencyKey

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request under the key that its sender chose. Keys count per actor; `digest` is of what is asked for."""

    actor_id: str
    key: str
    digest: str


def repeatable(actor_id: str, key: str, *asked: Any) -> Repeatable:
    """A request, known again by what it asks for: plain JSON values, in an order that stays."""
    return Repeatable(actor_id, key, hashlib.sha256(json.dumps(asked).encode()).hexdigest())


async def hold_keys(actor_id: str, keys: Iterable[str]) -> None:
    """Wait for everybody who uses one of these keys, in one order for all: before a transaction of several moves."""
    if isinstance(IdempotencyKey._meta.db, PostgresEngine):
        for number in sorted({_number(actor_id, key) for key in keys}):
            await IdempotencyKey.raw("SELECT pg_advisory_xact_lock({})", number)


async def forget_expired(now: datetime) -> None:
    """Delete the answers that are no longer given. Call it in a transaction of its own."""
    await delete_unheld(IdempotencyKey, IdempotencyKey.created_at <= now - KEPT_FOR)


async def first_answer(request: Repeatable, *, now: datetime) -> dict[str, Any] | None:
    """What was answered to this request the first time; None when this is the first time.

    Call it in the transaction that carries the request out: of two that arrive at once, the second
    waits here until the first is done. Raises IdempotencyMismatch when the key was used for something else.
    """
    await hold_keys(request.actor_id, [request.key])
    await IdempotencyKey.delete().where(_of(request) & (IdempotencyKey.created_at <= now - KEPT_FOR))
    row = await IdempotencyKey.select().where(_of(request)).first()
    if row is None:
        return None
    if row["request_digest"] != request.digest:
        raise IdempotencyMismatch
    answer: dict[str, Any] = json.loads(row["answer"])
    return answer


async def keep_answer(request: Repeatable, answer: dict[str, Any], *, now: datetime) -> None:
    """Keep a success for 24 hours, in the transaction that brought it about: ids, states, versions, instants only.

    No personal data: these rows are not part of anybody's archive.
    """
    await IdempotencyKey.insert(
        IdempotencyKey(
            actor_id=request.actor_id,
            key=request.key,
            request_digest=request.digest,
            answer=json.dumps(answer),
            created_at=now,
        )
    )


def _number(actor_id: str, key: str) -> int:
    """What an advisory lock is known by. SQLite needs none: a write transaction has the database to itself."""
    return int.from_bytes(hashlib.sha256(f"{actor_id}\n{key}".encode()).digest()[:8], signed=True)


def _of(request: Repeatable) -> Any:
    return (IdempotencyKey.actor_id == request.actor_id) & (IdempotencyKey.key == request.key)
