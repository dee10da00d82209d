"""A year of alerts: who should be told of an offer is told exactly once, whatever happens to people and workers."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.effort import IS_SOAK, effort, tell_figures
from tests.support.house import House
from tests.workflow.alerts.random_days import RandomDays, live_at_random
from tests.workflow.engine.stage import staged
from workflow.engine.machine import Terms

WANTED = {"daily", "weekly", "Killed", "RunLost", "caught up", "frequency changed", "arrived again", "told"}
"""What has to happen if it is to prove anything."""

pytestmark = pytest.mark.timeout(effort(300, 7_200))


@contextmanager
def histories(url: str, house: House) -> Iterator[tuple[Callable[[], RandomDays], Counter[str]]]:
    """Each begins after everything that the one before published has closed."""
    tally: Counter[str] = Counter()
    years = count(step=3)
    with staged(url, house) as stage:
        yield (
            lambda: RandomDays(stage, lambda: house.now + timedelta(days=366 * next(years)), tally),
            tally,
        )
    tell_figures(f"time travel on {url[:6]}", **dict(tally.most_common()))
    assert set(tally) >= WANTED


def test_whoever_should_be_told_is_told_exactly_once(
    database_url: str, now: datetime, terms: Terms, tmp_path: Path
) -> None:
    with histories(database_url, House(now, terms, tmp_path)) as (history, _):
        for seed in range(effort(2, 30)):
            live_at_random(history(), Random(seed), effort(40, 400))


@pytest.mark.skipif(not IS_SOAK, reason="in `make soak`")
def test_hypothesis_finds_nobody_who_is_left_out(
    database_url: str, now: datetime, terms: Terms, tmp_path: Path
) -> None:
    with histories(database_url, House(now, terms, tmp_path)) as (history, _):
        run_state_machine_as_test(
            history,  # type: ignore[arg-type]  # a factory will do
            settings=settings(
                max_examples=100,
                stateful_step_count=100,
                deadline=None,
                database=None,
                print_blob=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
