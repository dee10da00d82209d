"""The figures by which operators see whether the portal does what it has promised: read from the database alone.

Whoever asks gets the same, whichever process answers, and nothing is lost with a process. Each question is
answered from an index, so that asking stays cheap while mails are many.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from workflow.alerts.tables import AlertRun
from workflow.database.connection import dialect
from workflow.engine.tables import Outbox, Timer
from workflow.webhooks.events import is_message
from workflow.webhooks.tables import Webhook

TIMER_PATIENCE = timedelta(minutes=1)
"""A timer that should have fired so long ago is overdue."""

QUANTILES = (0.5, 0.9, 0.99, 1.0)

WEBHOOK = "webhook"
"""What the messages to all subscriptions are counted as: each subscription has a kind of its own."""

_TENTHS = {
    "sqlite": "CAST((julianday(settled_at) - julianday(COALESCE(first_due_at, due_at))) * 864000 + 0.5 AS INTEGER)",
    "postgres": "ROUND(EXTRACT(EPOCH FROM settled_at - COALESCE(first_due_at, due_at)) * 10)::BIGINT",
}
"""How long a row of the outbox took, in tenths of seconds."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows of the outbox of one kind that are still to be done; messages to subscriptions are of one kind here.

    `due`: how many should have been done by now, those in hand (`claimed`) among them; `oldest`: since when the
    first of them should have been; `postponed`: how many failed and wait for their next try.
    """

    kind: str
    pending: int
    claimed: int
    due: int
    postponed: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows of a kind are in a state."""

    kind: str
    state: str
    rows: int


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run of alerts of a frequency that has ended."""

    frequency: str
    started_at: datetime
    finished_at: datetime
    alerts: int
    digests: int
    offers: int


async def waiting(now: datetime) -> tuple[Waiting, ...]:
    """What is still to be done, of each kind that there is."""
    rows = await Outbox.raw(
        "SELECT kind, SUM(CASE WHEN state = 'pending' THEN 1 ELSE 0 END) AS pending, "
        "SUM(CASE WHEN state = 'claimed' THEN 1 ELSE 0 END) AS claimed, "
        "SUM(CASE WHEN due_at <= {} THEN 1 ELSE 0 END) AS due, "
        "SUM(CASE WHEN due_at > {} AND first_due_at IS NOT NULL THEN 1 ELSE 0 END) AS postponed, "
        "MIN(CASE WHEN due_at <= {} THEN COALESCE(first_due_at, due_at) END) AS oldest "
        "FROM outbox WHERE state IN ('pending', 'claimed') GROUP BY kind ORDER BY kind",
        now,
        now,
        now,
    )
    found: dict[str, Waiting] = {}
    for row in rows:
        kind = _counted_as(row["kind"])
        one = Waiting(**{**row, "kind": kind, "oldest": _instant(row["oldest"])})
        found[kind] = _sum(found[kind], one) if kind in found else one
    return tuple(found.values())


async def given_up() -> tuple[Counted, ...]:
    """What could not be done, and what is held until somebody decides."""
    rows = await Outbox.raw(
        "SELECT kind, state, COUNT(*) AS rows FROM outbox WHERE state IN ('dead', 'held') "
        "GROUP BY kind, state ORDER BY kind, state"
    )
    return _counted(rows)


async def settled_since(instant: datetime) -> tuple[Counted, ...]:
    """What was sent, given up, cancelled since then, as far as the rows are still there."""
    rows = await Outbox.raw(
        "SELECT kind, state, COUNT(*) AS rows FROM outbox WHERE settled_at IS NOT NULL AND settled_at > {} "
        "GROUP BY kind, state ORDER BY kind, state",
        instant,
    )
    return _counted(rows)


async def waits_of_sent(kinds: Iterable[str], *, since: datetime) -> tuple[tuple[float, float], ...]:
    """How long what was sent since then had taken from when it was first due, retries included.

    For each of QUANTILES the seconds, to a tenth; nothing at all where nothing was sent.
    """
    names = sorted(kinds)
    if not names:
        return ()
    rows = await Outbox.raw(
        f"SELECT {_TENTHS[dialect()]} AS tenths, COUNT(*) AS rows FROM outbox "  # noqa: S608  # constants
        "WHERE settled_at IS NOT NULL AND settled_at > {} AND state = 'sent' "
        f"AND kind IN ({', '.join('{}' for _ in names)}) GROUP BY 1 ORDER BY 1",
        since,
        *names,
    )
    return _quantiles([(row["tenths"], row["rows"]) for row in rows])


async def overdue_timers(now: datetime) -> int:
    """How many timers should have fired and did not."""
    late = Timer.fired_at.is_null() & (Timer.due_at <= now - TIMER_PATIENCE)
    number: int = await Timer.count().where(late)
    return number


async def last_runs() -> tuple[LastRun, ...]:
    """The newest run of each frequency that has ended."""
    rows: list[dict[str, Any]] = await AlertRun.raw(
        "SELECT frequency, started_at, finished_at, alerts, digests, offers FROM alert_run WHERE id IN "
        "(SELECT MAX(id) FROM alert_run WHERE finished_at IS NOT NULL GROUP BY frequency) ORDER BY frequency"
    )
    return tuple(LastRun(**row) for row in rows)


async def runs_under_way() -> dict[str, datetime]:
    """Frequency → when its oldest run began that has not ended."""
    rows = (
        await AlertRun.select(AlertRun.frequency, AlertRun.started_at)
        .where(AlertRun.finished_at.is_null())
        .order_by(AlertRun.started_at, ascending=False)
    )
    return {row["frequency"]: row["started_at"] for row in rows}


async def troubled_webhooks() -> tuple[int, int]:
    """How many subscriptions fail just now, and how many have been stopped."""
    failing = Webhook.failing_since.is_not_null() & Webhook.stopped_at.is_null()
    return await Webhook.count().where(failing), await Webhook.count().where(Webhook.stopped_at.is_not_null())


def _counted_as(kind: str) -> str:
    return WEBHOOK if is_message(kind) else kind


def _counted(rows: Iterable[dict[str, Any]]) -> tuple[Counted, ...]:
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        found[_counted_as(row["kind"]), row["state"]] += row["rows"]
    return tuple(Counted(kind, state, number) for (kind, state), number in found.items())


def _sum(one: Waiting, other: Waiting) -> Waiting:
    return Waiting(
        kind=one.kind,
        pending=one.pending + other.pending,
        claimed=one.claimed + other.claimed,
        due=one.due + other.due,
        postponed=one.postponed + other.postponed,
        oldest=min((at for at in (one.oldest, other.oldest) if at is not None), default=None),
    )


def _quantiles(counted: Sequence[tuple[int, int]]) -> tuple[tuple[float, float], ...]:
    total = sum(rows for _, rows in counted)
    wanted = list(QUANTILES) if total else []
    found, seen = [], 0
    for tenths, rows in counted:
        seen += rows
        while wanted and seen >= wanted[0] * total:
            found.append((wanted.pop(0), max(0, tenths) / 10))
    return tuple(found)


def _instant(value: datetime | str | None) -> datetime | None:
    """SQLite gives what it has worked out as text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
