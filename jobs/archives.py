"""Copies of candidates' data, made one after the other as they were asked for."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from jobs.errands import Errands
from workflow.documents.storage import DocumentStore
from workflow.privacy.commands import MAKE_ARCHIVE
from workflow.privacy.making import give_up_archive, make_archive

_LEASE = timedelta(minutes=2)
"""So long after its worker was killed another one begins a copy anew; one that works renews it in good time."""


class ArchiveMaker(Errands):
    """Carries out the rows that ask for a copy. `scratch`: a folder on a disk with room for one."""

    kinds = frozenset({MAKE_ARCHIVE})
    name = "archive"
    pause = timedelta(minutes=1)

    def __init__(
        self,
        store: DocumentStore,
        *,
        scratch: Path,
        zone: ZoneInfo,
        clock: Callable[[], datetime],
        lease: timedelta = _LEASE,
    ) -> None:
        super().__init__(clock=clock, lease=lease)
        self._store = store
        self._scratch = scratch
        self._zone = zone

    async def _carry_out(self, about: UUID, _progressed: Callable[[], Awaitable[None]], /) -> str:
        is_made = await make_archive(
            about, store=self._store, scratch=self._scratch, zone=self._zone, now=self._clock()
        )
        return "made" if is_made else "nobody waits for it"

    async def _give_up(self, about: UUID) -> None:
        await give_up_archive(about, now=self._clock())
