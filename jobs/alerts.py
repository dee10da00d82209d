"""Alerts: every day and every week at their hour candidates hear what is new for them, late rather than never (L4)."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from jobs.indexing import document_of
from search.percolator import Percolator, SavedSearch
from workflow.alerts.bounces import note_bounce
from workflow.alerts.criteria import Criteria
from workflow.alerts.digests import Desk
from workflow.alerts.news import Matching
from workflow.alerts.runs import LEASE, HeldRun, begin_run, give_back, take_run
from workflow.alerts.visiting import PIECE, RunLost, carry_out
from workflow.database.connection import dialect
from workflow.mail_hours import FREQUENCIES, mail_hours
from workflow.offers.queries import OfferView
from workflow.settings import Settings

OFTEN = 15.0
"""Seconds between two looks for a run that is due, or that has lost its worker."""

_BREATH = 0.05
"""Seconds between two pieces on SQLite, whose writers in other processes only look now and then for their turn."""

_log = structlog.get_logger(__name__)


async def note_refusal(recipient: str, code: int, said: str, *, now: datetime) -> None:
    """Let the alerts of a candidate rest whose address its server refuses for good."""
    if await note_bounce(recipient, said, now=now):
        _log.warning("alerts rest", code=code, reason="the address of their candidate is refused")


class AlertTeller:
    """Begins and carries out the runs that are due. Any number of workers may do so, again and again.

    `is_stopping`: begin no further piece, and leave the run to others. `piece`: alerts in one transaction, about.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], datetime],
        *,
        is_stopping: Callable[[], bool] = lambda: False,
        lease: timedelta = LEASE,
        piece: int = PIECE,
    ) -> None:
        self._hours = mail_hours(settings)
        self._desk = Desk(settings.base_url, settings.secret_key, settings.timezone)
        self._clock = clock
        self._is_stopping = is_stopping
        self._lease = lease
        self._piece = piece

    async def tend(self) -> None:
        """Carry out what is due, until nothing is or the worker stops."""
        while not self._is_stopping():
            for frequency in FREQUENCIES:
                await begin_run(frequency, hours=self._hours, now=self._clock())
            run = await take_run(now=self._clock(), lease=self._lease)
            if run is None:
                return
            await self._carry_out(run)

    async def _carry_out(self, run: HeldRun) -> None:
        told = {"run": run.id, "frequency": run.frequency, "period": run.period}
        _log.info("alert run goes on" if run.done_through else "alert run begins", **told)
        try:
            is_finished = await carry_out(
                run,
                matcher=self._matcher,
                desk=self._desk,
                clock=self._clock,
                is_enough=self._is_stopping,
                piece=self._piece,
                lease=self._lease,
                after_piece=self._breathe,
            )
        except RunLost:
            _log.warning("alert run taken over by another worker", **told)
            return
        except BaseException:
            await give_back(run)
            raise
        if is_finished:
            _log.info("alert run finished", **told)
        else:
            await give_back(run)

    def _matcher(self, offers: Sequence[OfferView]) -> Matching:
        """What the search understands by keywords and choices."""
        percolator = Percolator([document_of(offer, self._desk.zone) for offer in offers])

        def matching(criteria: Criteria) -> int:
            return percolator.matching(
                SavedSearch(
                    keywords=criteria.keywords,
                    region=criteria.region,
                    job_type=criteria.job_type,
                    industry=criteria.industry,
                    job=criteria.job,
                )
            )

        return matching

    @staticmethod
    async def _breathe() -> None:
        await asyncio.sleep(_BREATH if dialect() == "sqlite" else 0)
