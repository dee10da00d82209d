"""The alerts of a candidate, as their owner sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from workflow.alerts.criteria import Criteria
from workflow.alerts.tables import Alert

MOST_ALERTS = 10
"""So many a candidate may have (L2); those that are stopped count."""


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert. `stopped_at`: since when it rests, None while it is active."""

    id: UUID
    candidate_id: UUID
    frequency: str
    criteria: Criteria
    stopped_at: datetime | None
    created_at: datetime
    edited_at: datetime

    @property
    def is_active(self) -> bool:
        """Whether it tells of offers; not whether its candidate can be reached."""
        return self.stopped_at is None


async def alerts_of(candidate_id: UUID) -> tuple[AlertView, ...]:
    """All of them, the oldest first."""
    rows = (
        await Alert.select()
        .where(Alert.candidate == candidate_id)
        .order_by(Alert.created_at)
        .order_by(Alert.id)
    )
    return tuple(map(alert_view, rows))


async def alert_of(candidate_id: UUID, alert_id: UUID) -> AlertView | None:
    """One of the candidate's own."""
    row = await Alert.select().where(Alert.id == alert_id, Alert.candidate == candidate_id).first()
    return alert_view(row) if row else None


async def number_of_alerts(candidate_id: UUID) -> int:
    """How many a candidate has."""
    return int(await Alert.count().where(Alert.candidate == candidate_id))


def alert_view(row: Mapping[str, Any]) -> AlertView:
    """What a row of the table says."""
    return AlertView(
        id=row["id"],
        candidate_id=row["candidate"],
        frequency=row["frequency"],
        criteria=Criteria(**{name: row[name] for name in Criteria.__dataclass_fields__}),
        stopped_at=row["stopped_at"],
        created_at=row["created_at"],
        edited_at=row["edited_at"],
    )
