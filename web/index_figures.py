"""What `/metrics` says of the index that this process searches in."""

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from search.errors import IndexUnusable
from search.queries import IndexState, OfferIndex


def index_figures(index: OfferIndex) -> bytes:
    """The figures in Prometheus' words; blocks, so call it in a thread."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(index))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, index: OfferIndex) -> None:
        self._index = index

    def collect(self) -> Iterator[Metric]:
        try:
            state = self._index.state()
        except IndexUnusable:
            state = None
        yield GaugeMetricFamily(
            "vivier_search_up", "Whether searches are answered.", value=int(state is not None)
        )
        if state is not None:
            yield from _of(state)


def _of(state: IndexState) -> Iterator[Metric]:
    changed = state.changed_at.timestamp()
    age = max(0.0, time.time() - changed)
    yield GaugeMetricFamily("vivier_search_generation", "Grows with every change.", value=state.generation)
    yield GaugeMetricFamily(
        "vivier_search_offers", "Offers in the index, closed ones too.", value=state.offers
    )
    yield GaugeMetricFamily("vivier_search_changed_timestamp_seconds", "When it last changed.", value=changed)
    yield GaugeMetricFamily("vivier_search_age_seconds", "How long ago that was.", value=age)
    yield CounterMetricFamily("vivier_search_rebuilds", "How often it was built.", value=state.rebuilds)
    yield CounterMetricFamily("vivier_search_damaged", "How often because of damage.", value=state.damaged)
