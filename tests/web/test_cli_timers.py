"""`vivier timers` as an operator runs it: what could not be done first, then what comes next, in local hours."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.house import House
from tests.web.test_cli import Ended, Terminal
from workflow.calendar import calendar_of
from workflow.database.connection import database_from_url, opened_database, use_database
from workflow.engine.machine import Terms
from workflow.offers.commands import edit_offer, schedule_offer

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


async def _filled(url: str, terms: Terms, folder: Path) -> None:
    use_database(database_from_url(url))
    house = House(NOW, terms, folder)
    async with opened_database():
        unit = await house.unit()
        staff = await house.recruiter(unit)
        await house.offer(staff, unit, "OPEN")
        for reference, hours in (("REFUSED", 1), ("SOON", 2)):
            await house.offer(staff, unit, reference, publish=False)
            at = NOW + timedelta(hours=hours)
            await schedule_offer(staff, reference, at, terms=terms, now=NOW)
        bare = house.offer_data(description_fr="", description_en="")
        await edit_offer(staff, "REFUSED", bare, terms=terms, now=NOW)
        await calendar_of(terms).fire_due(NOW + timedelta(hours=1))


def test_timers_are_listed_what_failed_first_in_local_hours(
    sqlite_url: str, terms: Terms, tmp_path: Path
) -> None:
    terminal = Terminal(
        {
            "VIVIER_VAR": str(tmp_path / "var"),
            "VIVIER_DATABASE_URL": sqlite_url,
            "VIVIER_HISTORY_KEY": terms.history_key.decode(),
            "COLUMNS": "80",
        }
    )
    assert terminal.run("timers") == Ended(0, "Nothing is planned for any offer.\n", "")
    asyncio.run(_filled(sqlite_url, terms, tmp_path))
    every, two = terminal.run("timers"), terminal.run("timers", "-n", "2", timezone="Asia/Tokyo")
    assert (every.code, every.out.splitlines()) == (
        0,
        [
            "When (Europe/Paris)  Timer    Of",
            "2026-03-02 11:30     publish  REFUSED",
            "    failed: Write a description; candidates want to know what the work is.",
            "2026-03-02 12:30     publish  SOON",
            "2026-04-02 00:00     close    OPEN",
            "3 of 3 timers of the machine offer.",
        ],
    )
    assert "2026-03-02 20:30" in two.out
    assert two.out.endswith("2 of 3 timers of the machine offer.\n")


def test_timers_need_a_database(tmp_path: Path) -> None:
    ended = Terminal({"VIVIER_VAR": str(tmp_path / "var")}).run("timers")
    where = tmp_path / "var" / "vivier.sqlite"
    assert ended == Ended(1, "", f"vivier: There is no database at {where} yet. Run: vivier migrate\n")
