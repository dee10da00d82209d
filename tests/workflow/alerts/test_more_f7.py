from random import Random
from tests.support.house import House
from tests.workflow.alerts.test_time_travel import histories
from tests.workflow.alerts.random_days import live_at_random
import pytest
@pytest.mark.timeout(500)
def test_more(database_url, now, terms, tmp_path):
    with histories(database_url, House(now, terms, tmp_path)) as (history, _):
        for seed in range(500, 504):
            live_at_random(history(), Random(seed), 120)
