"""The runs of alerts in the console: what became of them, when the next ones are due, whose address is refused."""

import html
import re
from datetime import timedelta
from typing import Any

from tests.admin.conftest import Laboratories, Visiting
from workflow.alerts.bounces import note_bounce
from workflow.alerts.commands import add_alert, stop_alerts
from workflow.alerts.tables import AlertRun
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction

RUNS = "/console/alerts"


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


async def test_administrators_see_what_became_of_runs(laboratories: Laboratories, visiting: Visiting) -> None:
    now = laboratories.house.now
    facts: list[dict[str, Any]] = [
        {"frequency": "weekly", "period": "2026-W09", "finished_at": now - timedelta(days=7), "digests": 12},
        {"frequency": "daily", "period": "2026-03-01", "lease_token": laboratories.offers[0]},
        {"frequency": "daily", "period": "2026-03-02"},
    ]
    async with write_transaction():
        for each in facts:
            begun = now - timedelta(days=7, seconds=40)
            await AlertRun.insert(AlertRun(through=1, started_at=begun, alerts=1234, offers=56, **each))
    chloe, zoe, _ = laboratories.candidates
    data = {"frequency": "daily", "job_type": "all", "region": "all", "keywords": ""}
    for person, often in ((chloe, "daily"), (zoe, "weekly"), (laboratories.candidates[2], "weekly")):
        await add_alert(person, data | {"frequency": often}, meaning=str, now=now)
    await stop_alerts(zoe, now=now)
    for person in (chloe, zoe):
        row = await Candidate.select(Candidate.email).where(Candidate.id == person).first()
        assert row
        await note_bounce(row["email"], "550 5.1.1 no such <user>", now=now)
    async with visiting("ada") as ada:
        page = await ada.get(RUNS)
        none = await ada.get(f"{RUNS}?page=2")
        linked = RUNS in (await ada.get("/console/deliveries/kinds")).text
    assert (page.status_code, none.status_code, linked) == (200, 404, False)
    said = words(page.text)
    for sentence in (
        "1 daily, 1 weekly; 1 stopped",
        "1 candidate with alerts gets none: the mail server refuses the address.",
        "Daily ( 3 Mar, 08:00 ), Weekly ( 9 Mar, 08:00 )",
        "Weekly 2026-W09 23 Feb, 10:29 40 seconds 1,234 12 56",
        "Daily 2026-03-01 23 Feb, 10:29 under way 1,234 0 56",
        "Daily 2026-03-02 23 Feb, 10:29 waits for a worker 1,234 0 56",
    ):
        assert sentence in said, sentence
    async with visiting("rose") as rose:
        assert (await rose.get(RUNS)).status_code == 404
        application = words((await rose.get(f"/console/applications/{laboratories.applications[0]}")).text)
    assert "Mails come back since 2 March; 550 5.1.1 no such <user>" in application
