"""What candidates do with their alerts (L1, L2). Each holds the candidate first, so that ten stay ten."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from workflow.alerts.criteria import Criteria, Meaning, checked_alert, checked_frequency, digest_of
from workflow.alerts.cursors import beginning, carried_over
from workflow.alerts.queries import MOST_ALERTS
from workflow.alerts.tables import Alert
from workflow.candidates.holding import held_candidate, hold_candidate
from workflow.database.connection import write_transaction
from workflow.errors import AlertExists, NotFound, TooManyAlerts

Row = Mapping[str, Any]
Values = dict[Any, Any]


async def add_alert(
    candidate_id: UUID,
    data: Mapping[str, Any],
    *,
    meaning: Meaning,
    now: datetime,
    active: bool = True,
    new_id: Callable[[], UUID] = uuid4,
) -> UUID:
    """Make an alert, which tells of what is published from now on; its id. `meaning`: of keywords, in the search.

    Raises InvalidInput, AlertExists, TooManyAlerts, AuthenticationRequired.
    """
    frequency, criteria = checked_alert(data)
    digest, alert_id = digest_of(criteria, meaning), new_id()
    async with write_transaction():
        await hold_candidate(candidate_id, now=now)
        await _refuse_twin(candidate_id, digest)
        if await Alert.count().where(Alert.candidate == candidate_id) >= MOST_ALERTS:
            raise TooManyAlerts
        values = _columns(frequency, criteria, digest, now) | await beginning(now)
        alert = Alert({Alert.id: alert_id, Alert.candidate: candidate_id, Alert.created_at: now, **values})
        alert.stopped_at = None if active else now
        await Alert.insert(alert)
    return alert_id


async def edit_alert(
    candidate_id: UUID,
    alert_id: UUID,
    data: Mapping[str, Any],
    *,
    meaning: Meaning,
    now: datetime,
    active: bool | None = None,
) -> None:
    """Change an alert: what its next digest looks through stays the same, and goes by the new criteria.

    `active`: stop or resume it as well; None leaves that as it is.
    Raises InvalidInput, NotFound, AlertExists, AuthenticationRequired.
    """
    frequency, criteria = checked_alert(data)
    digest = digest_of(criteria, meaning)
    async with write_transaction():
        row = await _held_alert(candidate_id, alert_id, now=now)
        await _refuse_twin(candidate_id, digest, but=alert_id)
        values = _columns(frequency, criteria, digest, now)
        if frequency != row["frequency"]:
            values |= await carried_over(row["frequency"], frequency, row)
        if active is not None:
            values |= await (_resumed(row, now) if active else _stopped(row, now))
        await Alert.update(values).where(Alert.id == alert_id)


async def delete_alert(candidate_id: UUID, alert_id: UUID, *, now: datetime) -> None:
    """Take an alert away for good. Raises NotFound, AuthenticationRequired."""
    async with write_transaction():
        await _held_alert(candidate_id, alert_id, now=now)
        await Alert.delete().where(Alert.id == alert_id)


async def set_frequency_of_all(candidate_id: UUID, data: Mapping[str, Any], *, now: datetime) -> None:
    """Let all alerts that there are tell in one rhythm (L2). Raises InvalidInput, AuthenticationRequired."""
    frequency = checked_frequency(data)
    async with write_transaction():
        await hold_candidate(candidate_id, now=now)
        for row in await _rows(candidate_id):
            if row["frequency"] != frequency:
                values = await carried_over(row["frequency"], frequency, row)
                values |= {Alert.frequency: frequency, Alert.edited_at: now}
                await Alert.update(values).where(Alert.id == row["id"])


async def resume_alerts(candidate_id: UUID, alert_ids: Collection[UUID], *, now: datetime) -> None:
    """Let alerts that were stopped go on: they tell of what is published from now on.

    Those that are active stay as they are. Raises NotFound for one that is not the candidate's own, and
    AuthenticationRequired.
    """
    async with write_transaction():
        for alert_id in alert_ids:
            row = await _held_alert(candidate_id, alert_id, now=now)
            if values := await _resumed(row, now):
                await Alert.update(values).where(Alert.id == alert_id)


async def stop_alerts(
    candidate_id: UUID, alert_ids: Collection[UUID] | None = None, *, now: datetime
) -> tuple[UUID, ...]:
    """Let alerts rest, all of them by default; the ids of those that were active until now.

    It is no activity of the candidate's, for mail programs do it by themselves, and tells nobody whether somebody
    or an alert is there.
    """
    async with write_transaction():
        if await held_candidate(candidate_id) is None:
            return ()
        rows = [row for row in await _rows(candidate_id) if row["stopped_at"] is None]
        ids = tuple(row["id"] for row in rows if alert_ids is None or row["id"] in alert_ids)
        if ids:
            await Alert.update({Alert.stopped_at: now}).where(Alert.id.is_in(list(ids)))
    return ids


async def _stopped(row: Row, now: datetime) -> Values:
    return {} if row["stopped_at"] else {Alert.stopped_at: now}


async def _resumed(row: Row, now: datetime) -> Values:
    return await beginning(now) | {Alert.stopped_at: None} if row["stopped_at"] else {}


async def _held_alert(candidate_id: UUID, alert_id: UUID, *, now: datetime) -> Row:
    """Raises NotFound, also for somebody else's."""
    await hold_candidate(candidate_id, now=now)
    row: Row | None = (
        await Alert.select().where(Alert.id == alert_id, Alert.candidate == candidate_id).first()
    )
    if row is None:
        raise NotFound
    return row


async def _rows(candidate_id: UUID) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        await Alert.select().where(Alert.candidate == candidate_id).order_by(Alert.id)
    )
    return rows


async def _refuse_twin(candidate_id: UUID, digest: str, *, but: UUID | None = None) -> None:
    """Raises AlertExists when another alert of theirs looks for the same; how often it tells does not count."""
    twin = (
        await Alert.select(Alert.id).where(Alert.candidate == candidate_id, Alert.criteria == digest).first()
    )
    if twin and twin["id"] != but:
        raise AlertExists(alert=twin["id"])


def _columns(frequency: str, criteria: Criteria, digest: str, now: datetime) -> Values:
    return {
        Alert.frequency: frequency,
        Alert.job_type: criteria.job_type,
        Alert.industry: criteria.industry,
        Alert.job: criteria.job,
        Alert.region: criteria.region,
        Alert.keywords: criteria.keywords,
        Alert.criteria: digest,
        Alert.edited_at: now,
    }
