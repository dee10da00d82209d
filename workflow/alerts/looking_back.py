"""What became of the runs of alerts, and how many alerts there are, for those who look after them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from piccolo.query.functions import Count

from workflow.alerts.tables import Alert, AlertRun
from workflow.candidates.tables import Candidate

_SHOWN = tuple(getattr(AlertRun, name) for name in ("id", "frequency", "period", "started_at", "finished_at"))


@dataclass(frozen=True, slots=True)
class RunView:
    """One run. `is_held`: a worker has it in hand; `offers`: how often an offer was told to somebody."""

    id: int
    frequency: str
    period: str
    started_at: datetime
    finished_at: datetime | None
    is_held: bool
    alerts: int
    digests: int
    offers: int

    @property
    def took(self) -> timedelta | None:
        """From its beginning to its end; None while it goes on."""
        return self.finished_at - self.started_at if self.finished_at else None


@dataclass(frozen=True, slots=True)
class AlertFigures:
    """How many alerts are active, by frequency; how many rest; whose mails come back, so that theirs rest as well."""

    daily: int
    weekly: int
    stopped: int
    bounced: int


async def last_runs(*, limit: int, offset: int = 0) -> tuple[tuple[RunView, ...], int]:
    """The newest first, and how many there are. A worker that died keeps its run in hand until its lease ends."""
    figures = (AlertRun.alerts, AlertRun.digests, AlertRun.offers)
    rows = (
        await AlertRun.select(*_SHOWN, AlertRun.lease_token, *figures)
        .order_by(AlertRun.id, ascending=False)
        .limit(limit)
        .offset(offset)
    )
    return tuple(_view(row) for row in rows), int(await AlertRun.count())


def _view(row: dict[str, Any]) -> RunView:
    is_held = row.pop("lease_token") is not None
    return RunView(**row, is_held=is_held)


async def alert_figures() -> AlertFigures:
    """As they are now."""
    is_active = Alert.stopped_at.is_null()
    rows = (
        await Alert.select(Alert.frequency, Count().as_alias("number"))
        .where(is_active)
        .group_by(Alert.frequency)
    )
    by_frequency = {row["frequency"]: int(row["number"]) for row in rows}
    bounced = Candidate.bounced_at.is_not_null() & Candidate.id.is_in(
        Alert.select(Alert.candidate).where(is_active)
    )
    return AlertFigures(
        daily=by_frequency.get("daily", 0),
        weekly=by_frequency.get("weekly", 0),
        stopped=int(await Alert.count().where(Alert.stopped_at.is_not_null())),
        bounced=int(await Candidate.count().where(bounced)),
    )
