"""Workers killed with -9, Redis killed and frozen, a mail server that fails in every way: no mail is lost.

A mail comes twice only where nobody could know that it had come once: the server took it and never said so, or it
said so to a worker that was killed before it could write a line. Mails of a kind that is held in doubt never do.
"""

import asyncio
import logging
import random
import re
import time
from collections import Counter
from collections.abc import Coroutine
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import structlog

from jobs.doorbell import hear_nudges
from jobs.relay import LANES, Relay, keep_mails
from jobs.side_by_side import run_side_by_side
from jobs.smtp import MailServer
from jobs.sweeping import Alarm
from tests.support.effort import effort, tell_figures
from tests.support.faulty_smtp import FaultySink, faulty_sink
from tests.support.processes import Child, children
from tests.support.valkey import Valkey, valkey
from workflow.database.connection import (
    database_from_url,
    opened_database,
    use_database,
    write_transaction,
)
from workflow.engine import outbox
from workflow.engine.outbox import Announcement, record
from workflow.engine.tables import Outbox
from workflow.messages.rendering import House
from workflow.nudging import Nudger

T = TypeVar("T")

ROUNDS, KILLS, MAILS = effort((2, 4, 160), (40, 15, 600))
"""Kills and mails of each round."""

WORKERS = 2
KIND, DIGEST = "account_exists", "weekly_waiting"
"""One kind that is repeated in doubt, and one that is held."""

_KILLED = ROUNDS * (KILLS + WORKERS)

HOUSE = House("https://careers.example.org", "Example Research", "careers@example.org")
KEY = "a secret for the tests"
PERSON = {"title": "ms", "first_name": "Zoé", "last_name": "Durand"}
WEEK = {"first_name": "Zoé", "last_name": "Durand", "waiting": 3, "overdue": 0, "more": 0}
OFFERS = [["Chimiste (LAB1-2026-008)", "Laboratoire des eaux", 3, 0, 16]]
LATER = timedelta(hours=2)
"""What was postponed is due, and every lease is over."""

pytestmark = pytest.mark.timeout(effort(120, 3_600))


@dataclass(frozen=True)
class Plan:
    """What a worker of the test works with; its clock is ahead of the real one."""

    url: str
    redis_url: str
    port: int
    journals: Path
    ahead: timedelta = timedelta(0)

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def carry_mails(plan: Plan) -> None:
    """A worker that only carries mails, until killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    opened(plan.url, _carry_mails(plan))


async def _carry_mails(plan: Plan) -> None:
    relay = Relay(
        MailServer("127.0.0.1", plan.port, tls=False, patience=0.3, patience_at_the_end=0.3),
        sender="Vivier <no-reply@example.org>",
        house=HOUSE,
        secret_key=KEY,
        journals=plan.journals,
        clock=plan.clock,
    )
    alarm = Alarm()
    await run_side_by_side(
        {"mails": lambda: keep_mails(relay, alarm)},
        alarm,
        hearing=lambda: hear_nudges(plan.redis_url, alarm.ring),
    )


def opened(url: str, work: Coroutine[Any, Any, T]) -> T:
    """As a process that starts finds it: nobody kept the database open meanwhile."""

    async def run() -> T:
        use_database(database_from_url(url))
        async with opened_database():
            return await work

    return asyncio.run(run())


async def write_mails(plan: Plan, first: int, count: int) -> None:
    """Every third one a digest; nudge as the portal does."""
    async with write_transaction():
        await record([_mail(number) for number in range(first, first + count)], now=plan.clock())
    nudger = Nudger(plan.redis_url)
    await nudger.nudge()
    await nudger.close()


def _mail(number: int) -> Announcement:
    kind = DIGEST if number % 3 == 0 else KIND
    params = WEEK | {"offers": OFFERS} if kind == DIGEST else PERSON
    return Announcement(kind, f"{kind}/{number}", params, f"{kind}{number}@example.org", "en")


async def unsettled() -> int:
    return int(await Outbox.count().where(Outbox.state.is_in(["pending", "claimed"])))


async def decide_on_held(plan: Plan, sink: FaultySink) -> int:
    """As an administrator does who looks into the mail server's log; how many were held."""
    taken = {copy.recipient for copy in sink.copies}
    held = await Outbox.select(Outbox.id, Outbox.recipient).where(Outbox.state == "held")
    for row in held:
        if row["recipient"] in taken:
            await outbox.believe_sent(row["id"], receipt="found in the log", now=plan.clock())
        else:
            await outbox.revive(row["id"], now=plan.clock())
    return len(held)


def live_dangerously(plan: Plan, sink: FaultySink, redis: Valkey, first: int) -> set[str]:
    """Mails are written while workers are killed, each time after some mails more, at no instant in particular.

    Gives the names that the journals knew after a kill.
    """
    some, known = MAILS // KILLS, set[str]()
    with children(carry_mails, [plan] * WORKERS) as crew:
        for kill in range(KILLS):
            opened(plan.url, write_mails(plan, first + kill * some, some))
            random.choice([redis.freeze, redis.thaw])()
            _wait_for(sink, len(sink.copies) + random.randint(1, some // 2))
            time.sleep(random.uniform(0, 0.02))
            unlucky = random.randrange(WORKERS)
            crew[unlucky].kill()
            known |= noted(plan.journals)
            crew[unlucky] = Child(carry_mails, plan)
    redis.thaw()
    return known


def noted(journals: Path) -> set[str]:
    """The names of mails in all journals, read without a lock: what vanishes meanwhile is settled already."""
    found: set[str] = set()
    for path in journals.glob("*.log"):
        with suppress(FileNotFoundError):
            found |= set(re.findall(r"[0-9a-f]{32}", path.read_text()))
    return found


def _wait_for(sink: FaultySink, copies: int) -> None:
    deadline = time.monotonic() + 10
    while len(sink.copies) < copies and time.monotonic() < deadline:
        time.sleep(0.001)


def drain(plan: Plan, *, within: float) -> None:
    """Let workers carry on until nothing is left to do."""
    deadline = time.monotonic() + within
    with children(carry_mails, [plan] * WORKERS):
        while opened(plan.url, unsettled()):
            assert time.monotonic() < deadline, "the mails do not come to an end"
            time.sleep(0.1)


def test_no_mail_is_lost_and_none_comes_twice_that_could_be_known(database_url: str, tmp_path: Path) -> None:
    begun, known = time.monotonic(), set[str]()
    with ExitStack() as stack:
        sink = stack.enter_context(faulty_sink())
        plan = Plan(database_url, "", sink.port, tmp_path / "journal")
        for number in range(ROUNDS):
            plan = replace(plan, ahead=number * LATER)
            with valkey(tmp_path / "redis") as redis:
                plan = replace(plan, redis_url=redis.url)
                known |= live_dangerously(plan, sink, redis, number * MAILS)
                redis.kill()
        sink.is_well = True
        plan = replace(plan, ahead=ROUNDS * LATER)
        drain(plan, within=effort(60, 600))
        held = opened(plan.url, decide_on_held(plan, sink))
        drain(replace(plan, ahead=(ROUNDS + 1) * LATER), within=effort(60, 600))
    seconds = time.monotonic() - begun
    figures = opened(database_url, _judged(sink, known))
    figures |= {"held": held, "workers killed": _KILLED, "Redis killed": ROUNDS, "seconds": round(seconds)}
    tell_figures(f"mails on {database_url[:6]}", **figures, **sink.faults)


async def _judged(sink: FaultySink, known: set[str]) -> dict[str, int]:
    rows = await Outbox.select(Outbox.recipient, Outbox.state)
    came = Counter(copy.recipient for copy in sink.copies)
    dead = {row["recipient"] for row in rows if row["state"] == "dead"}
    assert len(rows) == ROUNDS * KILLS * (MAILS // KILLS)
    assert {row["state"] for row in rows} <= {"sent", "dead"}
    lost = {row["recipient"] for row in rows} - came.keys() - dead
    assert (lost, dead - sink.refused) == (set(), set())
    mails = {(copy.recipient, copy.name, copy.digest) for copy in sink.copies}
    assert len(mails) == len(came)  # every copy of a mail is the same to the byte
    assert {recipient: n for recipient, n in came.items() if n > 1 and recipient.startswith(DIGEST)} == {}
    unsaid, unheard = _duplicates(sink, known)
    assert unheard <= LANES * _KILLED
    return {
        "mails": len(rows),
        "lost": len(lost),
        "known by a journal after a kill": len(known & {copy.name for copy in sink.copies}),
        "dead": len(dead),
        "twice, the server never said": unsaid,
        "twice, killed before a line was written": unheard,
    }


def _duplicates(sink: FaultySink, known: set[str]) -> tuple[int, int]:
    """How many copies came too often, by why that could not be known; each must have such a reason."""
    unsaid = unheard = 0
    for recipient, copies in _by_recipient(sink).items():
        for copy in copies[:-1]:  # each of these was followed by another
            assert not copy.is_answered or copy.is_last, (
                f"{recipient} came again, though its worker had heard of it"
            )
            unsaid += not copy.is_answered
            unheard += copy.is_answered
    return unsaid, unheard


def _by_recipient(sink: FaultySink) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for copy in sink.copies:
        found.setdefault(copy.recipient, []).append(copy)
    return found
