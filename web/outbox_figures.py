"""What `/metrics` says of mails, alerts, timers, webhooks and workers, as the database knows it."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from workflow import vital_signs
from workflow.messages.policies import Priority, policy_of
from workflow.messages.rendering import kinds
from workflow.vital_signs import Counted, LastRun, Waiting
from workflow.workers import workers_alive

PATIENCE = 5.0
"""Seconds that the questions may take all together."""

HOUR = timedelta(hours=1)
WORK = "work"
"""The group of all that is no mail: offers for the index, copies of data, batches, webhooks."""

GROUPS = (*(priority.name.lower() for priority in Priority), WORK)

_MAILS = kinds()

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is told at one instant. `waits`: group → (quantile, seconds)."""

    now: datetime
    waiting: Sequence[Waiting]
    given_up: Sequence[Counted]
    settled: Sequence[Counted]
    waits: dict[str, Sequence[tuple[float, float]]]
    timers: int
    last_runs: Sequence[LastRun]
    under_way: dict[str, datetime]
    workers: int
    webhooks: tuple[int, int]


async def outbox_figures(now: datetime) -> bytes:
    """The figures in Prometheus' words. When the database fails or takes too long, only that is told."""
    begun = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            figures = await _asked(now)
    except Exception as error:  # noqa: BLE001  # whatever it is, the other figures are still to be had
        _log.warning("figures could not be read", reason=repr(error))
        figures = None
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(figures, time.monotonic() - begun))
    return generate_latest(registry)


async def _asked(now: datetime) -> Figures:
    mails = {group: [kind for kind in _MAILS if group_of(kind) == group] for group in GROUPS}
    return Figures(
        now=now,
        waiting=await vital_signs.waiting(now),
        given_up=await vital_signs.given_up(),
        settled=await vital_signs.settled_since(now - HOUR),
        waits={
            group: await vital_signs.waits_of_sent(members, since=now - HOUR)
            for group, members in mails.items()
        },
        timers=await vital_signs.overdue_timers(now),
        last_runs=await vital_signs.last_runs(),
        under_way=await vital_signs.runs_under_way(),
        workers=await workers_alive(now),
        webhooks=await vital_signs.troubled_webhooks(),
    )


def group_of(kind: str) -> str:
    """What rows of a kind are counted with: mails by their priority, all the rest together."""
    return policy_of(kind).priority.name.lower() if kind in _MAILS else WORK


class _Told(Collector):
    def __init__(self, figures: Figures | None, seconds: float) -> None:
        self._figures = figures
        self._seconds = seconds

    def collect(self) -> Iterator[Metric]:
        yield _gauge(
            "vivier_figures_up",
            "Whether the figures below could be read from the database.",
            int(self._figures is not None),
        )
        yield _gauge("vivier_figures_seconds", "How long reading them took.", self._seconds)
        if self._figures is not None:
            yield from _outbox(self._figures)
            yield from _alerts(self._figures)
            yield from _others(self._figures)


def _outbox(figures: Figures) -> Iterator[Metric]:
    yield _labelled(
        "vivier_outbox_rows",
        "Mails and other work of each kind that are not done: pending, claimed, dead, held. All webhooks are one kind.",
        ("kind", "state"),
        (
            *(((row.kind, "pending"), row.pending) for row in figures.waiting),
            *(((row.kind, "claimed"), row.claimed) for row in figures.waiting),
            *(((row.kind, row.state), row.rows) for row in figures.given_up),
        ),
    )
    groups = {group: [row for row in figures.waiting if group_of(row.kind) == group] for group in GROUPS}
    yield _labelled(
        "vivier_outbox_due_rows",
        "What should be done by now and is not.",
        ("group",),
        (((group,), sum(row.due for row in rows)) for group, rows in groups.items()),
    )
    yield _labelled(
        "vivier_outbox_postponed_rows",
        "What failed and waits for its next try.",
        ("group",),
        (((group,), sum(row.postponed for row in rows)) for group, rows in groups.items()),
    )
    yield _labelled(
        "vivier_outbox_oldest_seconds",
        "For how long the oldest of what is due has been due, counted from the first time; 0 when nothing is.",
        ("group",),
        (((group,), _age(rows, figures.now)) for group, rows in groups.items()),
    )
    yield _labelled(
        "vivier_outbox_settled_last_hour",
        "What came to its end in the last hour: sent, dead, cancelled.",
        ("kind", "state"),
        (((row.kind, row.state), row.rows) for row in figures.settled),
    )
    yield _labelled(
        "vivier_outbox_latency_last_hour_seconds",
        "How long mails sent in the last hour took from when they were first due; quantile 1.0 is the slowest.",
        ("group", "quantile"),
        (
            ((group, str(quantile)), seconds)
            for group, waits in figures.waits.items()
            for quantile, seconds in waits
        ),
    )


def _age(rows: Iterable[Waiting], now: datetime) -> float:
    oldest = min((row.oldest for row in rows if row.oldest is not None), default=now)
    return max(0.0, (now - oldest).total_seconds())


def _alerts(figures: Figures) -> Iterator[Metric]:
    yield _of_runs(
        "vivier_alert_run_started_timestamp_seconds",
        "When the newest run of alerts that has ended began.",
        ((run.frequency, run.started_at.timestamp()) for run in figures.last_runs),
    )
    yield _of_runs(
        "vivier_alert_run_finished_timestamp_seconds",
        "When it ended.",
        ((run.frequency, run.finished_at.timestamp()) for run in figures.last_runs),
    )
    yield _of_runs(
        "vivier_alert_run_duration_seconds",
        "How long it took.",
        ((run.frequency, (run.finished_at - run.started_at).total_seconds()) for run in figures.last_runs),
    )
    for name, about in (
        ("alerts", "How many alerts it looked at."),
        ("digests", "How many people it wrote to."),
        ("offers", "How many times it told somebody of an offer."),
    ):
        yield _of_runs(
            f"vivier_alert_run_{name}",
            about,
            ((run.frequency, getattr(run, name)) for run in figures.last_runs),
        )
    yield _of_runs(
        "vivier_alert_run_under_way_seconds",
        "For how long a run has been under way.",
        ((each, (figures.now - since).total_seconds()) for each, since in figures.under_way.items()),
    )


def _others(figures: Figures) -> Iterator[Metric]:
    failing, stopped = figures.webhooks
    yield _gauge(
        "vivier_timers_overdue", "Timers that should have fired more than a minute ago.", figures.timers
    )
    yield _gauge("vivier_workers_alive", "Workers that gave a sign of life of late.", figures.workers)
    yield _gauge("vivier_webhooks_failing", "Subscriptions whose receiver fails just now.", failing)
    yield _gauge("vivier_webhooks_stopped", "Subscriptions that were stopped.", stopped)


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def _of_runs(name: str, about: str, values: Iterable[tuple[str, float]]) -> Metric:
    return _labelled(name, about, ("frequency",), (((frequency,), value) for frequency, value in values))


def _labelled(
    name: str, about: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], float]]
) -> Metric:
    family = GaugeMetricFamily(name, about, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family
