"""Random histories by random actors, with restarts in between: the portal and a simple model always agree."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.effort import IS_SOAK, effort, tell_figures
from tests.support.house import House
from tests.workflow.engine.random_actors import EVENTS, RandomHistories
from tests.workflow.engine.stage import staged
from workflow.engine.machine import Terms

EVERYTHING = frozenset(
    (
        *EVENTS,
        *("withdraw", "publish", "close", "archive"),
        *("AlreadyApplied", "DecisionHeld", "EventForbidden", "IdempotencyMismatch", "IllegalEvent"),
        *("InvalidInput", "NoteMissing", "NotFound", "OfferNotOpen", "StaleVersion"),
        *("UndoTooLate", "UnknownEvent", "UnknownVersion"),
    )
)
"""What comes of it that no long run may do without: these moves, and these refusals."""


@pytest.mark.timeout(effort(300, 7_200))
def test_random_histories_agree_with_the_model(
    database_url: str, now: datetime, terms: Terms, tmp_path: Path
) -> None:
    tally: Counter[str] = Counter()

    with staged(database_url, House(now, terms, tmp_path)) as stage:
        run_state_machine_as_test(
            lambda: RandomHistories(stage, now, tally),  # type: ignore[arg-type]  # a factory will do
            settings=settings(
                max_examples=effort(4, 300),
                stateful_step_count=effort(50, 60),
                derandomize=not IS_SOAK,
                phases=effort((Phase.generate,), (Phase.generate, Phase.shrink)),
                deadline=None,
                database=None,
                print_blob=IS_SOAK,
                suppress_health_check=list(HealthCheck),
            ),
        )
        stage.run(stage.seal(now + timedelta(days=10_000)))
        assert stage.run(stage.faults()) == []
        tell_figures(f"random histories on {database_url[:6]}", **dict(tally.most_common()))
        assert not IS_SOAK or EVERYTHING - set(tally) == set()
