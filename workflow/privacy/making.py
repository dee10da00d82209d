"""Making the copies that were asked for, by a worker: the file first, then its row and the mail that it is ready."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from anyio import to_thread

from workflow.candidates.holding import held_candidate
from workflow.database.connection import write_transaction
from workflow.documents.storage import DocumentStore
from workflow.errors import NotFound
from workflow.privacy.archive import written_archive
from workflow.privacy.mails import day_for, tell_of_data
from workflow.privacy.spans import ARCHIVE
from workflow.privacy.tables import Archive


async def make_archive(
    archive_id: UUID, *, store: DocumentStore, scratch: Path, zone: ZoneInfo, now: datetime
) -> bool:
    """Make a copy, keep it in the store, and tell its candidate; False when nobody waits for it (any more).

    May run again, also beside itself: the first one to end counts. `scratch`: a folder for a file without
    a name, which is gone when this process ends, however it ends.
    """
    row = await Archive.select().where(_is_under_way(archive_id)).first()
    if row is None:
        return False
    with await to_thread.run_sync(lambda: TemporaryFile(dir=scratch)) as file:
        try:
            await written_archive(row["candidate"], file, store=store, now=now)
        except NotFound:
            return False
        size = file.tell()
        digest = await store.put_file(file)
    return await _finished(row, size, digest, zone, now)


async def _finished(row: dict[str, Any], size: int, digest: str, zone: ZoneInfo, now: datetime) -> bool:
    expires_at = now + ARCHIVE
    async with write_transaction():
        candidate = await held_candidate(row["candidate"])
        finished = (
            await Archive.update(
                {
                    Archive.ready_at: now,
                    Archive.expires_at: expires_at,
                    Archive.size: size,
                    Archive.digest: digest,
                }
            )
            .where(_is_under_way(row["id"]))
            .returning(Archive.id)
        )
        if not finished or candidate is None:
            return False
        day = day_for(candidate, expires_at, zone)
        await tell_of_data(candidate, "archive_ready", str(row["id"]), now=now, day=day)
    return True


async def give_up_archive(archive_id: UUID, *, now: datetime) -> None:
    """Say that a copy could not be made, so that nobody waits for it and another one may be asked for."""
    async with write_transaction():
        await Archive.update({Archive.failed_at: now}).where(_is_under_way(archive_id))


def _is_under_way(archive_id: UUID) -> Any:
    return (Archive.id == archive_id) & Archive.ready_at.is_null() & Archive.failed_at.is_null()
