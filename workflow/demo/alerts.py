"""The alerts of the visitor of the demonstration: one of each frequency, and one that rests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from workflow.alerts.criteria import Criteria, Meaning, digest_of
from workflow.alerts.cursors import beginning
from workflow.alerts.tables import Alert
from workflow.reference.queries import SCIENTIFIC, TECHNICAL_ADMIN

_MADE_BEFORE = timedelta(days=12)
_RESTS_FOR = timedelta(days=5)

_ALERTS = (
    ("daily", Criteria(job_type=SCIENTIFIC), True),
    ("weekly", Criteria(job_type=TECHNICAL_ADMIN, industry="E", keywords="data OR données"), True),
    ("daily", Criteria(keywords="chimie", region="53"), False),
)
"""Frequency, what it looks for, whether it is active."""


async def write_alerts(
    candidate_id: UUID, *, meaning: Meaning, now: datetime, new_id: Callable[[], UUID]
) -> None:
    """Write them as if they were some days old: the first run has something to tell."""
    for number, (frequency, criteria, is_active) in enumerate(_ALERTS):
        made_at = now - _MADE_BEFORE + number * timedelta(minutes=4)
        values = await beginning(made_at) | {
            Alert.id: new_id(),
            Alert.candidate: candidate_id,
            Alert.frequency: frequency,
            Alert.criteria: digest_of(criteria, meaning),
            Alert.stopped_at: None if is_active else now - _RESTS_FOR,
            Alert.created_at: made_at,
            Alert.edited_at: made_at,
        }
        values |= {getattr(Alert, name): getattr(criteria, name) for name in Criteria.__dataclass_fields__}
        await Alert.insert(Alert(values))
