"""What operators read at /metrics: right on both databases, quick with many rows, documented as it is."""

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families

from search.whoosh_index import WhooshReader, WhooshWriter
from tests.search.offers import offer
from tests.support.house import House
from tests.web.site import ON_SQLITE, Site
from web import outbox_figures as figures_module
from web.index_figures import index_figures
from web.outbox_figures import outbox_figures
from workflow.alerts.tables import AlertRun
from workflow.database.connection import write_transaction
from workflow.engine import outbox
from workflow.engine.outbox import Announcement, Claim, claim, postpone, record, revive, settle
from workflow.engine.tables import Outbox, Timer
from workflow.webhooks.tables import Webhook
from workflow.workers import SILENCE, WorkerSeen, note_alive

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NEVER_THE_SAME = "vivier_figures_seconds"


def told(page: bytes) -> dict[str, float]:
    """Name and labels → value."""
    return {
        sample.name + "".join(f" {label}" for label in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }


async def figures(now: datetime, **wanted: str) -> dict[str, float]:
    """Those that are not 0, without the time that it took."""
    found = told(await outbox_figures(now))
    assert found.pop(NEVER_THE_SAME) < figures_module.PATIENCE
    return {name: value for name, value in found.items() if value}


async def recorded(now: datetime, kind: str, number: int = 1, **more: Any) -> None:
    async with write_transaction():
        await record([Announcement(kind, str(uuid4()), {}, **more) for _ in range(number)], now=now)


async def claimed(now: datetime, kind: str, number: int = 100) -> list[Claim]:
    return await claim(kinds=[kind], limit=number, lease=MINUTE, token=uuid4(), now=now)


async def test_nothing_to_tell_is_told_as_nothing(database: str, now: datetime) -> None:
    page = told(await outbox_figures(now))
    del page[NEVER_THE_SAME]
    groups = ("urgent", "usual", "bulk", "work")
    of_groups = ("due_rows", "postponed_rows", "oldest_seconds")
    assert page == {
        "vivier_figures_up": 1,
        "vivier_workers_alive": 0,
        "vivier_timers_overdue": 0,
        "vivier_webhooks_failing": 0,
        "vivier_webhooks_stopped": 0,
    } | {f"vivier_outbox_{name} {group}": 0 for name in of_groups for group in groups}


async def test_outbox_is_told_by_kind_state_and_group(database: str, now: datetime) -> None:
    await recorded(now - HOUR, "new_password")
    await recorded(now - 90 * SECOND, "application_submitted", 3)
    await recorded(now, "application_rejected", due_at=now + HOUR)
    await recorded(now - 5 * MINUTE, "index_offer")
    [password] = await claimed(now - HOUR, "new_password")
    await postpone(password, until=now + MINUTE, receipt="450 full")
    given_back, later, hopeless = await claimed(now - 80 * SECOND, "application_submitted")
    await postpone(given_back, until=now - 70 * SECOND, receipt="down", counted=False)
    await postpone(given_back, until=now, receipt="this lease was lost", counted=False)
    await settle(hopeless, state=outbox.DEAD, receipt="550 unknown", now=now - 79 * SECOND)
    assert await figures(now) == {
        "vivier_figures_up": 1,
        "vivier_outbox_rows new_password pending": 1,
        "vivier_outbox_rows application_submitted pending": 1,
        "vivier_outbox_rows application_submitted claimed": 1,
        "vivier_outbox_rows application_submitted dead": 1,
        "vivier_outbox_rows application_rejected pending": 1,
        "vivier_outbox_rows index_offer pending": 1,
        "vivier_outbox_due_rows usual": 2,
        "vivier_outbox_due_rows work": 1,
        "vivier_outbox_postponed_rows urgent": 1,
        "vivier_outbox_oldest_seconds usual": 90,
        "vivier_outbox_oldest_seconds work": 300,
        "vivier_outbox_settled_last_hour application_submitted dead": 1,
    }
    # the next try of the first has come: it has been due for an hour
    assert (await figures(now + MINUTE))["vivier_outbox_oldest_seconds urgent"] == 3660
    # whoever sends a dead mail again begins anew
    await revive(hopeless.id, now=now)
    await settle(later, state=outbox.SENT, receipt="250", now=now)
    [again] = await claimed(now, "application_submitted", 1)
    assert again.id == given_back.id
    await settle(again, state=outbox.SENT, receipt="250", now=now)
    [revived] = await claimed(now + SECOND, "application_submitted")
    assert (await Outbox.select(Outbox.first_due_at).where(Outbox.id == revived.id))[0][
        "first_due_at"
    ] is None


async def test_latency_is_that_of_the_last_hour_with_its_retries(database: str, now: datetime) -> None:
    async def sent(after: float, at: datetime, *, tries: int = 1) -> None:
        due = at - after * SECOND
        await recorded(due, "application_submitted")
        for number in range(1, tries):
            [one] = await claimed(due if number == 1 else at - SECOND, "application_submitted")
            await postpone(one, until=at - SECOND, receipt="451")
        [last] = await claimed(at, "application_submitted")
        await settle(last, state=outbox.SENT, receipt="250", now=at)

    await sent(500, now - HOUR - SECOND)
    for tenths in range(1, 20):
        await sent(tenths / 10, now - 59 * MINUTE + tenths * SECOND)
    await sent(300, now - MINUTE, tries=3)
    assert await figures(now) == {
        "vivier_figures_up": 1,
        "vivier_outbox_settled_last_hour application_submitted sent": 20,
        "vivier_outbox_latency_last_hour_seconds usual 0.5": 1.0,
        "vivier_outbox_latency_last_hour_seconds usual 0.9": 1.8,
        "vivier_outbox_latency_last_hour_seconds usual 0.99": 300,
        "vivier_outbox_latency_last_hour_seconds usual 1.0": 300,
    }


async def test_runs_timers_workers_and_webhooks_are_told(database: str, house: House, now: datetime) -> None:
    for number, (frequency, ended) in enumerate((("daily", True), ("daily", True), ("weekly", False)), 1):
        began = now - HOUR + number * MINUTE
        await AlertRun.insert(
            AlertRun(
                frequency=frequency,
                period=str(number),
                through=9,
                started_at=began,
                finished_at=began + 30 * SECOND if ended else None,
                alerts=10 * number,
                digests=5 * number,
                offers=7 * number,
            )
        )
    for late in (0 * SECOND, 2 * MINUTE):
        planned: dict[str, Any] = {
            "subject_type": "offer",
            "subject_id": uuid4(),
            "version": 1,
            "name": "close",
        }
        await Timer.insert(Timer(**planned, due_at=now - late, failure=""))
    for seen_at in (now - SECOND, now - SILENCE - SECOND):
        await note_alive(WorkerSeen(uuid4(), "machine", 1, now - HOUR, seen_at))
    staff = await house.recruiter(await house.unit())
    made: dict[str, Any] = {"url": "https://x.example", "description": "", "events": "[]", "secret": b""}
    failing: dict[str, Any] = {"failing_since": now}
    for trouble in ({}, failing, failing | {"stopped_at": now}):
        await Webhook.insert(Webhook(id=uuid4(), created_at=now, created_by=staff.id, **made, **trouble))
    began = now - HOUR + 2 * MINUTE
    assert await figures(now) == {
        "vivier_figures_up": 1,
        "vivier_alert_run_started_timestamp_seconds daily": began.timestamp(),
        "vivier_alert_run_finished_timestamp_seconds daily": began.timestamp() + 30,
        "vivier_alert_run_duration_seconds daily": 30,
        "vivier_alert_run_alerts daily": 20,
        "vivier_alert_run_digests daily": 10,
        "vivier_alert_run_offers daily": 14,
        "vivier_alert_run_under_way_seconds weekly": 57 * 60,
        "vivier_timers_overdue": 1,
        "vivier_workers_alive": 1,
        "vivier_webhooks_failing": 1,
        "vivier_webhooks_stopped": 1,
    }


async def test_database_that_fails_or_is_slow_costs_only_these_figures(
    database: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures_module, "PATIENCE", 0.0)
    assert set(told(await outbox_figures(now))) == {"vivier_figures_up", NEVER_THE_SAME}
    monkeypatch.undo()
    await Timer.raw("ALTER TABLE timer RENAME TO elsewhere")
    page = told(await outbox_figures(now))
    assert (page["vivier_figures_up"], len(page)) == (0, 2)


async def test_figures_stay_quick_with_many_rows(database: str, now: datetime) -> None:
    rows = [
        {"kind": kind, "state": state, "due_at": now - MINUTE, "settled_at": now if state == "sent" else None}
        for kind in ("application_submitted", "weekly_waiting")
        for state in ("pending", "sent")
    ]
    async with write_transaction():
        for row in rows:
            await many_rows(row, 5000)
    begun = time.monotonic()
    page = await figures(now)
    assert time.monotonic() - begun < 1
    assert page["vivier_outbox_due_rows bulk"] == page["vivier_outbox_due_rows usual"] == 5000
    assert page["vivier_outbox_settled_last_hour weekly_waiting sent"] == 5000


async def many_rows(row: Mapping[str, Any], number: int) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"
    await Outbox.raw(
        f"{numbers} INSERT INTO outbox (kind, dedup_key, params, state, due_at, attempts, created_at, settled_at) "
        "SELECT {}, {} || i, {}, {}, {}, 0, {}, {} FROM n",
        number,
        row["kind"],
        f"{row['kind']}/{row['state']}/",
        "{}",
        row["state"],
        row["due_at"],
        row["due_at"],
        row["settled_at"],
    )


@ON_SQLITE
async def test_page_of_documentation_names_every_figure_as_it_is(
    database: str, now: datetime, tmp_path: Path
) -> None:
    WhooshWriter(tmp_path / "index").rebuild([offer(1, "Laser")])
    exposed = await outbox_figures(now) + index_figures(WhooshReader(tmp_path / "index"))
    page = PAGE.read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `(\w+)` \| [^|]* \| (.+) \|$", page, flags=re.MULTILINE))
    assert documented == {
        family.name: family.documentation for family in text_string_to_metric_families(exposed.decode())
    }
    watched = set(re.findall(r"vivier_\w+", page.partition("```yaml")[2].partition("```")[0]))
    assert watched <= set(documented)


@ON_SQLITE
async def test_operators_read_them_with_the_token_alone(site: Site) -> None:
    site.app.state.portal = replace(
        site.app.state.portal, settings=replace(site.settings, metrics_token="t" * 20)
    )
    visitor = await site.visitor()
    page = await visitor.get("/metrics", headers={"Authorization": f"Bearer {'t' * 20}"})
    assert {"vivier_figures_up", "vivier_outbox_oldest_seconds urgent"} <= set(told(page.content))
    assert (await visitor.get("/metrics")).status_code == 404
