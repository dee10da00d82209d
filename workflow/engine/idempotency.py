"""Requests that may be repeated: the first answer is kept, and given again, in the command's own transaction."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from piccolo.engine.postgres import PostgresEngine

from workflow.engine.errors import IdempotencyMismatch
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


async def first_answer(request: Repeatable, *, now: datetime) -> dict[str, Any] | None:
    """What was answered to this request the first time; None when this is the first time.

    Call it in the transaction that carries the request out: of two that arrive at once, the second
    waits here until the first is done. Raises IdempotencyMismatch when the key was used for something else.
    """
    await _wait_for_the_same(request)
    await _forget_expired(request.actor_id, now)
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


async def _wait_for_the_same(request: Repeatable) -> None:
    """SQLite needs no lock: a write transaction has the database to itself."""
    if isinstance(IdempotencyKey._meta.db, PostgresEngine):
        digest = hashlib.sha256(f"{request.actor_id}\n{request.key}".encode()).digest()
        number = int.from_bytes(digest[:8], signed=True)
        await IdempotencyKey.raw("SELECT pg_advisory_xact_lock({})", number)


async def _forget_expired(actor_id: str, now: datetime) -> None:
    await IdempotencyKey.delete().where(
        (IdempotencyKey.actor_id == actor_id) & (IdempotencyKey.created_at <= now - KEPT_FOR)
    )


def _of(request: Repeatable) -> Any:
    return (IdempotencyKey.actor_id == request.actor_id) & (IdempotencyKey.key == request.key)
