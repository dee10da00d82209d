"""Settling what dead workers of this machine had in hand, by their journals, before anything is claimed again."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import structlog

from jobs.composing import name_of
from jobs.journal import Left, abandoned
from workflow.engine import outbox
from workflow.engine.tables import Outbox

_log = structlog.get_logger(__name__)


async def recover(folder: Path, *, secret_key: str, now: datetime) -> bool:
    """Go through all journals that no living worker holds. What the server took is sent; the rest is free at once.

    False while another worker is doing it: then claim nothing yet, or mails that are out would go again.
    """
    with abandoned(folder) as lost:
        for left in lost or ():
            await _settle(left, secret_key=secret_key, now=now)
    return lost is not None


async def _settle(left: Left, *, secret_key: str, now: datetime) -> None:
    names = await _names([taken.row for taken in left.taken], secret_key)
    settled = 0
    for taken in left.taken:
        if names.get(taken.row) == taken.name:  # or it is a row of another database
            settled += await outbox.settle_late(taken.row, token=taken.token, receipt=taken.receipt, now=now)
    freed = await outbox.end_leases(left.tokens, now=now) if left.tokens else 0
    if settled or freed:
        _log.warning("work of a lost worker taken over", sent=settled, unfinished=freed)


class _Row(NamedTuple):
    id: int
    kind: str
    recipient: str | None
    created_at: datetime


async def _names(ids: Sequence[int], secret_key: str) -> dict[int, str]:
    if not ids:
        return {}
    columns = [getattr(Outbox, name) for name in _Row._fields]
    rows = await Outbox.select(*columns).where(Outbox.id.is_in(list(ids)))
    return {row["id"]: name_of(_Row(**row), key=secret_key) for row in rows}
