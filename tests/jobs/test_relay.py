"""The relay against a real mail server: delivered once, repeated to the byte, settled by the answer."""

import asyncio
from datetime import datetime, timedelta
from email import policy
from email.parser import BytesParser
from typing import Any
from uuid import uuid4

import pytest

from jobs.relay import BATCH, MAILS, Relay, pause_after
from jobs.smtp import MailServer
from tests.jobs.conftest import record_mails, rows
from tests.support.smtp import SmtpSink
from workflow.database.connection import write_transaction
from workflow.engine import outbox
from workflow.engine.tables import Outbox
from workflow.messages.rendering import House
from workflow.sealing import seal

HOUSE = House("https://careers.example.org", "Example Research", "careers@example.org")
KEY = "a secret for the tests"
HOUR = timedelta(hours=1)


class Clock:
    """The time, as the test sets it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def a_relay(sink: SmtpSink, clock: Clock, **changed: Any) -> Relay:
    relay = Relay(
        MailServer.from_url(sink.url),
        **{
            "sender": "Vivier <no-reply@example.org>",
            "house": HOUSE,
            "secret_key": KEY,
            "journals": sink.journals,
            "clock": clock,
            **changed,
        },
    )
    sink.closing.append(relay.close)
    return relay


async def sweep_all(relay: Relay) -> None:
    while await relay.sweep():
        pass


async def test_relay_delivers(database: str, now: datetime, sink: SmtpSink) -> None:
    await record_mails(now, "zoe@example.org")
    await sweep_all(a_relay(sink, Clock(now)))
    assert sink.recipients == ["zoe@example.org"]
    assert await rows("state", "attempts", "receipt", "settled_at", "lease_token") == [
        {
            "state": "sent",
            "attempts": 1,
            "receipt": "2.0.0 taken as 1",
            "settled_at": now,
            "lease_token": None,
        }
    ]


async def test_more_than_a_batch_is_delivered_once_each(database: str, now: datetime, sink: SmtpSink) -> None:
    addresses = [f"candidate{number}@example.org" for number in range(BATCH * 2 + 3)]
    await record_mails(now, *addresses)
    await sweep_all(a_relay(sink, Clock(now)))
    assert sorted(sink.recipients) == sorted(addresses)


async def test_two_relays_deliver_each_mail_once(database: str, now: datetime, sink: SmtpSink) -> None:
    addresses = [f"candidate{number}@example.org" for number in range(BATCH * 3)]
    await record_mails(now, *addresses)
    sink.delay = 0.01
    relays = [a_relay(sink, Clock(now)) for _ in range(3)]
    await asyncio.gather(*(sweep_all(relay) for relay in relays))
    assert sorted(sink.recipients) == sorted(addresses)


async def test_mail_that_is_not_due_waits(database: str, now: datetime, sink: SmtpSink) -> None:
    await record_mails(now, "zoe@example.org", due_at=now + HOUR)
    clock = Clock(now)
    relay = a_relay(sink, clock)
    assert await relay.sweep() is False
    clock.now = now + HOUR
    assert await relay.sweep() is True
    mail = BytesParser(policy=policy.default).parsebytes(sink.received[0].content)
    assert mail["Date"].datetime == now + HOUR


async def test_what_is_refused_because_of_us_is_tried_for_five_days_and_again_when_asked(
    database: str, now: datetime, sink: SmtpSink
) -> None:
    await record_mails(now, "zoe@example.org")
    sink.refusals["zoe@example.org"] = "550 5.7.1 you may not relay"
    clock = Clock(now)
    states = []
    for hours in (0, 1, 2, 48, 120, 122):
        clock.now = now + hours * HOUR
        await a_relay(sink, clock).sweep()
        states.append((await rows("state"))[0]["state"])
    assert states == [*5 * ["pending"], "dead"]
    async with write_transaction():
        await outbox.revive((await rows("id"))[0]["id"], now=clock.now)
    await a_relay(sink, clock).sweep()
    assert await rows("state") == [{"state": "pending"}]
    del sink.refusals["zoe@example.org"]
    clock.now += 2 * HOUR
    await a_relay(sink, clock).sweep()
    assert await rows("state") == [{"state": "sent"}]


@pytest.mark.parametrize("secret", [None, seal({"path": "/candidate/confirm/t0ken"}, KEY)])
async def test_repeat_is_the_same_to_the_byte(
    database: str, now: datetime, sink: SmtpSink, secret: bytes | None
) -> None:
    kind = "account_confirmation" if secret else "account_exists"
    await record_mails(now, "zoe@example.org", kind=kind, secret=secret)
    sink.data_answers = ["451 not now", "452 nor now"]
    clock = Clock(now)
    for _ in range(3):
        await a_relay(sink, clock).sweep()
        clock.now += HOUR
    kept = (await rows("rendered"))[0]["rendered"]
    if secret:
        assert kept is None
    else:
        assert sink.received[0].content == kept


async def test_repeat_survives_a_change_of_the_texts(database: str, now: datetime, sink: SmtpSink) -> None:
    await record_mails(now, "zoe@example.org")
    sink.data_answers = ["451 not now"]
    await a_relay(sink, Clock(now)).sweep()
    other = House("https://elsewhere.example.org", "Somebody Else", "x@example.org")
    await a_relay(sink, Clock(now + HOUR), house=other).sweep()
    assert b"careers.example.org" in sink.received[0].content
    assert b"elsewhere.example.org" not in sink.received[0].content


async def test_secret_is_in_the_mail_and_nowhere_else(database: str, now: datetime, sink: SmtpSink) -> None:
    secret = seal({"path": "/candidate/confirm/t0ken"}, KEY)
    await record_mails(now, "zoe@example.org", kind="account_confirmation", secret=secret)
    sink.data_answers = ["451 not now"]
    await a_relay(sink, Clock(now)).sweep()
    before = (await Outbox.select())[0]
    await a_relay(sink, Clock(now + HOUR)).sweep()
    after = (await Outbox.select())[0]
    assert b"/candidate/confirm/t0ken" in sink.received[0].content.replace(b"=\r\n", b"")
    assert "t0ken" not in repr(before) + repr(after)
    assert (after["secret"], after["rendered"]) == (None, None)


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "551 not here", "553 no such name"])
async def test_unknown_recipient_is_dead_at_once(
    database: str, now: datetime, sink: SmtpSink, answer: str
) -> None:
    sink.refusals["nobody@example.org"] = answer
    await record_mails(now, "nobody@example.org", "zoe@example.org")
    await sweep_all(a_relay(sink, Clock(now)))
    assert await rows("state", "receipt", "attempts") == [
        {"state": "dead", "receipt": answer, "attempts": 1},
        {"state": "sent", "receipt": "2.0.0 taken as 1", "attempts": 1},
    ]


async def test_refused_mail_has_three_tries(database: str, now: datetime, sink: SmtpSink) -> None:
    await record_mails(now, "zoe@example.org")
    sink.data_answers = ["554 we do not like it"] * 3
    clock = Clock(now)
    states = []
    for _ in range(4):
        await a_relay(sink, clock).sweep()
        states += [(row["state"], row["attempts"]) for row in await rows("state", "attempts")]
        clock.now += HOUR
    assert states == [("pending", 1), ("pending", 2), ("dead", 3), ("dead", 3)]


async def test_busy_server_is_tried_again_later(database: str, now: datetime, sink: SmtpSink) -> None:
    await record_mails(now, "zoe@example.org")
    sink.refusals["zoe@example.org"] = "450 greylisted"
    relay = a_relay(sink, Clock(now))
    await sweep_all(relay)
    [row] = await rows("state", "attempts", "due_at", "receipt")
    assert (row["state"], row["attempts"], row["receipt"]) == ("pending", 1, "450 greylisted")
    assert timedelta(seconds=15) <= row["due_at"] - now <= timedelta(seconds=45)


async def test_server_that_is_down_burns_no_try(database: str, now: datetime, sink: SmtpSink) -> None:
    await record_mails(now, "zoe@example.org", "max@example.org")
    await sink.stop()
    relay = a_relay(sink, Clock(now))
    await relay.sweep()
    assert await relay.sweep() is False
    assert await rows("state", "attempts") == [{"state": "pending", "attempts": 0}] * 2
    await sink.start()
    async with asyncio.timeout(30):
        while len(sink.received) < 2:
            await relay.sweep()
            await asyncio.sleep(0.05)
    assert await rows("state", "attempts") == [{"state": "sent", "attempts": 1}] * 2


async def test_expired_mail_is_not_sent(database: str, now: datetime, sink: SmtpSink) -> None:
    secret = seal({"path": "/x"}, KEY)
    await record_mails(now, "zoe@example.org", expires_at=now + HOUR, secret=secret)
    await a_relay(sink, Clock(now + HOUR)).sweep()
    assert sink.received == []
    assert await rows("state", "receipt", "secret") == [
        {"state": "dead", "receipt": "expired before it could be sent", "secret": None}
    ]


async def test_mail_that_cannot_be_written_stops_no_other(
    database: str, now: datetime, sink: SmtpSink
) -> None:
    await record_mails(now, "a@example.org", params={})
    await record_mails(now, "b@example.org", secret=seal({"path": "/x"}, "another key"))
    await record_mails(now, "c@example.org", recipient="zoé@example.org")
    await record_mails(now, "d@example.org")
    await sweep_all(a_relay(sink, Clock(now)))
    assert sink.recipients == ["d@example.org"]
    assert [row["state"] for row in await rows("state")] == ["dead", "dead", "dead", "sent"]


async def test_claim_of_a_dead_worker_is_taken_over(database: str, now: datetime, sink: SmtpSink) -> None:
    await record_mails(now, "zoe@example.org")
    await outbox.claim(kinds=sorted(MAILS), limit=9, lease=HOUR, token=uuid4(), now=now)
    await sweep_all(a_relay(sink, Clock(now)))
    assert sink.received == []
    await sweep_all(a_relay(sink, Clock(now + HOUR)))
    assert sink.recipients == ["zoe@example.org"]


async def test_stopping_relay_gives_back_what_it_has_not_begun(
    database: str, now: datetime, sink: SmtpSink
) -> None:
    await record_mails(now, *(f"candidate{number}@example.org" for number in range(8)))
    relay = a_relay(sink, Clock(now), is_stopping=lambda: len(sink.received) > 0)
    sink.delay = 0.05
    await relay.sweep()
    states = [row["state"] for row in await rows("state")]
    assert states.count("sent") == len(sink.received) == 4
    assert (
        await rows("state", "attempts")
        == [{"state": "sent", "attempts": 1}] * 4 + [{"state": "pending", "attempts": 0}] * 4
    )


def test_pauses_double_up_to_an_hour() -> None:
    seconds = [pause_after(attempts, 1.0).total_seconds() for attempts in (1, 2, 3, 8, 50)]
    assert seconds == [30, 60, 120, 3600, 3600]
