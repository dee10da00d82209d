"""What goes by itself: accounts that nobody uses, registrations that nobody confirms, what has expired (A9).

Activity is what a candidate does: logging in (a login lasts 30 days at most), confirming the account, saving the
profile, applying, keeping the account. What recruiters do with their applications is none.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from piccolo.columns.combination import WhereRaw

from workflow.applications.drafts import drop_old_drafts
from workflow.candidates.holding import held_candidate
from workflow.candidates.tables import (
    Candidate,
    CandidateLink,
    CandidateSession,
    Registration,
    TemporaryPassword,
)
from workflow.database.connection import write_transaction
from workflow.documents.tables import Document
from workflow.engine.statements import delete_unheld
from workflow.engine.tables import Outbox
from workflow.privacy.commands import MAKE_ARCHIVE
from workflow.privacy.mails import day_for, tell_of_data
from workflow.privacy.queries import GIVEN_UP
from workflow.privacy.spans import LINKS, UNCONFIRMED, WARNING, Spans
from workflow.privacy.tables import Archive

IsDue = Callable[[Mapping[str, Any]], bool]
"""Asked about a candidate's row."""

_AT_ONCE = 500

_AFTERTHOUGHT = timedelta(days=1)
_UNUSED = WhereRaw(
    """
    NOT EXISTS (SELECT 1 FROM candidate c WHERE c.id = document.candidate AND c.profile_cv = document.id)
    AND NOT EXISTS (SELECT 1 FROM application a WHERE a.cv = document.id)
    AND NOT EXISTS (SELECT 1 FROM application a WHERE a.covering_letter = document.id)
    AND NOT EXISTS (SELECT 1 FROM draft d WHERE d.cv = document.id OR d.covering_letter = document.id)
    """
)


def is_deletion_due(now: datetime) -> IsDue:
    """Whether the day has come that its owner wished for."""
    return lambda row: row["deletes_at"] is not None and row["deletes_at"] <= now


def is_unused(spans: Spans, now: datetime) -> IsDue:
    """Whether an account was unused for the whole span, and its owner was warned of it and given the time."""
    return lambda row: (
        row["last_active_at"] <= now - spans.retention
        and _is_warned(row)
        and row["warned_at"] <= now - WARNING
    )


def _is_warned(row: Mapping[str, Any]) -> bool:
    """Activity after a warning makes it worth nothing."""
    return row["warned_at"] is not None and row["warned_at"] >= row["last_active_at"]


def accounts_to_delete(now: datetime) -> AsyncIterator[UUID]:
    """Those whose owners' day has come."""
    return _ids(Candidate.deletes_at <= now)


def unused_accounts(spans: Spans, now: datetime) -> AsyncIterator[UUID]:
    """Those whose span is over; `is_unused` has the last word."""
    is_over = (Candidate.last_active_at <= now - spans.retention) & (Candidate.warned_at <= now - WARNING)
    return _ids(is_over)


def accounts_to_warn(spans: Spans, now: datetime) -> AsyncIterator[UUID]:
    """Those whose span is over in 30 days, and whose owners do not know yet."""
    has_forgotten = Candidate.warned_at.is_null() | (Candidate.warned_at < Candidate.last_active_at)
    nearly = Candidate.last_active_at <= now - spans.retention + WARNING
    return _ids(nearly & has_forgotten & Candidate.deletes_at.is_null())


async def _ids(wanted: Any) -> AsyncIterator[UUID]:
    """Some at a time, each once: however many cannot be dealt with, those behind them have their turn."""
    here, last = wanted & Candidate.erased_at.is_null(), UUID(int=0)
    while True:
        behind = here & (Candidate.id > last)
        page = await Candidate.select(Candidate.id).where(behind).order_by(Candidate.id).limit(_AT_ONCE)
        for row in page:
            yield row["id"]
        if len(page) < _AT_ONCE:
            return
        last = page[-1]["id"]


async def warn_owner(candidate_id: UUID, *, spans: Spans, zone: ZoneInfo, now: datetime) -> bool:
    """Tell the owner of an unused account on which day it will be deleted, and how to keep it; False if it is used."""
    async with write_transaction():
        candidate = await held_candidate(candidate_id)
        if candidate is None or _is_warned(candidate) or candidate["deletes_at"]:
            return False
        ends_at = candidate["last_active_at"] + spans.retention
        if ends_at > now + WARNING:
            return False
        await Candidate.update({Candidate.warned_at: now}).where(Candidate.id == candidate_id)
        day = day_for(candidate, max(ends_at, now + WARNING), zone)
        await tell_of_data(candidate, "account_unused", f"{candidate_id}/{now.isoformat()}", now=now, day=day)
    return True


async def drop_registrations(*, now: datetime) -> None:
    """Delete those that nobody has confirmed in their time; of the others, that their links were used."""
    unconfirmed = Registration.used_at.is_null() & (Registration.created_at <= now - UNCONFIRMED)
    async with write_transaction():
        await delete_unheld(Registration, unconfirmed | (Registration.expires_at <= now - LINKS))


async def drop_expired(*, now: datetime) -> None:
    """Delete what has had its time: logins, links, passwords, copies of data, drafts.

    And CVs that were replaced and went with no application.
    """
    over = (CandidateSession.expires_at <= now) | (CandidateSession.ends_at <= now)
    never_ready = Archive.ready_at.is_null() & (Archive.asked_at <= now - GIVEN_UP)
    async with write_transaction():
        await delete_unheld(CandidateSession, over)
        await delete_unheld(CandidateLink, CandidateLink.expires_at <= now - LINKS)
        await delete_unheld(TemporaryPassword, TemporaryPassword.expires_at <= now)
        await delete_unheld(Archive, never_ready | (Archive.expires_at <= now))
        await drop_old_drafts(now=now)
        await delete_unheld(Document, (Document.created_at <= now - _AFTERTHOUGHT) & _UNUSED)


async def digests_in_use(digests: list[str]) -> set[str]:
    """Those of the keys of the document store that a row points to."""
    documents = await Document.select(Document.digest).where(Document.digest.is_in(digests))
    archives = await Archive.select(Archive.digest).where(Archive.digest.is_in(digests))
    return {row["digest"] for row in (*documents, *archives)}


async def knows_documents() -> bool:
    """Whether this database has, or had, anything to do with files."""
    return bool(
        await Document.exists()
        or await Candidate.exists().where(Candidate.erased_at.is_not_null())
        or await Outbox.exists().where(Outbox.kind == MAKE_ARCHIVE)
    )
