"""What candidates ask for their data (A9): a copy of it, that it goes, and that it stays after all."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from workflow.candidates.account import check_current_password
from workflow.candidates.holding import held_candidate
from workflow.candidates.links import (
    DELETION,
    end_links,
    found_link,
    mail_link,
    make_link,
    require_open,
    use_link,
)
from workflow.candidates.tables import Candidate
from workflow.checks import Checks
from workflow.database.connection import write_transaction
from workflow.engine.outbox import Announcement, record
from workflow.errors import (
    AccountKept,
    ArchiveTooSoon,
    ArchiveUnderWay,
    AuthenticationRequired,
    DeletionPlanned,
    LinkExpired,
    LinkUsed,
)
from workflow.privacy.mails import day_for, tell_of_data
from workflow.privacy.queries import latest_archive
from workflow.privacy.spans import Spans
from workflow.privacy.tables import Archive

MAKE_ARCHIVE = "make_archive"
"""The kind of outbox row that asks a worker to make a copy of somebody's data."""


async def ask_for_archive(candidate_id: UUID, *, now: datetime, new_id: Callable[[], UUID] = uuid4) -> UUID:
    """Have a worker make a copy of all that a candidate may know of themselves; its id. A mail says when it is ready.

    Raises ArchiveUnderWay while one is being made, ArchiveTooSoon within an hour of the last.
    """
    archive_id = new_id()
    async with write_transaction():
        await _own(candidate_id)
        await _require_none_new(candidate_id, now)
        await Archive.insert(Archive(id=archive_id, candidate=candidate_id, asked_at=now))
        task = Announcement(
            kind=MAKE_ARCHIVE,
            dedup_key=f"{MAKE_ARCHIVE}/{archive_id}",
            params={"archive_id": str(archive_id)},
            about=("candidate", candidate_id),
        )
        await record([task], now=now)
    return archive_id


async def _require_none_new(candidate_id: UUID, now: datetime) -> None:
    latest = await latest_archive(candidate_id, now=now)
    if latest is None:
        return
    if latest.is_under_way:
        raise ArchiveUnderWay
    if latest.next_at > now:
        raise ArchiveTooSoon(seconds=max(1, round((latest.next_at - now).total_seconds())))


async def ask_for_deletion(
    candidate_id: UUID, data: Mapping[str, Any], *, secret_key: str, now: datetime
) -> str:
    """Mail a link that confirms the deletion of the account; the address it goes to. Nothing is deleted by this.

    `data`: `current_password`. Raises CurrentPasswordWrong, DeletionPlanned.
    """
    candidate = await Candidate.select().where(Candidate.id == candidate_id).first()
    if candidate is None:
        raise AuthenticationRequired
    checks = Checks(data)
    await check_current_password(checks, candidate, data)
    checks.finish()
    async with write_transaction():
        candidate = await _own(candidate_id)
        if candidate["deletes_at"]:
            raise DeletionPlanned
        token = await make_link(candidate, DELETION, now=now)
        email: str = candidate["email"]
        await mail_link(candidate, DELETION, token, recipient=email, secret_key=secret_key, now=now)
    return email


async def confirm_deletion(token: str, *, spans: Spans, zone: ZoneInfo, now: datetime) -> datetime:
    """Plan the deletion that a link was mailed for; its instant. A mail says how to take it back until then.

    Raises LinkUsed, AccountKept where its owner has changed their mind since, LinkExpired.
    """
    deletes_at = now + spans.reflection
    async with write_transaction():
        link = await found_link(token, DELETION)
        candidate = await held_candidate(link["candidate"])
        if candidate is None:
            raise LinkExpired
        try:
            await use_link(link, now=now)
        except LinkUsed:
            raise _used(candidate) from None
        await Candidate.update({Candidate.deletes_at: deletes_at}).where(Candidate.id == candidate["id"])
        day = day_for(candidate, deletes_at, zone)
        await tell_of_data(candidate, "deletion_planned", link["token_digest"], now=now, day=day)
    return deletes_at


async def check_deletion_link(token: str, *, now: datetime) -> None:
    """What `confirm_deletion` would raise, before anybody presses; nothing is changed."""
    link = await found_link(token, DELETION)
    candidate = await Candidate.select().where(Candidate.id == link["candidate"]).first()
    if candidate is None or candidate["erased_at"]:
        raise LinkExpired
    try:
        require_open(link, now=now)
    except LinkUsed:
        raise _used(candidate) from None


def _used(candidate: Mapping[str, Any]) -> LinkUsed:
    """What became of the account whose link was used."""
    return LinkUsed() if candidate["deletes_at"] else AccountKept()


async def keep_account(candidate_id: UUID, *, now: datetime) -> bool:
    """Take back a deletion, planned or only asked for; whether one was planned, which a mail then says.

    It counts as activity.
    """
    async with write_transaction():
        candidate = await _own(candidate_id)
        await end_links(candidate_id, DELETION, now=now)
        if candidate["deletes_at"] is None:
            return False
        await Candidate.update({Candidate.deletes_at: None, Candidate.last_active_at: now}).where(
            Candidate.id == candidate_id
        )
        key = f"{candidate_id}/{candidate['deletes_at'].isoformat()}"
        await tell_of_data(candidate, "account_kept", key, now=now)
    return True


async def _own(candidate_id: UUID) -> dict[str, Any]:
    """Raises AuthenticationRequired for an account that went while its last request was under way."""
    candidate = await held_candidate(candidate_id)
    if candidate is None:
        raise AuthenticationRequired
    return candidate
