"""`vivier alerts` as an operator runs it: the newest runs first, in local hours, and when the next ones are due."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.web.test_cli import Terminal
from workflow.alerts.tables import AlertRun
from workflow.database.connection import database_from_url, opened_database, use_database, write_transaction

BEGUN = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


async def _filled(url: str) -> None:
    use_database(database_from_url(url))
    async with opened_database(), write_transaction():
        facts: dict[str, Any] = {
            "through": 3,
            "started_at": BEGUN,
            "alerts": 1234,
            "digests": 12,
            "offers": 345,
        }
        ended: dict[str, Any] = {"finished_at": BEGUN + timedelta(minutes=1, seconds=2.4)}
        await AlertRun.insert(AlertRun(frequency="weekly", period="2026-W10", **facts, **ended))
        await AlertRun.insert(AlertRun(frequency="daily", period="2026-03-02", **facts))


def test_runs_of_alerts_are_listed(sqlite_url: str, tmp_path: Path) -> None:
    asyncio.run(_filled(sqlite_url))
    terminal = Terminal(
        {"VIVIER_VAR": str(tmp_path / "var"), "VIVIER_DATABASE_URL": sqlite_url, "COLUMNS": "80"}
    )
    ended = terminal.run("alerts")
    *lines, last = ended.out.splitlines()
    assert (ended.code, lines) == (
        0,
        [
            "Run     Period      Begun             Took     Alerts  Mails  Offers",
            "daily   2026-03-02  2026-03-02 08:00  waits      1234     12     345",
            "weekly  2026-W10    2026-03-02 08:00  0:01:02    1234     12     345",
        ],
    )
    hour = r"\d{4}-\d\d-\d\d 08:00"
    assert re.fullmatch(rf"Next: daily {hour}, weekly {hour} \(Europe/Paris\)", last)
