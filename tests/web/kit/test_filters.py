"""Days as readers are told of them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment

from web.kit.filters import days_left, install


@pytest.mark.parametrize(
    ("days", "english", "french"),
    [
        (-1, "closed", "offre clôturée"),
        (0, "today", "aujourd’hui"),
        (1, "tomorrow", "demain"),
        (2, "2 days left", "encore 2\u00a0jours"),
        (14, "14 days left", "encore 14\u00a0jours"),
        (15, "", ""),
    ],
)
def test_the_days_left_are_told_in_the_last_fortnight(days: int, english: str, french: str) -> None:
    assert (days_left(days, "en"), days_left(days, "fr")) == (english, french)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (datetime(2026, 3, 16, 22, 59, tzinfo=UTC), "-|False"),
        (datetime(2026, 3, 16, 23, 0, tzinfo=UTC), "14 days left-|False"),  # midnight in Paris, in winter
        (datetime(2026, 3, 23, 22, 59, tzinfo=UTC), "8 days left-|False"),
        (datetime(2026, 3, 23, 23, 0, tzinfo=UTC), "7 days left-|True"),
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), "2 days left-|True"),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), "tomorrow-|True"),  # and in summer
        (datetime(2026, 3, 30, 22, 0, tzinfo=UTC), "today-|True"),
    ],
)
def test_days_change_at_midnight_where_days_are_counted(now: datetime, told: str) -> None:
    environment = Environment(autoescape=True)
    install(environment, ZoneInfo("Europe/Paris"))
    template = environment.from_string("{{ day | left }}-|{{ day is soon }}")
    assert template.render(day=date(2026, 3, 31), now=now, language="en") == told
