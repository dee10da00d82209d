"""The terms of moves that this installation's settings ask for."""

from datetime import timedelta

from workflow.engine.moves import Terms
from workflow.settings import Settings


def terms_of(settings: Settings) -> Terms:
    """The grace period and the key of the history's chain."""
    return Terms(history_key=settings.history_key.encode(), grace=timedelta(minutes=settings.undo_minutes))
