"""Carrying out a batch, piece by piece: killed at any instant, it repeats nothing and loses nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from workflow.applications.commands import move_applications
from workflow.applications.machine import ApplicationMachine
from workflow.batches import reasons
from workflow.batches.holding import hold_batch
from workflow.batches.tables import MOVED, REFUSED, WAITING, Batch, BatchItem
from workflow.database.connection import write_transaction
from workflow.engine.idempotency import KEPT_FOR
from workflow.engine.machine import Terms
from workflow.engine.many import AT_ONCE, Move
from workflow.engine.tables import History
from workflow.language import LANGUAGES
from workflow.recruiters.queries import StaffMember, staff_member

_WIPED: dict[Any, Any] = {Batch.note: "", Batch.paragraph_fr: "", Batch.paragraph_en: ""}


async def _nothing() -> None:
    pass


async def carry_out(
    batch_id: UUID,
    *,
    terms: Terms,
    clock: Callable[[], datetime],
    is_enough: Callable[[], bool],
    breath: float = 0.0,
    after_piece: Callable[[], Awaitable[None]] = _nothing,
) -> bool:
    """Move what waits, until nothing does or it `is_enough` for this time; whether the batch is finished.

    `breath`: seconds between two pieces, in which others may write. `after_piece`: what to do when the results of
    one are written down.

    What became of an application is written after the move itself. Who is killed in between, or carries out the
    same batch beside us, asks for the same moves under the same idempotency keys; whoever goes on when those are
    forgotten finds the batch's own steps in the histories.
    """
    batch = await Batch.select().where((Batch.id == batch_id) & Batch.finished_at.is_null()).first()
    if batch is None:
        return True
    while items := await _next_piece(batch_id):
        if is_enough():
            return False
        await _move_piece(batch, items, terms=terms, clock=clock)
        await after_piece()
        await asyncio.sleep(breath)
    await _finish(batch_id, now=clock())
    return True


async def give_up(batch_id: UUID, *, now: datetime) -> None:
    """Report what still waits as not done, and finish."""
    await _refuse_rest(batch_id, reasons.GIVEN_UP)
    await _finish(batch_id, now=now)


async def _next_piece(batch_id: UUID) -> list[dict[str, Any]]:
    waiting = (BatchItem.batch == batch_id) & (BatchItem.state == WAITING)
    rows: list[dict[str, Any]] = (
        await BatchItem.select(BatchItem.application, BatchItem.version, BatchItem.via)
        .where(waiting)
        .order_by(BatchItem.id)
        .limit(AT_ONCE)
    )
    return rows


async def _move_piece(
    batch: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    *,
    terms: Terms,
    clock: Callable[[], datetime],
) -> None:
    staff = await staff_member(batch["recruiter"])  # as they are now: units may have been taken from them
    if staff is None:
        await _refuse_rest(batch["id"], reasons.CLOSED)
        return
    firing = _Firing(staff, batch, terms, clock())
    ways = [firing.move(item, item["via"], item["version"], "/via") for item in items if item["via"]]
    refused, versions = await firing.fire(ways)
    last = [
        firing.move(item, batch["event"], versions.get(item["application"], item["version"]))
        for item in items
        if item["application"] not in refused
    ]
    paragraphs = {language: batch[f"paragraph_{language}"] for language in LANGUAGES}
    refused |= (await firing.fire(last, paragraphs))[0]
    await _write_down(
        batch["id"], {item["application"]: refused.get(item["application"], "") for item in items}
    )


@dataclass(frozen=True, slots=True)
class _Firing:
    """The moves of one piece: as whom, for which batch, when."""

    staff: StaffMember
    batch: Mapping[str, Any]
    terms: Terms
    now: datetime

    def move(self, item: Mapping[str, Any], event: str, version: int, mark: str = "") -> Move:
        note = self.batch["note"] if event == self.batch["event"] else ""
        key = f"batch/{self.batch['id']}/{item['application']}{mark}"
        return Move(item["application"], event, version, note, key)

    async def fire(
        self, moves: Sequence[Move], paragraphs: Mapping[str, str] | None = None
    ) -> tuple[dict[UUID, str], dict[UUID, int]]:
        """What refused which application, and to which version the others have come."""
        refused: dict[UUID, str] = {}
        versions: dict[UUID, int] = {}
        if not moves:
            return refused, versions
        outcomes = move_applications(
            self.staff, moves, terms=self.terms, now=self.now, paragraphs=paragraphs or {}
        )
        async for outcome in outcomes:
            if outcome.step:
                versions[outcome.move.subject_id] = outcome.step.version
            elif outcome.error:
                refused[outcome.move.subject_id] = outcome.error.code
        made = await self._made_long_ago([move for move in moves if move.subject_id in refused])
        return {each: why for each, why in refused.items() if each not in made}, versions | made

    async def _made_long_ago(self, moves: Collection[Move]) -> dict[UUID, int]:
        """The versions of the steps that this batch made so long ago that their keys are forgotten."""
        if not moves:
            return {}
        versions = {move.subject_id: (move.event, (move.expected_version or 0) + 1) for move in moves}
        rows = await History.select(History.subject_id, History.event, History.version).where(
            (History.subject_type == ApplicationMachine.subject)
            & History.subject_id.is_in(list(versions))
            & (History.actor_id == self.staff.actor.id)
            & (History.at >= self.batch["created_at"])
            & (History.at <= self.now - KEPT_FOR)
        )
        return {
            row["subject_id"]: row["version"]
            for row in rows
            if versions[row["subject_id"]] == (row["event"], row["version"])
        }


async def _write_down(batch_id: UUID, results: Mapping[UUID, str]) -> None:
    """Application → what refused it, or nothing. It overwrites a stop that came while they moved."""
    by_reason: dict[str, list[UUID]] = {}
    for application_id, reason in results.items():
        by_reason.setdefault(reason, []).append(application_id)
    async with write_transaction():
        await hold_batch(batch_id)
        for reason, ids in by_reason.items():
            state = REFUSED if reason else MOVED
            await BatchItem.update({BatchItem.state: state, BatchItem.reason: reason}).where(
                (BatchItem.batch == batch_id) & BatchItem.application.is_in(ids)
            )


async def _refuse_rest(batch_id: UUID, reason: str) -> None:
    async with write_transaction():
        await hold_batch(batch_id)
        await BatchItem.update({BatchItem.state: REFUSED, BatchItem.reason: reason}).where(
            (BatchItem.batch == batch_id) & (BatchItem.state == WAITING)
        )


async def _finish(batch_id: UUID, *, now: datetime) -> None:
    """What was written by hand is in the history and in the mails by now."""
    async with write_transaction():
        await Batch.update(_WIPED | {Batch.finished_at: now}).where(
            (Batch.id == batch_id) & Batch.finished_at.is_null()
        )
