"""Alerts in the worker: as the search understands them; killed at any instant, nothing twice; refused addresses."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from jobs.alerts import AlertTeller, note_refusal
from tests.jobs.conftest import record_mails
from tests.jobs.test_killed import Plan, opened
from tests.jobs.test_relay import Clock, a_relay
from tests.support.effort import effort, tell_figures
from tests.support.house import House
from tests.support.processes import children
from tests.support.smtp import SmtpSink
from workflow.alerts.commands import add_alert
from workflow.alerts.digests import KIND
from workflow.alerts.tables import AlertRun, AlertTold
from workflow.candidates.tables import Candidate
from workflow.engine.machine import Terms
from workflow.engine.tables import Outbox
from workflow.settings import Settings

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
"""8 o'clock in Paris, the hour of mails."""

PEOPLE, OFFERS, KILLS = effort(40, 2_000), 3, effort(6, 60)
LEASE = timedelta(seconds=60)
TITLES = ("Chimiste (H/F)", "Physicienne", "Data scientist")


async def alert(
    candidate: UUID, now: datetime, words: str = "", frequency: str = "daily", **more: str
) -> UUID:
    data = {"frequency": frequency, "job_type": "all", "region": "all", "keywords": words, **more}
    return await add_alert(candidate, data, meaning=str, now=now)


async def digests() -> list[tuple[str, set[str]]]:
    """Whom each told, by first name, of which titles."""
    found = await Outbox.select(Outbox.params).where(Outbox.kind == KIND).order_by(Outbox.id)
    return [
        (params["first_name"], {offer[0] for offer in params["offers"]})
        for params in (json.loads(row["params"]) for row in found)
    ]


async def publish(house: House) -> None:
    unit = await house.unit()
    staff = await house.recruiter(unit)
    for number, title in enumerate(TITLES[:OFFERS]):
        await house.offer(staff, unit, f"R-{number}", title_fr=title, title_en="")


async def test_alerts_find_what_the_search_finds(database: str, house: House) -> None:
    clock = Clock(MONDAY)
    teller = AlertTeller(Settings(), clock)
    await teller.tend()
    for name, words, more in (
        ("accents", "CHIMISTÉ", {}),
        ("begun", "phys", {}),
        ("phrase", '"data scientist"', {}),
        ("not", "-chimiste", {}),
        ("where", "", {"region": "84"}),
        ("nothing", "juriste", {}),
        ("hostile", '"((* OR -" \\', {}),
    ):
        await alert(await house.candidate(name), MONDAY, words, **more)
    await publish(replace(house, now=MONDAY + HOUR))
    clock.now = MONDAY + DAY
    with capture_logs() as logs:
        await teller.tend()
        await teller.tend()
    found = dict(await digests())
    assert {
        name: found.get(name, set()) for name in ("accents", "begun", "phrase", "not", "where", "nothing")
    } == {
        "accents": {"Chimiste (H/F)"},
        "begun": {"Physicienne"},
        "phrase": {"Data scientist"},
        "not": {"Physicienne", "Data scientist"},
        "where": set(),
        "nothing": set(),
    }
    assert [(each["event"], each["frequency"], each["period"]) for each in logs] == [
        ("alert run begins", "daily", "2026-03-03"),
        ("alert run finished", "daily", "2026-03-03"),
    ]


async def test_a_worker_that_stops_leaves_the_run_to_the_next_at_once(database: str, house: House) -> None:
    clock = Clock(MONDAY)
    await AlertTeller(Settings(), clock).tend()
    for number in range(4):
        await alert(await house.candidate(str(number)), MONDAY)
    await publish(replace(house, now=MONDAY + HOUR))
    clock.now = MONDAY + DAY
    looks = iter([False, False, False, *(20 * [True])])
    await AlertTeller(Settings(), clock, is_stopping=lambda: next(looks), piece=1).tend()
    assert 1 <= len(await digests()) < 4
    looked = asyncio.Semaphore(0)

    def is_stopping() -> bool:
        looked.release()
        return False

    begun = asyncio.create_task(AlertTeller(Settings(), clock, is_stopping=is_stopping, piece=1).tend())
    for _ in range(3):  # before it begins, before its first piece, after it
        await looked.acquire()
    begun.cancel()  # as the worker does with what does not end by itself
    with pytest.raises(asyncio.CancelledError):
        await begun
    await AlertTeller(Settings(), clock).tend()
    assert sorted(name for name, _ in await digests()) == ["0", "1", "2", "3"]


async def test_an_address_that_is_refused_for_good_lets_alerts_rest(
    database: str, house: House, sink: SmtpSink, now: datetime
) -> None:
    clock = Clock(now)
    await house.candidate("Chloé", email="chloe@example.org")
    await house.candidate("Zoé", email="zoe@example.org")
    sink.refusals |= {
        "chloe@example.org": "550 5.1.1 no such user",
        "zoe@example.org": "550 5.7.1 you may not relay",
        "nobody@example.org": "551 gone",
    }

    async def on_refused(recipient: str, code: int, said: str) -> None:
        await note_refusal(recipient, code, said, now=clock())

    relay = a_relay(sink, clock, on_refused=on_refused)
    await record_mails(now, "chloe@example.org", "zoe@example.org", "nobody@example.org")
    while await relay.sweep():
        pass
    people = await Candidate.select(Candidate.first_name, Candidate.bounced_at, Candidate.bounce_said)
    assert {row["first_name"]: (row["bounced_at"], row["bounce_said"]) for row in people} == {
        "Chloé": (now, "550 5.1.1 no such user"),
        "Zoé": (None, ""),
    }


def work_until_killed(plan: Plan) -> None:
    """As a worker does, a candidate or two at a time; each look at the clock is told."""
    opened(plan.url, AlertTeller(Settings(), plan.clock, lease=LEASE, piece=2).tend())


async def _furnish(plan: Plan) -> None:
    await AlertTeller(Settings(), lambda: MONDAY).tend()
    for number in range(PEOPLE):
        candidate = await plan.house.candidate(str(number))
        for words in ("", "chimiste")[: 1 + number % 2]:
            await alert(candidate, MONDAY, words)
    await publish(replace(plan.house, now=MONDAY + HOUR))


async def _outcome() -> tuple[Counter[str], int, list[Any]]:
    runs = await AlertRun.select(
        AlertRun.period, AlertRun.digests, AlertRun.offers, AlertRun.finished_at
    ).order_by(AlertRun.id)
    facts = [(row["period"], row["digests"], row["offers"], bool(row["finished_at"])) for row in runs]
    return Counter(name for name, _ in await digests()), await AlertTold.count(), facts


@pytest.mark.timeout(effort(300, 3_600))
def test_two_workers_are_killed_again_and_again_and_everybody_is_told_once(
    database_url: str, now: datetime, terms: Terms, tmp_path: Path
) -> None:
    plan = Plan(database_url, MONDAY + DAY, terms, tmp_path, tmp_path / "journal")
    opened(database_url, _furnish(plan))
    killed = 0
    for number in range(KILLS):
        later = replace(plan, now=plan.now + number * 2 * LEASE)
        plan.journal.write_text("")
        with children(work_until_killed, [later, later]) as workers:
            deadline, enough = time.monotonic() + 60, random.randint(3, 12)
            while plan.journal.stat().st_size < enough and any(each.process.is_alive() for each in workers):
                assert time.monotonic() < deadline
                time.sleep(0.001)
            time.sleep(random.uniform(0, 0.02))
            killed += sum(each.process.is_alive() for each in workers)
    last = replace(plan, now=plan.now + (KILLS + 1) * 2 * LEASE)
    opened(database_url, AlertTeller(Settings(), lambda: last.now).tend())
    told, rows, runs = opened(database_url, _outcome())
    assert told == Counter(str(number) for number in range(PEOPLE))
    assert rows == PEOPLE * OFFERS
    assert runs[2:] == [("2026-03-03", PEOPLE, PEOPLE * OFFERS, True)]
    tell_figures(f"alert runs on {database_url[:6]}", people=PEOPLE, killed=killed)


def test_settings_decide_the_hour(sqlite_url: str) -> None:
    async def periods() -> Sequence[tuple[str, str]]:
        settings = replace(Settings(), weekly_day="wednesday", weekly_hour=20)
        await AlertTeller(settings, lambda: MONDAY).tend()
        rows = await AlertRun.select(AlertRun.frequency, AlertRun.period).order_by(AlertRun.id)
        return [(row["frequency"], row["period"]) for row in rows]

    assert opened(sqlite_url, periods()) == [("daily", "2026-03-01"), ("weekly", "2026-W09")]
