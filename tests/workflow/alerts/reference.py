"""Alerts as plainly as they can be said: every alert remembers each offer that it looked at; there are no numbers."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass
class Offer:
    """`ended`: closed or cancelled by somebody; it closes by itself at `closes_at`."""

    id: UUID
    reference: str
    word: str
    region: str
    published_at: datetime
    closes_at: datetime
    ended: bool = False

    def is_open(self, now: datetime) -> bool:
        return not self.ended and now < self.closes_at


@dataclass
class Alert:
    """`wakes_after`: how many runs had begun when it began, went on, or took another frequency; none of them is its."""

    id: UUID
    candidate: UUID
    frequency: str
    word: str
    region: str
    since: datetime
    wakes_after: int
    stopped: bool = False
    looked_at: set[UUID] = field(default_factory=set)

    def begin(self, now: datetime, runs: int) -> None:
        self.stopped, self.since, self.wakes_after, self.looked_at = False, now, runs, set()

    def wants(self, offer: Offer) -> bool:
        return self.word in ("", offer.word) and self.region in ("", offer.region)


@dataclass
class Run:
    number: int
    frequency: str
    period: str
    news: frozenset[UUID]
    visited: set[UUID] = field(default_factory=set)


@dataclass
class Portal:
    """Everything that should be so. `told`: who should have been told of what, by which runs it may have been."""

    offers: dict[UUID, Offer] = field(default_factory=dict)
    alerts: dict[UUID, Alert] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    known: set[UUID] = field(default_factory=set)
    bounced: set[UUID] = field(default_factory=set)
    told: set[tuple[UUID, UUID]] = field(default_factory=set)

    def begin_run(self, frequency: str, period: str) -> Run:
        """What is published by now is known from now on."""
        self.known |= {offer.id for offer in self.offers.values() if not offer.ended}
        self.runs.append(Run(len(self.runs) + 1, frequency, period, frozenset(self.known)))
        return self.runs[-1]

    def visit(self, run: Run, candidate: UUID, now: datetime) -> None:
        """Each alert looks at what is new to it, and the candidate is told of what was never told."""
        run.visited.add(candidate)
        if candidate in self.bounced:
            return
        for alert in self.alerts.values():
            if alert.candidate == candidate and self.is_due(alert, run):
                for offer_id in run.news - alert.looked_at:
                    offer = self.offers[offer_id]
                    if alert.wants(offer) and offer.published_at >= alert.since and offer.is_open(now):
                        self.told.add((candidate, offer_id))
                alert.looked_at |= run.news

    def arrive_again(self, candidate: UUID) -> None:
        """They go on where they stood; the runs that there are by now are none of theirs."""
        if candidate in self.bounced:
            self.bounced.discard(candidate)
            for alert in self.alerts.values():
                if alert.candidate == candidate:
                    alert.wakes_after = len(self.runs)

    def is_due(self, alert: Alert, run: Run) -> bool:
        return alert.frequency == run.frequency and not alert.stopped and alert.wakes_after < run.number
