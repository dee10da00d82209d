"""Seals what has happened, while the worker runs, and tells the log: a witness outside the database."""

from collections.abc import Callable
from datetime import datetime

import structlog

from workflow.database.connection import write_transaction
from workflow.engine.checkpoints import CheckpointRefused, extend

INTERVAL = 600.0
"""Seconds between two looks; what happened since the last one is not sealed yet."""

_ADVICE = "run: vivier verify-history"

_log = structlog.get_logger(__name__)


class Checkpointer:
    """Takes checkpoints with the key of the history."""

    def __init__(self, key: bytes, clock: Callable[[], datetime]) -> None:
        self._key = key
        self._clock = clock
        self._told = 0

    async def take(self) -> None:
        """Seal what has happened, if anything has; the newest checkpoint is logged once, with what proves it.

        Where the last one does not verify, or is missing over a history, an error is logged and none is taken.
        """
        try:
            extension = await extend(transaction=write_transaction, key=self._key, now=self._clock())
        except CheckpointRefused as refused:
            _log.error("history checkpoint refused", reason=str(refused), advice=_ADVICE)
            return
        newest = extension.newest
        if newest.number != self._told:
            self._told = newest.number
            _log.info(
                "history checkpoint stands",
                checkpoint=f"{newest.number}:{newest.mac}",
                subjects=newest.subjects,
                through=newest.through_id,
            )
        if extension.faults:
            first, *others = extension.faults
            _log.error("history does not hold", fault=str(first), others=len(others), advice=_ADVICE)
