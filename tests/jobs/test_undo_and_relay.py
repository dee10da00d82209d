"""Undo against the relay: either the decision is taken back and no mail ever goes, or the mail goes (C5)."""

import asyncio
import random
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from jobs.relay import MAILS
from tests.jobs.conftest import rows
from tests.jobs.test_relay import Clock, a_relay, sweep_all
from tests.support.house import House
from tests.support.smtp import SmtpSink
from workflow.applications.commands import move_application, withdraw_application
from workflow.applications.queries import application_of_candidate
from workflow.applications.tables import Application
from workflow.engine import outbox, statements
from workflow.engine.tables import Outbox
from workflow.errors import Conflict, DecisionHeld, UndoTooLate
from workflow.recruiters.queries import StaffMember

MINUTE = timedelta(minutes=1)
GRACE = timedelta(minutes=15)
MOMENT = timedelta(microseconds=1)
DECISION = "application_rejected"


async def rejected(house: House, staff: StaffMember, number: int = 0) -> tuple[UUID, UUID]:
    """A candidate, and an application that was just rejected; what was told before is not in the way."""
    candidate = await house.candidate(email=f"candidate{number}@example.org")
    application = await house.application(candidate)
    await moved(house, staff, application, "consider", house.now)
    await moved(house, staff, application, "reject", house.now)
    await Outbox.delete().where(Outbox.kind != DECISION)
    return candidate, application


async def moved(house: House, staff: StaffMember, application: UUID, event: str, at: datetime) -> None:
    await move_application(staff, application, event, terms=house.terms, now=at, note="no")


async def is_undone(house: House, staff: StaffMember, application: UUID, at: datetime) -> bool:
    try:
        await moved(house, staff, application, "undo", at)
    except UndoTooLate:
        return False
    return True


async def statuses(applications: Sequence[UUID]) -> list[str]:
    found = await Application.select(Application.id, Application.status)
    by_id = {row["id"]: row["status"] for row in found}
    return [by_id[each] for each in applications]


async def test_mail_of_a_decision_goes_in_its_minute(
    staff: StaffMember, house: House, now: datetime, sink: SmtpSink
) -> None:
    await rejected(house, staff)
    clock = Clock(now)
    relay = a_relay(sink, clock)
    sent = []
    for moment in [*(now + minute * MINUTE for minute in range(15)), now + GRACE - MOMENT, now + GRACE]:
        clock.now = moment
        await sweep_all(relay)
        sent.append(len(sink.received))
    assert sent == [0] * 16 + [1]


async def test_mail_of_an_undone_decision_never_goes(
    staff: StaffMember, house: House, now: datetime, sink: SmtpSink
) -> None:
    _, application = await rejected(house, staff)
    assert await is_undone(house, staff, application, now + GRACE - MOMENT)
    clock = Clock(now)
    relay = a_relay(sink, clock)
    for clock.now in (now + GRACE, now + 2 * GRACE, now + timedelta(days=30)):
        assert await relay.sweep() is False
    assert sink.received == []
    assert await rows("state", "attempts", "rendered") == [
        {"state": "cancelled", "attempts": 0, "rendered": None}
    ]


@pytest.mark.parametrize("late", [timedelta(0), MOMENT, MINUTE])
async def test_undo_is_too_late_from_the_minute_on_though_no_worker_ran(
    staff: StaffMember, house: House, now: datetime, sink: SmtpSink, late: timedelta
) -> None:
    _, application = await rejected(house, staff)
    assert not await is_undone(house, staff, application, now + GRACE + late)
    await sweep_all(a_relay(sink, Clock(now + GRACE + late)))
    assert sink.recipients == ["candidate0@example.org"]
    assert await statuses([application]) == ["rejected"]


AHEAD = timedelta(seconds=7)


async def test_worker_whose_clock_is_ahead_ends_the_grace(
    staff: StaffMember, house: House, now: datetime, sink: SmtpSink
) -> None:
    """What it has sent is told: the web process believes it, whatever its own clock says."""
    candidate, application = await rejected(house, staff)
    here = now + GRACE - AHEAD + MOMENT
    await sweep_all(a_relay(sink, Clock(here + AHEAD)))
    assert sink.recipients == ["candidate0@example.org"]
    assert not await is_undone(house, staff, application, here)
    with pytest.raises(DecisionHeld):
        await moved(house, staff, application, "reopen", here)
    with pytest.raises(Conflict):
        await withdraw_application(candidate, application, None, terms=house.terms, now=here)
    assert await statuses([application]) == ["rejected"]
    await moved(house, staff, application, "reopen", now + GRACE)
    assert await statuses([application]) == ["under_consideration"]


async def test_worker_whose_clock_lags_tells_a_little_later(
    staff: StaffMember, house: House, now: datetime, sink: SmtpSink
) -> None:
    candidate, application = await rejected(house, staff)
    here = now + GRACE
    await sweep_all(a_relay(sink, Clock(here - AHEAD)))
    shown = await application_of_candidate(candidate, application, now=here)
    assert shown is not None
    assert (shown.status, sink.received) == ("rejected", [])
    assert not await is_undone(house, staff, application, here)
    await sweep_all(a_relay(sink, Clock(here)))
    assert sink.recipients == ["candidate0@example.org"]


@pytest.mark.parametrize("answer", ["451 not now", "421 closing"])
async def test_mail_that_was_tried_once_is_told(
    staff: StaffMember, house: House, now: datetime, sink: SmtpSink, answer: str
) -> None:
    """It waits again, but nobody knows what became of the first try."""
    _, application = await rejected(house, staff)
    sink.data_answers = [answer]
    await a_relay(sink, Clock(now + GRACE)).sweep()
    [row] = await rows("state", "receipt")
    assert (row["state"], row["receipt"] is None) == ("pending", False)
    assert not await is_undone(house, staff, application, now + GRACE - AHEAD)
    await sweep_all(a_relay(sink, Clock(now + 2 * GRACE)))
    assert sink.recipients == ["candidate0@example.org"]


async def test_mail_that_a_dead_worker_had_in_hand_is_told(
    staff: StaffMember, house: House, now: datetime, sink: SmtpSink
) -> None:
    _, application = await rejected(house, staff)
    await outbox.claim(kinds=sorted(MAILS), limit=9, lease=MINUTE, token=uuid4(), now=now + GRACE)
    assert not await is_undone(house, staff, application, now + GRACE - AHEAD)
    await sweep_all(a_relay(sink, Clock(now + GRACE + MINUTE)))
    assert sink.recipients == ["candidate0@example.org"]


async def test_refused_undo_takes_none_of_several_announcements_back(
    staff: StaffMember, house: House, now: datetime, sink: SmtpSink
) -> None:
    """All that a step tells is one: where half of it is out, the other half goes as well."""
    _, application = await rejected(house, staff)
    step = outbox.SubjectStep("application", application, 3)
    more = outbox.Announcement(kind="index_offer", dedup_key="more", params={}, due_at=now + GRACE)
    await statements.insert(Outbox, outbox.rows_from([more], now=now, step=step))
    await outbox.claim(kinds=["index_offer"], limit=1, lease=MINUTE, token=uuid4(), now=now + GRACE)
    assert await outbox.cancel(step, now=now) is False
    assert await rows("kind", "state") == [
        {"kind": DECISION, "state": "pending"},
        {"kind": "index_offer", "state": "claimed"},
    ]
    assert not await is_undone(house, staff, application, now + GRACE - AHEAD)


class OtherProcess:
    """A transaction of somebody else, under way until it is told how to end."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.connection: Any = None

    async def begin(self, statement: str) -> None:
        if self.address.startswith("sqlite"):
            path = self.address.removeprefix("sqlite:///")
            self.connection = sqlite3.connect(path, isolation_level=None)
        else:
            self.connection = await asyncpg.connect(self.address)
        for each in ("BEGIN IMMEDIATE" if self.address.startswith("sqlite") else "BEGIN", statement):
            await self._run(each)

    async def end(self, how: str) -> None:
        await self._run(how)
        closed = self.connection.close()
        if closed is not None:
            await closed

    async def _run(self, statement: str) -> None:
        done = self.connection.execute(statement)
        if not isinstance(done, sqlite3.Cursor):
            await done


ENDS = pytest.mark.parametrize("how", ["COMMIT", "ROLLBACK"])


@ENDS
async def test_undo_waits_for_a_claim_under_way(
    database: str, staff: StaffMember, house: House, now: datetime, how: str
) -> None:
    _, application = await rejected(house, staff)
    worker = OtherProcess(database)
    await worker.begin("UPDATE outbox SET state = 'claimed', attempts = 1")
    undo = asyncio.create_task(is_undone(house, staff, application, now))
    await asyncio.sleep(0.3)
    assert not undo.done()
    await worker.end(how)
    assert await undo is (how == "ROLLBACK")


@ENDS
async def test_claim_takes_nothing_that_is_being_undone(
    database: str, staff: StaffMember, house: House, now: datetime, how: str
) -> None:
    await rejected(house, staff)
    web = OtherProcess(database)
    await web.begin("UPDATE outbox SET state = 'cancelled'")

    async def claimed() -> int:
        rows = await outbox.claim(kinds=sorted(MAILS), limit=9, lease=MINUTE, token=uuid4(), now=now + GRACE)
        return len(rows)

    meanwhile = asyncio.create_task(claimed())
    await asyncio.sleep(0.3)
    await web.end(how)
    assert await meanwhile + await claimed() == (1 if how == "ROLLBACK" else 0)


RACES = 24


async def test_undo_and_relay_at_the_same_instant(
    staff: StaffMember, house: House, now: datetime, sink: SmtpSink
) -> None:
    """Web and worker disagree by a moment about whether the time has come, and both act at once."""
    applications = [(await rejected(house, staff, number))[1] for number in range(RACES)]
    clock = Clock(now + GRACE)
    relays = [a_relay(sink, clock) for _ in range(2)]
    dice = random.Random(1815)

    async def undo(application: UUID) -> bool:
        await asyncio.sleep(dice.uniform(0, 0.15))
        return await is_undone(house, staff, application, now + GRACE - MOMENT)

    async def send(relay: Any) -> None:
        await asyncio.sleep(0.02)
        await sweep_all(relay)

    undone = (await asyncio.gather(*map(undo, applications), *map(send, relays)))[:RACES]
    await sweep_all(relays[0])
    names = [f"candidate{number}@example.org" for number in range(RACES)]
    expected = sorted(name for name, taken_back in zip(names, undone, strict=True) if not taken_back)
    assert sorted(sink.recipients) == expected
    assert await statuses(applications) == [
        "under_consideration" if taken_back else "rejected" for taken_back in undone
    ]
    assert sorted(row["state"] for row in await rows("state")) == sorted(
        "cancelled" if taken_back else "sent" for taken_back in undone
    )


async def test_undo_and_claim_one_against_one(staff: StaffMember, house: House, now: datetime) -> None:
    """Both orders of the very same two statements, many times."""
    for number in range(RACES):
        _, application = await rejected(house, staff, number)
        claim = outbox.claim(kinds=sorted(MAILS), limit=1, lease=MINUTE, token=uuid4(), now=now + GRACE)
        undo = is_undone(house, staff, application, now + GRACE - MOMENT)
        if number % 2:
            undone, claimed = await asyncio.gather(undo, claim)
        else:
            claimed, undone = await asyncio.gather(claim, undo)
        assert undone != bool(claimed), f"both or neither, in round {number}"
        await Outbox.delete(force=True)


async def test_withdrawing_and_relay_at_the_same_instant(
    staff: StaffMember, house: House, now: datetime, sink: SmtpSink
) -> None:
    """The candidate withdraws from what the relay is just about to tell: one of the two, never both."""
    cases = [await rejected(house, staff, number) for number in range(RACES // 2)]
    dice = random.Random(1815)

    async def withdraw(candidate: UUID, application: UUID) -> bool:
        await asyncio.sleep(dice.uniform(0, 0.1))
        at = now + GRACE - MOMENT
        try:
            await withdraw_application(candidate, application, None, terms=house.terms, now=at)
        except Conflict:
            return False
        return True

    async def send() -> None:
        await asyncio.sleep(0.08)
        await sweep_all(relay)

    relay = a_relay(sink, Clock(now + GRACE))
    *withdrawn, _ = await asyncio.gather(*(withdraw(*case) for case in cases), send())
    await sweep_all(relay)
    sent = [row for row in await rows("recipient", "kind", "state") if row["state"] == "sent"]
    assert sorted((row["recipient"], row["kind"]) for row in sent) == sorted(
        (f"candidate{number}@example.org", "application_withdrawn" if gone else DECISION)
        for number, gone in enumerate(withdrawn)
    )
    assert len(sink.received) == len(cases)
