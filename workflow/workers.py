"""The workers there are: each says every few seconds that it is alive, in a row of its own."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from piccolo.columns import UUID, Integer, Timestamptz, Varchar
from piccolo.table import Table

from workflow.database.connection import write_transaction
from workflow.engine.statements import delete_unheld

BEAT = timedelta(seconds=10)
"""Between two signs of life."""

SILENCE = 4 * BEAT
"""A worker that was silent for so long is no longer counted as alive."""

_FORGOTTEN_AFTER = timedelta(days=1)


class Worker(Table, tablename="worker"):
    """A worker process, from its start until a while after it was last seen."""

    id = UUID(primary_key=True)
    host = Varchar(length=255)
    pid = Integer()
    started_at = Timestamptz()
    seen_at = Timestamptz()


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """A worker, as it last told of itself; `host` and `pid` say where to find it."""

    id: uuid.UUID
    host: str
    pid: int
    started_at: datetime
    seen_at: datetime

    def is_alive(self, now: datetime) -> bool:
        """Whether it has given a sign of life of late. One that was killed counts for a while."""
        return now - self.seen_at <= SILENCE


async def note_alive(worker: WorkerSeen) -> None:
    """Write that a worker lives, also where it had been forgotten; and forget those that were silent for a day."""
    async with write_transaction():
        await Worker.insert(
            Worker(
                id=worker.id,
                host=worker.host,
                pid=worker.pid,
                started_at=worker.started_at,
                seen_at=worker.seen_at,
            )
        ).on_conflict(target=Worker.id, action="DO UPDATE", values=[Worker.seen_at])
        await delete_unheld(Worker, Worker.seen_at < worker.seen_at - _FORGOTTEN_AFTER)


async def note_ended(worker_id: uuid.UUID) -> None:
    """Forget a worker that has ended as it should."""
    async with write_transaction():
        await Worker.delete().where(Worker.id == worker_id)


async def workers() -> tuple[WorkerSeen, ...]:
    """All workers of the last day that did not end as they should have, those that live too; oldest first."""
    rows: list[dict[str, Any]] = await Worker.select().order_by(Worker.started_at, Worker.id)
    return tuple(WorkerSeen(**row) for row in rows)


async def workers_alive(now: datetime) -> int:
    """How many there are to carry things out."""
    number: int = await Worker.count().where(Worker.seen_at >= now - SILENCE)
    return number
