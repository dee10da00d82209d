"""Many moves at once: each succeeds or is reported on its own."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from workflow.engine.errors import DomainError
from workflow.engine.history import Step
from workflow.engine.idempotency import hold_keys
from workflow.engine.machine import Actor, Machine, Terms
from workflow.engine.moves import Announcer, fire, tell_nobody

Transaction = Callable[[], AbstractAsyncContextManager[None]]
"""Opens a write transaction."""

AT_ONCE = 25
"""Moves in one transaction: enough to be quick, few enough that nobody else waits long."""


@dataclass(frozen=True, slots=True)
class Move:
    """One of many moves; `fire` says what each part means."""

    subject_id: UUID
    event: str
    expected_version: int | None = None
    note: str = ""
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a move: the step that it made, or the error that refused it."""

    move: Move
    step: Step | None = None
    error: DomainError | None = None


async def fire_many(
    machine: type[Machine],
    moves: Sequence[Move],
    actor: Actor,
    *,
    transaction: Transaction,
    terms: Terms,
    now: datetime,
    announce: Announcer = tell_nobody,
) -> AsyncGenerator[Outcome, None]:
    """Carry out the moves, some in each transaction, and give each outcome once it is kept for good.

    The order is that of the subjects' ids, so that two who move the same subjects never wait for each
    other in a circle. Do not call it inside a transaction. An error that is no refusal (a lost database)
    ends it; what was given out before is kept.
    """
    ordered = sorted(moves, key=lambda move: move.subject_id)
    for first in range(0, len(ordered), AT_ONCE):
        some = ordered[first : first + AT_ONCE]
        async with transaction():
            await hold_keys(actor.id, [move.idempotency_key for move in some if move.idempotency_key])
            outcomes = [
                await _outcome(machine, move, actor, terms=terms, now=now, announce=announce) for move in some
            ]
        for outcome in outcomes:
            yield outcome


async def _outcome(
    machine: type[Machine], move: Move, actor: Actor, *, terms: Terms, now: datetime, announce: Announcer
) -> Outcome:
    """A refused move is undone alone, whatever it had written by then."""
    present: Any = machine.table._meta.db.current_transaction.get()
    savepoint = await present.savepoint()
    try:
        step = await fire(
            machine,
            move.subject_id,
            move.event,
            actor,
            terms=terms,
            now=now,
            announce=announce,
            expected_version=move.expected_version,
            note=move.note,
            idempotency_key=move.idempotency_key,
        )
    except DomainError as error:
        await savepoint.rollback_to()
        return Outcome(move, error=error)
    await savepoint.release()
    return Outcome(move, step=step)
