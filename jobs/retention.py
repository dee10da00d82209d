"""What becomes of candidates' data by itself: wished deletions, accounts that nobody uses, files that nobody needs."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from jobs.composing import name_of
from workflow.alerts.forgetting import forget_told
from workflow.batches.commands import forget_batches
from workflow.database.connection import empty_log
from workflow.documents.storage import DocumentStore
from workflow.engine.machine import Terms
from workflow.errors import Conflict
from workflow.limits import forget_attempts
from workflow.messages.mailbox import forget
from workflow.privacy import retention
from workflow.privacy.erasure import Reason, erase_candidate
from workflow.privacy.spans import Spans
from workflow.privacy.traces import (
    Trace,
    erase_late_words,
    forget_empty_accounts,
    forget_traces,
    has_anybody_left,
    orphans,
    traces,
)
from workflow.webhooks.forgetting import forget_messages

OFTEN = 30.0
"""Seconds between two looks for accounts whose day has come, and for mails that can be forgotten."""

SELDOM = timedelta(hours=1)
"""Between two rounds of all else."""

SWEEP = timedelta(minutes=5)
"""Between two looks for files that nobody needs, after somebody has left."""

SPARE = timedelta(minutes=10)
"""How long bytes without a row are left alone: their row may be on its way."""

_PORTIONS, _BREATH = 500, 0.05
"""Of what is forgotten in portions: so many a round, and seconds between two."""

_log = structlog.get_logger(__name__)


class DataKeeper:
    """Lets go of what the spans say. Every step can be repeated, and run beside itself.

    `mailbox`: the folder of a copy that sends no mail, or None; `secret_key` names the mails in it.
    """

    def __init__(
        self,
        store: DocumentStore,
        *,
        spans: Spans,
        terms: Terms,
        mailbox: Path | None,
        secret_key: str,
        clock: Callable[[], datetime],
        spare: timedelta = SPARE,
    ) -> None:
        self._store = store
        self._spans = spans
        self._terms = terms
        self._mailbox = mailbox
        self._secret_key = secret_key
        self._clock = clock
        self._spare = spare
        self._cleaned_at = self._swept_at = datetime.min.replace(tzinfo=UTC)

    async def tend(self) -> None:
        """Carry out wished deletions, forget what is left of those who went; every hour, `clean`."""
        now = self._clock()
        await self._erase(retention.accounts_to_delete(now), retention.is_deletion_due(now), "wish")
        await self._forget_traces()
        if self._cleaned_at <= now - SELDOM:
            await self.clean()
            self._cleaned_at = now
        elif self._swept_at <= now - SWEEP and await has_anybody_left(since=now - SELDOM):
            await self._sweep_files()

    async def clean(self) -> None:
        """Warn, and let go of all that has had its time."""
        now = self._clock()
        unused = retention.unused_accounts(self._spans, now)
        await self._erase(unused, retention.is_unused(self._spans, now), "unused")
        await self._each(retention.accounts_to_warn(self._spans, now), self._warn, "account not warned")
        await self._forget_traces()
        await retention.drop_registrations(now=now)
        await self._forget(orphans)
        await forget_empty_accounts(now=now)
        await retention.drop_expired(now=now)
        await forget_attempts(now=now)
        await forget_batches(now=now)
        await self._forget_told()
        await forget_messages(now=now)
        await self._sweep_files()
        await empty_log()

    async def _forget_told(self) -> None:
        """In portions, between which others may write; what is left waits for the next round."""
        for _ in range(_PORTIONS):
            if not await forget_told(now=self._clock()):
                return
            await asyncio.sleep(_BREATH)

    async def _sweep_files(self) -> None:
        """Not where the database knows of no document and of nobody who left: it may be another one than ours."""
        self._swept_at = self._clock()
        if not await retention.knows_documents():
            return
        deleted = await self._store.delete_unused(retention.digests_in_use, spare=self._spare)
        if deleted:
            _log.info("files deleted that nobody needs", files=deleted)

    async def _warn(self, candidate_id: UUID) -> None:
        zone: ZoneInfo = self._terms.zone
        await retention.warn_owner(candidate_id, spans=self._spans, zone=zone, now=self._clock())

    async def _erase(self, ids: AsyncIterable[UUID], is_due: retention.IsDue, reason: Reason) -> None:
        async def erase(candidate_id: UUID) -> None:
            erased = await erase_candidate(
                candidate_id, is_due=is_due, reason=reason, terms=self._terms, now=self._clock()
            )
            if erased:
                _log.info("account erased", candidate=str(candidate_id), reason=reason)

        await self._each(ids, erase, "account not erased")

    @staticmethod
    async def _each(ids: AsyncIterable[UUID], work: Callable[[UUID], Awaitable[None]], failure: str) -> None:
        """One account's failure must not keep the others; it is tried again at the next look."""
        async for candidate_id in ids:
            try:
                await work(candidate_id)
            except Conflict:
                _log.info("account waits for a decision on its way", candidate=str(candidate_id))
            except Exception as error:  # noqa: BLE001  # see above
                _log.error(failure, candidate=str(candidate_id), exc_info=error)

    async def _forget_traces(self) -> None:
        await erase_late_words(now=self._clock())
        await self._forget(traces)

    async def _forget(self, find: Callable[..., Awaitable[tuple[Trace, ...]]]) -> None:
        """First the mail in the mailbox, then its row, which is how it would be found again."""
        while found := await find(now=self._clock()):
            if self._mailbox is not None:
                names = {name_of(trace, key=self._secret_key) for trace in found}
                await asyncio.to_thread(forget, self._mailbox, names)
            await forget_traces(found)
            await empty_log()
            _log.info("mails forgotten of those who left", mails=len(found))
