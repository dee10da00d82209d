"""What of those who left could not go with them: the last mails, until they are sent, and what came late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from workflow.applications.machine import ApplicationMachine
from workflow.applications.tables import Application
from workflow.candidates.tables import Candidate, Registration
from workflow.database.connection import write_transaction
from workflow.engine.outbox import CANCELLED, DEAD, SENT
from workflow.engine.statements import delete_unheld
from workflow.engine.tables import History, HistoryNote, Outbox
from workflow.privacy.spans import MAILS

LATELY = timedelta(days=30)
"""For how long traces of somebody who left are looked for."""

_AT_ONCE = 500
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Trace:
    """A row of the outbox about somebody who left, which nobody needs any more."""

    id: int
    kind: str
    recipient: str | None
    created_at: datetime


async def has_anybody_left(*, since: datetime) -> bool:
    """Whether an account was erased since then."""
    return bool(await Candidate.exists().where(Candidate.erased_at > since))


async def traces(*, now: datetime) -> tuple[Trace, ...]:
    """Mails to and about those who left that are settled, or too old to be sent; some at a time, oldest first."""
    return await _over(_about_left(now), now)


async def orphans(*, now: datetime) -> tuple[Trace, ...]:
    """The same about accounts that never were: their registrations are gone, and nobody has confirmed them."""
    are_none = Outbox.subject_id.not_in(Candidate.select(Candidate.id))
    will_be_none = Outbox.subject_id.not_in(Registration.select(Registration.candidate_id))
    return await _over((Outbox.subject_type == "candidate") & are_none & will_be_none, now)


async def _over(wanted: Any, now: datetime) -> tuple[Trace, ...]:
    is_over = Outbox.state.is_in([SENT, DEAD, CANCELLED]) | (Outbox.created_at <= now - MAILS)
    rows = (
        await Outbox.select(Outbox.id, Outbox.kind, Outbox.recipient, Outbox.created_at)
        .where(wanted & is_over)
        .order_by(Outbox.id)
        .limit(_AT_ONCE)
    )
    return tuple(Trace(**row) for row in rows)


async def forget_traces(found: Sequence[Trace]) -> None:
    """Delete these rows; call it once nothing else is left of them."""
    if found:
        async with write_transaction():
            await delete_unheld(Outbox, Outbox.id.is_in([trace.id for trace in found]))


async def erase_late_words(*, now: datetime) -> None:
    """Notes that somebody wrote about an application in the very moment in which its candidate left."""
    late = (History.subject_type == ApplicationMachine.subject) & History.subject_id.is_in(_applications(now))
    notes = HistoryNote.history.is_in(History.select(History.id).where(late))
    if await HistoryNote.exists().where(notes):
        async with write_transaction():
            await delete_unheld(HistoryNote, notes)


async def forget_empty_accounts(*, now: datetime) -> int:
    """Delete the rows of those who left a day ago without ever having applied, once their mails are gone; how many."""
    rows = await Candidate.select(Candidate.id).where(
        _left_lately(now) & (Candidate.erased_at <= now - _A_DAY)
    )
    ids = [row["id"] for row in rows]
    needed = await _that_applied(ids) | await _with_mails(ids)
    empty = [candidate_id for candidate_id in ids if candidate_id not in needed]
    if not empty:
        return 0
    async with write_transaction():
        return await delete_unheld(Candidate, Candidate.id.is_in(empty))


async def _that_applied(ids: Sequence[UUID]) -> set[UUID]:
    if not ids:
        return set()
    rows = await Application.select(Application.candidate).where(Application.candidate.is_in(list(ids)))
    return {row["candidate"] for row in rows}


async def _with_mails(ids: Sequence[UUID]) -> set[UUID]:
    if not ids:
        return set()
    rows = await Outbox.select(Outbox.subject_id).where(Outbox.subject_id.is_in(list(ids)))
    return {row["subject_id"] for row in rows}


def _left_lately(now: datetime) -> Any:
    return Candidate.erased_at > now - LATELY


def _applications(now: datetime) -> Any:
    left = Candidate.select(Candidate.id).where(_left_lately(now))
    return Application.select(Application.id).where(Application.candidate.is_in(left))


def _about_left(now: datetime) -> Any:
    left = Candidate.select(Candidate.id).where(_left_lately(now))
    return Outbox.subject_id.is_in(left) | Outbox.subject_id.is_in(_applications(now))
