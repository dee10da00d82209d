"""Copies of candidates' data, made one after the other as they were asked for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import structlog

from jobs.leases import held
from workflow.documents.storage import DocumentStore
from workflow.engine import outbox
from workflow.engine.outbox import Claim
from workflow.privacy.commands import MAKE_ARCHIVE
from workflow.privacy.making import give_up_archive, make_archive

_LEASE = timedelta(minutes=2)
"""So long after its worker was killed another one begins a copy anew; one that works renews it in good time."""

_TRIES = 5
_PAUSE = timedelta(minutes=1)

_log = structlog.get_logger(__name__)


class ArchiveMaker:
    """Carries out the rows that ask for a copy. `scratch`: a folder on a disk with room for one."""

    kinds = frozenset({MAKE_ARCHIVE})

    def __init__(
        self,
        store: DocumentStore,
        *,
        scratch: Path,
        zone: ZoneInfo,
        clock: Callable[[], datetime],
        lease: timedelta = _LEASE,
    ) -> None:
        self._store = store
        self._scratch = scratch
        self._zone = zone
        self._clock = clock
        self._lease = lease

    async def sweep(self) -> bool:
        """Make one copy, if one was asked for."""
        kinds = sorted(self.kinds)
        if not await outbox.is_any_due(kinds, self._clock()):
            return False
        claims = await outbox.claim(kinds=kinds, limit=1, lease=self._lease, token=uuid4(), now=self._clock())
        for claim in claims:
            await self._carry_out(claim)
        return bool(claims)

    async def _carry_out(self, claim: Claim) -> None:
        archive_id = UUID(claim.params["archive_id"])
        if claim.attempts > _TRIES:  # the last try ended together with its worker
            await self._give_up(archive_id, claim, "its worker died")
            return
        try:
            async with held(claim, lease=self._lease, clock=self._clock):
                is_made = await make_archive(
                    archive_id,
                    store=self._store,
                    scratch=self._scratch,
                    zone=self._zone,
                    now=self._clock(),
                )
        except Exception as error:  # noqa: BLE001  # one copy's failure must not keep the others waiting
            await self._try_again(archive_id, claim, error)
            return
        said = "made" if is_made else "nobody waits for it"
        await outbox.settle(claim, state=outbox.SENT, receipt=said, now=self._clock())
        _log.info("archive made", row=claim.id, made=is_made)

    async def _try_again(self, archive_id: UUID, claim: Claim, error: Exception) -> None:
        _log.error("archive failed", row=claim.id, attempts=claim.attempts, exc_info=error)
        why = type(error).__name__
        if claim.attempts >= _TRIES:
            await self._give_up(archive_id, claim, why)
        else:
            await outbox.postpone(claim, until=self._clock() + claim.attempts * _PAUSE, receipt=why)

    async def _give_up(self, archive_id: UUID, claim: Claim, why: str) -> None:
        """First the archive, then its row, by which a worker after us finds it. `vivier doctor` counts it."""
        await give_up_archive(archive_id, now=self._clock())
        await outbox.settle(claim, state=outbox.DEAD, receipt=why, now=self._clock())
        _log.error(
            "archive given up", archive=str(archive_id), row=claim.id, attempts=claim.attempts, reason=why
        )
