"""Carrying out a run: candidate after candidate hears what is new, each piece in one transaction.

What was told, the mail that tells it and how far the run has come are written together. Killed at any instant, the
run repeats nothing and leaves nobody out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresEngine

from workflow.alerts.digests import Desk
from workflow.alerts.news import Matcher, Matching, News, news_of, of_run, still_open
from workflow.alerts.runs import LEASE, HeldRun, is_held
from workflow.alerts.tables import Alert, AlertRun, AlertTold
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction
from workflow.engine import statements
from workflow.engine.outbox import rows_from
from workflow.engine.tables import Outbox

Row = Mapping[str, Any]

PIECE = 1000
"""Alerts looked at in a transaction, about."""

_INSERTED_AT_ONCE = 200


class RunLost(Exception):
    """Another worker goes on with this run: we were thought dead."""


@dataclass(slots=True)
class _Figures:
    """What a piece adds to the run's."""

    alerts: int
    digests: int = 0
    offers: int = 0


async def carry_out(
    run: HeldRun,
    *,
    matcher: Matcher,
    desk: Desk,
    clock: Callable[[], datetime],
    is_enough: Callable[[], bool],
    piece: int = PIECE,
    lease: timedelta = LEASE,
    after_piece: Callable[[], Awaitable[None]] | None = None,
) -> bool:
    """Visit everybody, or until it `is_enough` for this time; whether the run is finished.

    `after_piece`: what to do between two pieces. Raises RunLost.
    """
    news = await news_of(run, now=clock(), zone=desk.zone)
    matching = await asyncio.to_thread(matcher, news.offers)
    visits = _Visits(run, news, matching, desk, lease)
    done_through = run.done_through
    while not is_enough():
        alerts = await _next_alerts(run, done_through, piece)
        if not alerts:
            await _finish(run, now=clock())
            return True
        await visits.make(alerts, now=clock())
        done_through = alerts[-1]["candidate"]
        if after_piece:
            await after_piece()
    return False


async def _next_alerts(run: HeldRun, done_through: UUID | None, piece: int) -> list[dict[str, Any]]:
    """The alerts of the next candidates, all of each."""
    query = (
        Alert.select(*_COLUMNS)
        .where(of_run(run))
        .order_by(Alert.candidate)
        .order_by(Alert.id)
        .limit(piece + 1)
    )
    if done_through:
        query = query.where(Alert.candidate > done_through)
    rows: list[dict[str, Any]] = await query
    if len(rows) <= piece:
        return rows
    last: UUID = rows[-1]["candidate"]
    whole = [row for row in rows if row["candidate"] != last]
    return whole or (await _alerts_of(run, [last]))[last]


_COLUMNS = (
    Alert.id,
    Alert.candidate,
    Alert.job_type,
    Alert.industry,
    Alert.job,
    Alert.region,
    Alert.keywords,
    Alert.since,
    Alert.from_number,
    Alert.after_run,
)


async def _finish(run: HeldRun, *, now: datetime) -> None:
    async with write_transaction():
        await AlertRun.update(
            {
                AlertRun.finished_at: now,
                AlertRun.done_through: None,
                AlertRun.lease_token: None,
                AlertRun.lease_until: None,
            }
        ).where(is_held(run))


@dataclass(frozen=True, slots=True)
class _Visits:
    """The visits of one run by one worker."""

    run: HeldRun
    news: News
    matching: Matching
    desk: Desk
    lease: timedelta

    async def make(self, alerts: Sequence[Row], *, now: datetime) -> None:
        """Visit the candidates of these alerts. Raises RunLost, and nothing was written."""
        found = await asyncio.to_thread(self._looking_forward, alerts)
        figures = _Figures(alerts=len(alerts))
        async with write_transaction():
            await self._keep_hold(now)
            if found:
                await self._tell(found, figures, now)
            await AlertRun.update(
                {
                    AlertRun.done_through: alerts[-1]["candidate"],
                    AlertRun.alerts: AlertRun.alerts + figures.alerts,
                    AlertRun.digests: AlertRun.digests + figures.digests,
                    AlertRun.offers: AlertRun.offers + figures.offers,
                }
            ).where(AlertRun.id == self.run.id)

    async def _keep_hold(self, now: datetime) -> None:
        """Nobody can take the run before the transaction ends."""
        held = (
            await AlertRun.update({AlertRun.lease_until: now + self.lease})
            .where(is_held(self.run))
            .returning(AlertRun.id)
        )
        if not held:
            raise RunLost

    def _looking_forward(self, alerts: Iterable[Row]) -> list[UUID]:
        """The candidates for whom something may be new."""
        return list(
            dict.fromkeys(
                alert["candidate"] for alert in alerts if self.news.wanted(alert, self.run, self.matching)
            )
        )

    async def _tell(self, candidate_ids: Sequence[UUID], figures: _Figures, now: datetime) -> None:
        """Their alerts are read again while they are held: people go on editing them."""
        candidates = await _held_candidates(candidate_ids)
        alerts = await _alerts_of(self.run, list(candidates))
        wanted = {each: self._wanted(alerts.get(each, ())) for each in candidates}
        told = await self._told(wanted)
        is_open = await self._open({place for places in wanted.values() for place in places}, now)
        mails, news = [], []
        for candidate_id, places in wanted.items():
            new = [each for each in sorted(places, reverse=True) if each in is_open]
            new = [each for each in new if (candidate_id, self.news.offers[each].id) not in told]
            if new:
                offers = [(self.news.offers[each], places[each]) for each in new]
                of_theirs = alerts[candidate_id]
                mails.append(self.desk.digest(self.run, candidates[candidate_id], of_theirs, offers, now=now))
                news += [
                    {"candidate": candidate_id, "offer": offer.id, "run": self.run.id} for offer, _ in offers
                ]
        await _insert(AlertTold, news)
        await _insert(Outbox, rows_from(mails, now=now))
        figures.digests, figures.offers = len(mails), len(news)

    def _wanted(self, alerts: Sequence[Row]) -> dict[int, list[int]]:
        """Place of an offer → the places of those alerts that ask for it."""
        wanted: dict[int, list[int]] = {}
        for number, alert in enumerate(alerts):
            for place in self.news.wanted(alert, self.run, self.matching):
                wanted.setdefault(place, []).append(number)
        return wanted

    async def _told(self, wanted: Mapping[UUID, Mapping[int, object]]) -> set[tuple[UUID, UUID]]:
        """Who was told of which offer before: one that may be new to somebody has a number above what is looked at."""
        places = [place for places in wanted.values() for place in places]
        if not places:
            return set()
        first = await self._first_run_that_knew(self.news.numbers[min(places)])
        rows = await AlertTold.select(AlertTold.candidate, AlertTold.offer).where(
            AlertTold.candidate.is_in(list(wanted)) & (AlertTold.run >= first)
        )
        return {(row["candidate"], row["offer"]) for row in rows}

    async def _first_run_that_knew(self, number: int) -> int:
        knew = AlertRun.through >= number
        row = await AlertRun.select(AlertRun.id).where(knew).order_by(AlertRun.id).first()
        return int(row["id"]) if row else self.run.id

    async def _open(self, places: set[int], now: datetime) -> set[int]:
        by_id = {self.news.offers[place].id: place for place in places}
        found = await still_open(list(by_id), now=now, zone=self.desk.zone)
        return {by_id[offer_id] for offer_id in found}


async def _held_candidates(ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Those of them who are to stay and whose mails arrive, held in the order of their ids.

    Whoever has planned to go hears of nothing, and of what is published from then on if they change their mind.
    """
    query = (
        Candidate.select(
            Candidate.id,
            Candidate.email,
            Candidate.title,
            Candidate.first_name,
            Candidate.last_name,
            Candidate.language,
            *_PASSED_BY,
        )
        .where(Candidate.id.is_in(list(ids)))
        .order_by(Candidate.id)
    )
    if isinstance(Candidate._meta.db, PostgresEngine):
        query = query.lock_rows("UPDATE", of=(Candidate,))
    rows = await query
    reasons = [column._meta.name for column in _PASSED_BY]
    return {row["id"]: row for row in rows if all(row[reason] is None for reason in reasons)}


_PASSED_BY = (Candidate.bounced_at, Candidate.deletes_at, Candidate.erased_at)
"""Where one of them is set, a run tells nothing."""


async def _alerts_of(run: HeldRun, candidate_ids: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    if not candidate_ids:
        return {}
    rows = (
        await Alert.select(*_COLUMNS)
        .where(of_run(run) & Alert.candidate.is_in(candidate_ids))
        .order_by(Alert.candidate)
        .order_by(Alert.id)
    )
    return {key: list(each) for key, each in groupby(rows, key=lambda row: row["candidate"])}


async def _insert(table: Any, rows: Sequence[Row]) -> None:
    for begin in range(0, len(rows), _INSERTED_AT_ONCE):
        await statements.insert(table, rows[begin : begin + _INSERTED_AT_ONCE])
