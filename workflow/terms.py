"""The terms of moves that this installation's settings ask for."""

from datetime import timedelta

from workflow.engine.machine import Terms
from workflow.settings import Settings


def terms_of(settings: Settings) -> Terms:
    """What its machines ask for: the key of the chain, the grace, the time zone, the patience."""
    return Terms(
        history_key=settings.history_key.encode(),
        grace=timedelta(minutes=settings.undo_minutes),
        zone=settings.timezone,
        patience=timedelta(days=settings.remind_days),
    )
