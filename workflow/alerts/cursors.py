"""From where on an alert tells of offers: what a new one begins with, and what it keeps when things change.

A run goes through the candidates one after the other; where it stands with one is read while the candidate is held.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from workflow.alerts.tables import Alert, AlertRun
from workflow.candidates.tables import Candidate
from workflow.database.connection import hold_name

Values = dict[Any, Any]
"""Columns of `Alert` and what to set them to."""

_SLACK = timedelta(hours=1)
"""No two clocks differ by more, and no transaction that publishes an offer takes longer."""

RUNS = "alert runs"
"""Held alone by whoever begins a run, with others by whoever goes by the newest one, so that it stays that."""


async def beginning(now: datetime) -> Values:
    """What a new alert begins with, or one that rested: it tells of what is published from now on.

    Call it in the command's transaction while the candidate is held, and write the values in that transaction.
    """
    await hold_name(RUNS, with_others=True)
    long_ago = (
        await AlertRun.select(AlertRun.through)
        .where(AlertRun.started_at <= now - _SLACK)
        .order_by(AlertRun.id, ascending=False)
        .first()
    )
    return {
        Alert.since: now,
        Alert.from_number: long_ago["through"] if long_ago else 0,
        Alert.after_run: await _newest_run(),
    }


async def carried_over(old_frequency: str, new_frequency: str, alert: Mapping[str, Any]) -> Values:
    """What an alert keeps when its frequency changes: the first run of the new one goes on where the old one stood.

    `alert` is its row, with `candidate`, `from_number` and `after_run`. Call it in the command's transaction while
    the candidate is held. Nothing changes where the frequencies are the same. While mails to the candidate come
    back runs pass by, so it stands where it stood.
    """
    if old_frequency == new_frequency:
        return {}
    is_passed_by = (Candidate.id == alert["candidate"]) & Candidate.bounced_at.is_not_null()
    if await Candidate.exists().where(is_passed_by):
        return await staying()
    return await standing(old_frequency, alert)


async def standing(frequency: str, alert: Mapping[str, Any]) -> Values:
    """Where an alert stands now: it goes on from there with the next run that begins.

    `alert` and when to call it: as for `carried_over`.
    """
    values = await staying()
    last = await last_visit(frequency, alert["candidate"], after_run=alert["after_run"])
    return values if last is None else values | {Alert.from_number: last}


async def staying() -> Values:
    """What lets an alert go on from its own `from_number` with the next run that begins, whatever ran before.

    Call it as `carried_over`.
    """
    await hold_name(RUNS, with_others=True)
    return {Alert.after_run: await _newest_run()}


async def last_visit(frequency: str, candidate_id: UUID, *, after_run: int) -> int | None:
    """Through which number the last run that came by here told, of those that began after another; None: none did."""
    been = AlertRun.finished_at.is_not_null() | (AlertRun.done_through >= candidate_id)
    run = (
        await AlertRun.select(AlertRun.through)
        .where((AlertRun.frequency == frequency) & (AlertRun.id > after_run) & been)
        .order_by(AlertRun.id, ascending=False)
        .first()
    )
    return run["through"] if run else None


async def _newest_run() -> int:
    run = await AlertRun.select(AlertRun.id).order_by(AlertRun.id, ascending=False).first()
    return run["id"] if run else 0
