"""Mails that may have gone out: repeated, or held until somebody decides, as their kind says; and which go first."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from jobs.relay import BATCH, LANES, Relay
from jobs.smtp import MailServer
from tests.jobs.conftest import record_mails, rows
from tests.jobs.test_relay import HOUR, HOUSE, KEY, Clock, a_relay, sweep_all
from tests.support.faulty_smtp import FaultySink, faulty_sink
from tests.support.smtp import SmtpSink
from workflow.engine import outbox
from workflow.engine.tables import Outbox
from workflow.messages.policies import POLICIES, InDoubt, Priority, in_order_of_priority, policy_of
from workflow.messages.rendering import carries_secret, kinds
from workflow.sealing import seal

DIGEST = "weekly_waiting"
WEEK = {"first_name": "Rose", "last_name": "Martin", "waiting": 3, "overdue": 0, "offers": [], "more": 0}
ADDRESS = "rose@example.org"


@pytest.fixture
def faulty() -> Iterator[FaultySink]:
    with faulty_sink({}) as sink:
        yield sink


async def record_digest(now: datetime, *addresses: str) -> None:
    await record_mails(now, *(addresses or (ADDRESS,)), kind=DIGEST, params=WEEK)


async def swept(sink: FaultySink, clock: Clock, folder: Path) -> None:
    """Send what is due, by a worker that begins and ends."""
    server = MailServer("127.0.0.1", sink.port, tls=False, patience=1.0, patience_at_the_end=0.2)
    relay = Relay(
        server,
        sender="Vivier <no-reply@example.org>",
        house=HOUSE,
        secret_key=KEY,
        journals=folder,
        clock=clock,
    )
    try:
        await sweep_all(relay)
    finally:
        await relay.close()


@pytest.mark.parametrize("fault", ["taken, then gone", "gone", "taken, then silence", "silence"])
async def test_mail_without_an_answer_is_repeated_or_held(
    database: str, now: datetime, faulty: FaultySink, tmp_path: Path, fault: str
) -> None:
    faulty.likely[fault] = 1.0
    await record_digest(now)
    await record_mails(now, "zoe@example.org")
    await swept(faulty, Clock(now), tmp_path)
    faulty.likely.clear()
    await swept(faulty, Clock(now + HOUR), tmp_path)
    digest, usual = await rows("state", "receipt", "lease_until", "attempts")
    assert (digest["state"], digest["attempts"], digest["lease_until"]) == ("held", 1, None)
    assert digest["receipt"].startswith("no answer to the mail: ")
    assert (usual["state"], usual["attempts"]) == ("sent", 2)
    once = [ADDRESS] if fault.startswith("taken") else []
    assert sorted(faulty.recipients) == sorted([*once, "zoe@example.org", *(["zoe@example.org"] * len(once))])
    assert len({(copy.name, copy.digest) for copy in faulty.copies}) == 1 + len(once)


@pytest.mark.parametrize(
    "fault", ["421 before the mail", "450 to the recipient", "451 to the mail", "silence to DATA"]
)
async def test_digest_that_cannot_be_out_is_not_held(
    database: str, now: datetime, faulty: FaultySink, tmp_path: Path, fault: str
) -> None:
    faulty.likely[fault] = 1.0
    await record_digest(now)
    await swept(faulty, Clock(now), tmp_path)
    assert await rows("state", "begun_at") == [{"state": "pending", "begun_at": None}]
    faulty.likely.clear()
    await swept(faulty, Clock(now + HOUR), tmp_path)
    assert (await rows("state"), faulty.recipients) == ([{"state": "sent"}], [ADDRESS])


async def test_digest_of_a_lost_worker_is_held_if_it_had_begun(
    database: str, now: datetime, sink: SmtpSink
) -> None:
    await record_digest(now, "begun@example.org", "not.begun@example.org")
    begun, _ = await outbox.claim(kinds=[DIGEST], limit=9, lease=HOUR, token=uuid4(), now=now)
    assert await outbox.begin(begun, now=now)
    await sweep_all(a_relay(sink, Clock(now + HOUR - timedelta(seconds=1))))
    assert sink.recipients == []
    await sweep_all(a_relay(sink, Clock(now + HOUR)))
    assert sink.recipients == ["not.begun@example.org"]
    held, _ = await rows("state", "receipt")
    assert held == {"state": "held", "receipt": "its worker was lost while it went out"}
    assert await outbox.believe_sent(begun.id, receipt="so it did", now=now)
    assert not await outbox.revive(begun.id, now=now)


async def test_held_digest_is_sent_again_when_somebody_says_so(
    database: str, now: datetime, faulty: FaultySink, tmp_path: Path
) -> None:
    faulty.likely["taken, then gone"] = 1.0
    await record_digest(now)
    await swept(faulty, Clock(now), tmp_path)
    faulty.likely.clear()
    (row,) = await rows("id")
    assert await outbox.revive(row["id"], now=now)
    await swept(faulty, Clock(now), tmp_path)
    first, second = faulty.copies
    assert (first.digest, await rows("state")) == (second.digest, [{"state": "sent"}])
    assert not await outbox.believe_sent(row["id"], receipt="", now=now)


async def test_urgent_mails_go_before_thousands_of_digests(
    database: str, now: datetime, sink: SmtpSink
) -> None:
    await record_digest(now - HOUR, *(f"digest{number}@example.org" for number in range(2 * BATCH)))
    await record_mails(now, "usual@example.org")
    secret = seal({"path": "/x"}, KEY)
    await record_mails(now, "urgent@example.org", kind="account_confirmation", secret=secret)
    relay = a_relay(sink, Clock(now))
    await relay.sweep()
    assert {"urgent@example.org", "usual@example.org"} <= set(sink.recipients[:LANES])
    assert len(sink.recipients) == BATCH
    await record_mails(now, "late@example.org", kind="account_confirmation", secret=secret)
    await relay.sweep()
    assert "late@example.org" in sink.recipients[BATCH : BATCH + LANES]


async def test_kinds_that_are_due_are_told_oldest_first(database: str, now: datetime) -> None:
    await record_digest(now - HOUR)
    await record_mails(now, "zoe@example.org")
    await record_mails(now, "max@example.org", kind="password_changed", due_at=now + HOUR)
    asked = [DIGEST, "password_changed", "account_exists", "account_kept"]
    assert await outbox.due_kinds(asked, now) == [DIGEST, "account_exists"]
    assert await outbox.due_kinds(["account_kept"], now) == []
    claims = await outbox.claim(kinds=asked, limit=9, lease=HOUR, token=uuid4(), now=now)
    assert [claim.kind for claim in claims] == [DIGEST, "account_exists"]
    assert await outbox.due_kinds(asked, now + HOUR - timedelta(seconds=1)) == []
    assert await outbox.begin(claims[0], now=now)
    assert await outbox.due_kinds(asked, now + HOUR) == ["account_exists", "password_changed"]


def test_policies_are_of_kinds_that_there_are() -> None:
    assert set(POLICIES) - kinds() == set()
    urgent = {kind for kind in kinds() if policy_of(kind).priority is Priority.URGENT}
    assert {kind for kind in kinds() if carries_secret(kind)} - urgent == set()
    held = {kind for kind in kinds() if policy_of(kind).in_doubt is InDoubt.HOLD}
    assert held == {"alert_digest", DIGEST}
    ordered = in_order_of_priority([DIGEST, "account_exists", "account_kept", "new_password"])
    assert ordered == ["account_exists", "new_password", "account_kept", DIGEST]


async def test_lost_lease_keeps_a_mail_from_being_begun(database: str, now: datetime) -> None:
    await record_digest(now)
    claims: list[Any] = []
    for at in (now, now + HOUR):
        claims += await outbox.claim(kinds=[DIGEST], limit=1, lease=HOUR, token=uuid4(), now=at)
    late, present = claims
    assert [await outbox.begin(late, now=now), await outbox.hold(late, receipt="")] == [False, False]
    assert await outbox.keep_rendered({late.id: b"late"}, token=late.token) == set()
    assert await outbox.settle_sent({late.id: "late"}, token=late.token, now=now) == set()
    assert await outbox.keep_rendered({present.id: b"mail"}, token=present.token) == {present.id}
    assert await outbox.settle_sent({present.id: "250"}, token=present.token, now=now) == {present.id}
    row = await Outbox.select(Outbox.state, Outbox.rendered, Outbox.receipt).first()
    assert row == {"state": "sent", "rendered": b"mail", "receipt": "250"}
