"""What candidates can ask about what becomes of their data."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from workflow.privacy.spans import ARCHIVE_EVERY
from workflow.privacy.tables import Archive

GIVEN_UP = timedelta(days=1)
"""An archive that is not ready by then never will be; and as long is it told of one that failed."""


@dataclass(frozen=True, slots=True)
class ArchiveView:
    """A copy of somebody's data. `size` in bytes and `digest`, its key in the store, once it is ready."""

    id: UUID
    asked_at: datetime
    ready_at: datetime | None
    failed_at: datetime | None
    expires_at: datetime | None
    size: int | None
    digest: str | None

    @property
    def is_under_way(self) -> bool:
        return self.ready_at is None and not self.has_failed

    @property
    def has_failed(self) -> bool:
        """Whether it was given up; another one may be asked for at once."""
        return self.failed_at is not None

    @property
    def next_at(self) -> datetime:
        """From when on another one may be asked for, once this one is not under way any more."""
        return self.failed_at or self.asked_at + ARCHIVE_EVERY


async def archives_of(candidate_id: UUID, *, now: datetime) -> tuple[ArchiveView, ...]:
    """Those that are being made or can be fetched, and those that failed lately, newest first."""
    rows = (
        await Archive.select()
        .where((Archive.candidate == candidate_id) & _is_there(now))
        .order_by(Archive.asked_at, ascending=False)
    )
    return tuple(_view(row) for row in rows)


async def latest_archive(candidate_id: UUID, *, now: datetime) -> ArchiveView | None:
    """The one of them that was asked for last."""
    return next(iter(await archives_of(candidate_id, now=now)), None)


async def archive_of(candidate_id: UUID, archive_id: UUID, *, now: datetime) -> ArchiveView | None:
    """One of them, if it is this candidate's."""
    return next((each for each in await archives_of(candidate_id, now=now) if each.id == archive_id), None)


def _is_there(now: datetime) -> Any:
    is_new = Archive.ready_at.is_null() & (Archive.asked_at > now - GIVEN_UP)
    return is_new | (Archive.expires_at > now)


def _view(row: dict[str, Any]) -> ArchiveView:
    return ArchiveView(**{name: row[name] for name in ArchiveView.__dataclass_fields__})
