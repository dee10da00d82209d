"""Webhooks arrive signed, are tried again in good order, and neither slow nor hostile receivers do harm."""

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from jobs.sweeping import Alarm
from jobs.webhook_posting import Poster, pause_of
from jobs.webhooks import WebhookSender, keep_telling_programs
from tests.support.house import House
from tests.support.receiver import Receiver, receiving, said
from workflow.applications.commands import move_application
from workflow.database.connection import write_transaction
from workflow.engine import outbox
from workflow.engine.tables import Outbox
from workflow.recruiters.queries import StaffMember
from workflow.webhooks import commands, queries, replaying
from workflow.webhooks.addresses import Allowance
from workflow.webhooks.commands import NewWebhook, Reach
from workflow.webhooks.events import EVENTS, kind_of, message_announcement
from workflow.webhooks.tables import WebhookAttempt
from workflow.webhooks.telling import DELAYS

KEY = "a key for the tests"
OWN = Allowance((ip_network("127.0.0.0/8"),))


async def as_written(host: str, _port: int) -> Sequence[str]:
    """A resolver for addresses that are written in numbers."""
    return [host]


@dataclass
class Stage:
    """Subscriptions to receivers, and the worker that tells them; its clock is set by hand."""

    house: House
    administrator: StaffMember
    now: datetime
    stack: AsyncExitStack
    stopping: bool = False
    made: dict[UUID, NewWebhook] = field(default_factory=dict)

    def sender(self, *, poster: Poster | None = None, **changes: Any) -> WebhookSender:
        facts: dict[str, Any] = {
            "secret_key": KEY,
            "clock": lambda: self.now,
            "is_stopping": lambda: self.stopping,
            "jitter": lambda: 1.0,
        }
        return WebhookSender(poster or Poster(OWN, resolve=as_written, patience=2), **(facts | changes))

    async def receiver(self) -> Receiver:
        return await self.stack.enter_async_context(receiving())

    async def subscribe(self, url: str, *events: str) -> UUID:
        made = await commands.add_webhook(
            self.administrator,
            {"url": url, "events": list(events or EVENTS)},
            reach=Reach(OWN, as_written),
            secret_key=KEY,
            now=self.now,
        )
        self.made[made.id] = made
        return made.id

    async def record(self, *webhook_ids: UUID, times: int = 1) -> None:
        """Tests for each of them, as many as asked for."""
        for webhook_id in webhook_ids:
            for _ in range(times):
                await commands.send_test(self.administrator, webhook_id, now=self.now)

    async def tell(self, sender: WebhookSender | None = None) -> None:
        """All that is due, until nothing is."""
        sender = sender or self.sender()
        while await sender.sweep():
            pass
        await sender.finish()

    async def rows(self, *columns: str) -> list[dict[str, Any]]:
        return await Outbox.select(*columns).where(Outbox.kind.like("webhook/%")).order_by(Outbox.id)

    async def view(self, webhook_id: UUID) -> queries.WebhookView:
        return await queries.webhook(self.administrator, webhook_id)


@pytest.fixture
async def stage(database: str, house: House) -> AsyncIterator[Stage]:
    administrator = await house.recruiter(name="Ada", is_administrator=True)
    async with AsyncExitStack() as stack:
        yield Stage(house, administrator, house.now, stack)


@pytest.fixture
async def on_sqlite(sqlite_url: str, house: House) -> AsyncIterator[Stage]:
    """What has to do with the network alone is tried on one database."""
    from workflow.database.connection import database_from_url, opened_database, use_database

    use_database(database_from_url(sqlite_url))
    async with opened_database(), AsyncExitStack() as stack:
        administrator = await house.recruiter(name="Ada", is_administrator=True)
        yield Stage(house, administrator, house.now, stack)


def is_signed(call: Any, secret: str) -> bool:
    """As the specification tells receivers to look, written from its text."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    given = [each.partition(",") for each in call.headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(each, wanted) for version, _, each in given)


async def test_a_move_is_told_once_to_each_that_wants_it(stage: Stage) -> None:
    house, one, other = stage.house, await stage.receiver(), await stage.receiver()
    staff = await house.recruiter(await house.unit())
    unit = next(iter(staff.unit_ids or ()))
    first = await stage.subscribe(one.url)
    await stage.subscribe(other.url, "application.status_changed")
    await house.offer(staff, unit)
    application_id = await house.application(await house.candidate())
    await move_application(staff, application_id, "consider", terms=house.terms, now=house.now)
    await move_application(staff, application_id, "accept", terms=house.terms, now=house.now)

    sender = stage.sender()
    await stage.tell(sender)
    assert sorted(call.payload["type"] for call in one.calls) == [
        *("application.status_changed", "application.status_changed", "offer.published")
    ]
    statuses = [call.payload["data"]["application"]["status"] for call in other.calls]
    assert sorted(statuses) == ["submitted", "under_consideration"]
    call = next(call for call in one.calls if call.headers["webhook-id"] == other.messages[0])
    assert call.body == other.calls[0].body
    assert is_signed(call, stage.made[first].secret)
    assert not is_signed(call, next(reversed(stage.made.values())).secret)
    assert (call.method, call.path) == ("POST", "/hook?for=us")
    headers = {name: value for name, value in call.headers.items() if not name.startswith("webhook-")}
    assert headers == {
        "host": f"127.0.0.1:{one.port}",
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
        "user-agent": "Vivier-Webhooks/1.0",
        "content-type": "application/json",
        "content-length": str(len(call.body)),
    }
    assert call.headers["webhook-timestamp"] == str(int(stage.now.timestamp()))

    stage.now += house.terms.grace  # and now the decision
    await stage.tell(sender)
    assert [receiver.calls[-1].payload["data"]["application"]["status"] for receiver in (one, other)] == [
        "successful",
        "successful",
    ]
    assert (len(one.calls), len(other.calls)) == (4, 3)
    assert len(set(one.messages)) == 4
    assert {
        row["state"] for row in await Outbox.select(Outbox.state).where(Outbox.kind.is_in([*EVENTS]))
    } == {"sent"}
    log, _ = await queries.attempts(stage.administrator, first)
    assert {(each.message, each.body, each.status, each.said) for each in log} == {
        (call.headers["webhook-id"], call.body.decode(), 204, "") for call in one.calls
    }


async def test_failures_are_tried_again_by_the_schedule_and_then_given_up(stage: Stage) -> None:
    receiver = await stage.receiver()
    webhook_id = await stage.subscribe(receiver.url)
    receiver.usual = said("500 Oh no", body="<h1>Stack\0 trace é</h1>")
    await stage.record(webhook_id)
    begun, waits = stage.now, []
    for _ in DELAYS:
        await stage.tell()
        (row,) = await stage.rows("state", "due_at", "receipt")
        assert (row["state"], row["receipt"]) == ("pending", "500 <h1>Stack  trace é</h1>")
        waits.append(row["due_at"] - stage.now)
        stage.now = row["due_at"] - timedelta(seconds=1)
        await stage.tell()
        stage.now = row["due_at"]
    await stage.tell()

    assert tuple(waits) == DELAYS
    assert [row["state"] for row in await stage.rows("state")] == ["dead"]
    assert (
        len(receiver.calls),
        len(set(receiver.messages)),
        len({call.body for call in receiver.calls}),
    ) == (
        10,
        1,
        1,
    )
    stamps = [int(call.headers["webhook-timestamp"]) for call in receiver.calls]
    assert stamps[-1] - stamps[0] == int(sum(DELAYS, timedelta()).total_seconds())
    assert all(is_signed(call, stage.made[webhook_id].secret) for call in receiver.calls)
    view = await stage.view(webhook_id)
    assert (view.state, view.failing_since, view.waiting, view.dead) == ("failing", begun, 0, 1)

    receiver.usual = said("200 OK", body="thanks")
    assert await replaying.replay_failed(stage.administrator, webhook_id, since=begun, now=stage.now) == 1
    await stage.tell()
    view = await stage.view(webhook_id)
    assert (view.state, view.failing_since, view.dead) == ("active", None, 0)
    assert await stage.rows("state", "receipt") == [{"state": "sent", "receipt": "200 thanks"}]
    assert len(set(receiver.messages)) == 1


async def test_a_receiver_that_asks_for_a_pause_gets_it(stage: Stage) -> None:
    busy, later = await stage.receiver(), stage.now + timedelta(minutes=20)
    webhook_id = await stage.subscribe(busy.url)
    date = later.strftime("%a, %d %b %Y %H:%M:%S GMT")
    asked = ("Retry-After: 600", f"Retry-After: {date}", "Retry-After: 99999999999", "Retry-After: soon")
    waits = []
    for header in asked:
        busy.answers = [said("429 Slow down", header)]
        await stage.record(webhook_id)
        await stage.tell()
        rows = await stage.rows("due_at")
        waits.append(rows[-1]["due_at"] - stage.now)
    assert waits == [
        timedelta(minutes=10),
        timedelta(minutes=20),
        timedelta(hours=24),
        timedelta(seconds=5),
    ]


async def test_a_rest_is_kept_by_all_workers_and_ended_by_whoever_mends_it(stage: Stage) -> None:
    one, other, ada = await stage.receiver(), await stage.receiver(), stage.administrator
    webhook_id = await stage.subscribe(one.url)

    async def calls_of_a_new_message() -> int:
        """How many calls it comes to that there is something new to tell."""
        before = len(one.calls) + len(other.calls)
        payload = {"type": "offer.closed", "timestamp": str(uuid4()), "data": {}}
        async with write_transaction():
            await outbox.record(
                [message_announcement(webhook_id, f"msg_{uuid4().hex}", payload)], now=stage.now
            )
        await stage.tell()
        return len(one.calls) + len(other.calls) - before

    async def rest(*headers: str) -> timedelta | None:
        """Until when it is left alone once it has failed."""
        one.usual = said("429 Slow down", *headers)
        await stage.record(webhook_id)  # a test goes at once, whatever was asked before
        await stage.tell()
        until = (await stage.view(webhook_id)).rests_until
        return until - stage.now if until else None

    assert await rest() == timedelta(seconds=1)
    stage.now += timedelta(seconds=20)
    assert await rest() == timedelta(seconds=20)
    stage.now += timedelta(hours=1)
    assert await rest() == timedelta(minutes=1)
    assert await rest("Retry-After: 7200") == timedelta(minutes=10)
    assert (await calls_of_a_new_message(), await calls_of_a_new_message()) == (0, 0)

    began = stage.now - timedelta(hours=2)
    one.usual = said("200 OK")
    for mend in (
        lambda: commands.send_test(ada, webhook_id, now=stage.now),
        lambda: replaying.replay_failed(ada, webhook_id, since=began, now=stage.now),
        lambda: commands.renew_secret(ada, webhook_id, secret_key=KEY, now=stage.now),
    ):
        await rest("Retry-After: 7200")
        assert await calls_of_a_new_message() == 0
        one.usual = said("200 OK")
        await mend()
        assert await calls_of_a_new_message() > 0
    await rest("Retry-After: 7200")
    await commands.stop_webhook(ada, webhook_id, now=stage.now)
    await commands.resume_webhook(ada, webhook_id, now=stage.now)
    assert await calls_of_a_new_message() == 1

    await rest("Retry-After: 7200")
    waiting = (await stage.view(webhook_id)).waiting
    data = {"url": other.url, "events": list(EVENTS)}
    await commands.edit_webhook(ada, webhook_id, data, reach=Reach(OWN, as_written), now=stage.now)
    await stage.tell()
    view = await stage.view(webhook_id)
    assert (len(other.calls), waiting > 0, view.waiting, view.rests_until) == (waiting, True, 0, None)


async def test_a_failure_at_the_old_address_says_nothing_of_the_new_one(stage: Stage) -> None:
    old, new = await stage.receiver(), await stage.receiver()
    old.delay, old.usual = 0.5, said("410 Gone")
    webhook_id = await stage.subscribe(old.url)
    await stage.record(webhook_id)
    sender = stage.sender()
    await sender.sweep()
    assert await old.has(1)
    data = {"url": new.url, "events": list(EVENTS)}
    await commands.edit_webhook(
        stage.administrator, webhook_id, data, reach=Reach(OWN, as_written), now=stage.now
    )
    await sender.finish()
    await stage.tell(sender)
    view = await stage.view(webhook_id)
    assert (view.state, view.rests_until, view.waiting, len(new.calls)) == ("active", None, 0, 1)


async def test_the_log_says_that_redirects_are_not_followed() -> None:
    answers = {
        said("302 Found", "Location: http://169.254.169.254/x?key=1", body="hm"): "169.254.169.254\nhm",
        said("308 Moved", "Location: /login?key=1"): "127.0.0.1",
    }
    async with receiving() as receiver:
        for receiver.usual, host in answers.items():
            found = await Poster(OWN, resolve=as_written).post(receiver.url, b"{}", {}, now=datetime.now(UTC))
            assert found.said == f"redirects are not followed; this one leads to {host}"
        receiver.usual = said("301 Moved")
        found = await Poster(OWN, resolve=as_written).post(receiver.url, b"{}", {}, now=datetime.now(UTC))
    assert (found.said, len(receiver.calls)) == ("redirects are not followed", 3)


async def test_who_is_gone_is_stopped_and_told_nothing_more(stage: Stage) -> None:
    receiver = await stage.receiver()
    webhook_id = await stage.subscribe(receiver.url)
    await stage.record(webhook_id)
    receiver.answers = [said("410 Gone", body="moved out")]
    await stage.tell()
    view = await stage.view(webhook_id)
    assert (view.state, view.stopped_at, view.stopped_why, view.dead) == (
        "stopped",
        stage.now,
        "410 moved out",
        1,
    )

    staff = await stage.house.recruiter(await stage.house.unit())
    await stage.house.offer(staff, next(iter(staff.unit_ids or ())))
    await stage.tell()
    assert len(receiver.calls) == 1
    await commands.send_test(stage.administrator, webhook_id, now=stage.now)  # a test goes out all the same
    await stage.tell()
    assert [call.payload["type"] for call in receiver.calls] == ["webhook.ping", "webhook.ping"]
    assert (await stage.view(webhook_id)).state == "stopped"


async def test_who_fails_for_five_days_is_stopped_with_the_reason(stage: Stage) -> None:
    receiver = await stage.receiver()
    failing, old = await stage.subscribe(receiver.url), await stage.subscribe(receiver.url)
    receiver.usual = said("500 Oh no")
    begun = stage.now
    await stage.record(old)
    await stage.tell()
    async with write_transaction():
        await Outbox.update({Outbox.state: outbox.DEAD}).where(Outbox.kind == kind_of(old))
    for _ in range(6):
        await stage.record(failing)
        await stage.tell()
        stage.now += timedelta(days=1)
        receiver.calls.clear()
    await stage.record(old)  # after days without anything to tell it
    await stage.tell()

    view = await stage.view(failing)
    assert (view.state, view.failing_since, view.stopped_at, view.stopped_why) == (
        "stopped",
        begun,
        begun + timedelta(days=5),
        "500",
    )
    assert view.waiting == 0
    assert (await stage.view(old)).state == "failing"
    assert (await stage.view(old)).failing_since == stage.now


async def test_a_slow_receiver_holds_up_nobody(stage: Stage) -> None:
    slow, quick = await stage.receiver(), await stage.receiver()
    slow.delay = 60
    waiting, brisk = await stage.subscribe(slow.url), await stage.subscribe(quick.url)
    await stage.record(waiting, times=10)
    await stage.record(brisk, times=20)
    sender = stage.sender(poster=Poster(OWN, resolve=as_written, patience=60))
    await sender.sweep()
    assert await quick.has(20)
    assert await slow.has(4)
    assert (slow.most_at_once, quick.most_at_once) == (4, 4)
    for _ in range(500):  # the last answers are still being written down
        if not (await stage.view(brisk)).waiting:
            break
        await asyncio.sleep(0.02)
    await sender.end()
    assert (len(slow.calls), (await stage.view(brisk)).waiting) == (4, 0)


async def test_who_does_not_answer_in_time_has_failed(on_sqlite: Stage) -> None:
    slow = await on_sqlite.receiver()
    slow.delay = 60
    webhook_id = await on_sqlite.subscribe(slow.url)
    await on_sqlite.record(webhook_id)
    await on_sqlite.tell(on_sqlite.sender(poster=Poster(OWN, resolve=as_written, patience=0.3)))
    assert await on_sqlite.rows("state", "receipt") == [
        {"state": "pending", "receipt": "no answer within 0.3 seconds"}
    ]
    (tried,), _ = await queries.attempts(on_sqlite.administrator, webhook_id)
    assert (tried.status, tried.milliseconds >= 300) == (None, True)


async def test_many_subscriptions_take_turns(on_sqlite: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.webhooks.LANES", 2)
    receiver = await on_sqlite.receiver()
    ids = [await on_sqlite.subscribe(receiver.url) for _ in range(4)]
    await on_sqlite.record(*ids, times=8)
    sender = on_sqlite.sender()
    for _ in range(8):
        await sender.sweep()
        await sender.finish()
    assert len(receiver.calls) == 32


async def test_both_secrets_sign_for_a_day(on_sqlite: Stage) -> None:
    receiver = await on_sqlite.receiver()
    webhook_id = await on_sqlite.subscribe(receiver.url)
    old = on_sqlite.made[webhook_id].secret
    new = await commands.renew_secret(on_sqlite.administrator, webhook_id, secret_key=KEY, now=on_sqlite.now)
    for pause in (timedelta(hours=23, minutes=59), timedelta(minutes=1)):
        on_sqlite.now += pause
        await on_sqlite.record(webhook_id)
        await on_sqlite.tell()
    signed = [(is_signed(call, new), is_signed(call, old)) for call in receiver.calls]
    assert signed == [(True, True), (True, False)]

    await on_sqlite.record(webhook_id)
    await on_sqlite.tell(on_sqlite.sender(secret_key="another key"))
    (row,) = [row for row in await on_sqlite.rows("state", "receipt") if row["state"] == "pending"]
    assert row["receipt"].startswith("the secret cannot be read")


@dataclass
class Fickle:
    """A resolver that gives another answer each time."""

    answers: list[list[str]]
    asked: int = 0

    async def __call__(self, _host: str, _port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


async def test_a_name_that_changes_its_address_leads_nowhere(on_sqlite: Stage) -> None:
    """At saving it was public; between look and call it is asked for once, and what was looked at is called."""
    receiver = await on_sqlite.receiver()
    url = f"https://rebinding.example:{receiver.port}/"
    fickle = Fickle([["93.184.215.14"], ["127.0.0.1"]])
    made = await commands.add_webhook(
        on_sqlite.administrator,
        {"url": url, "events": ["offer.closed"]},
        reach=Reach(Allowance(), fickle),
        secret_key=KEY,
        now=on_sqlite.now,
    )
    await on_sqlite.record(made.id)
    await on_sqlite.tell(on_sqlite.sender(poster=Poster(Allowance(), resolve=fickle)))
    (row,) = await on_sqlite.rows("state", "receipt")
    assert row["receipt"] == ("not called: rebinding.example is in a network that is not called (127.0.0.1).")
    assert (receiver.calls, fickle.asked) == ([], 2)

    # allowed at the look, closed at any second one: there is none
    fickle = Fickle([["127.0.0.1"], ["169.254.169.254"]])
    poster = Poster(OWN, resolve=fickle, patience=2)
    answer = await poster.post(
        f"http://rebinding.example:{receiver.port}/x", b"{}", {"webhook-id": "m"}, now=on_sqlite.now
    )
    assert (answer.status, fickle.asked, receiver.calls[0].headers["host"]) == (
        204,
        1,
        f"rebinding.example:{receiver.port}",
    )


@pytest.mark.parametrize(
    ("answer", "status", "begins"),
    [
        (said("302 Found", "Location: http://169.254.169.254/"), 302, "redirects are not followed"),
        (said("200 OK", body="x" * 1_000_000), 200, "x" * 1000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n", 200, "abcd"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", 200, "abc"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\x00", 200, "\ufffd"),
        (b"\x16\x03\x01", None, "RemoteProtocolError"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 50_000 + b"\r\n", None, "RemoteProtocolError"),
        (b"", None, "RemoteProtocolError"),
    ],
    ids=["redirect", "long", "cut", "packed", "bytes", "noise", "headers", "nothing"],
)
async def test_whatever_comes_back_is_an_answer(answer: bytes, status: int | None, begins: str) -> None:
    async with receiving() as receiver:
        receiver.usual = answer
        poster = Poster(OWN, resolve=as_written, patience=2)
        found = await poster.post(receiver.url, b"{}", {}, now=datetime.now(UTC))
    assert (found.status, found.said[:1000][: len(begins)]) == (status, begins)
    assert len(receiver.calls) == 1
    assert len(found.said) <= 4096


async def test_a_body_that_never_ends_does_not_change_what_was_said() -> None:
    async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nhm")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(drips, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        poster = Poster(OWN, resolve=as_written, patience=2)
        found = await poster.post(f"http://127.0.0.1:{port}/", b"{}", {}, now=datetime.now(UTC))
    assert (found.status, found.said) == (202, "hm")


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as receiver, receiving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        poster = Poster(OWN, resolve=as_written)
        found = await poster.post(receiver.url, b"{}", {}, now=datetime.now(UTC))
    assert (found.status, len(receiver.calls), proxy.calls) == (204, 1, [])


def certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server of these names shows, and what believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([_name(each) for each in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paper, secret = folder / "cert.pem", folder / "key.pem"
    paper.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(paper, secret)
    return shown, ssl.create_default_context(cafile=str(paper))


def _name(text: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(text)) if text[0].isdigit() else x509.DNSName(text)


async def test_certificates_are_asked_for_by_name_though_the_call_goes_to_the_address(tmp_path: Path) -> None:
    shown, believes = certificate(tmp_path, "hooks.example")

    async def here(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.9", "127.0.0.1"]  # at the first of them nobody listens

    async with receiving(shown) as receiver:
        address = f"https://hooks.example:{receiver.port}/"
        other = f"https://others.example:{receiver.port}/"
        known = Poster(OWN, resolve=here, certificates=believes)
        unknown = Poster(OWN, resolve=here)
        found = [
            await poster.post(url, b"{}", {}, now=datetime.now(UTC))
            for poster, url in ((known, address), (known, other), (unknown, address))
        ]
    assert [(each.status, "CERTIFICATE_VERIFY_FAILED" in each.said) for each in found] == [
        (204, False),
        (None, True),
        (None, True),
    ]
    assert receiver.calls[0].headers["host"] == f"hooks.example:{receiver.port}"
    assert len(receiver.calls) == 1


def test_what_a_pause_may_look_like(now: datetime) -> None:
    asked = {
        "": None,
        "0": timedelta(),
        "120": timedelta(minutes=2),
        "-5": None,
        "Mon, 02 Mar 2026 09:31:00 GMT": timedelta(minutes=1),
        "Mon, 02 Mar 2020 09:31:00 GMT": timedelta(),
        "²": None,
    }
    assert {text: pause_of(text, now) for text in asked} == asked


async def test_one_worker_of_several_tells_and_a_lost_one_is_made_good(stage: Stage) -> None:
    receiver = await stage.receiver()
    webhook_id = await stage.subscribe(receiver.url)
    staff = await stage.house.recruiter(await stage.house.unit())
    await stage.house.offer(staff, next(iter(staff.unit_ids or ())))
    await stage.record(webhook_id, times=12)
    senders = [stage.sender() for _ in range(3)]
    for _ in range(3):
        await asyncio.gather(*(sender.sweep() for sender in senders))
        await asyncio.gather(*(sender.finish() for sender in senders))
    assert (len(receiver.calls), len(set(receiver.messages))) == (13, 13)

    await stage.record(webhook_id)
    kinds = [kind_of(webhook_id)]
    assert await outbox.claim(kinds=kinds, limit=1, lease=timedelta(minutes=1), token=uuid4(), now=stage.now)
    await stage.tell()
    assert len(receiver.calls) == 13
    stage.now += timedelta(minutes=1)
    await stage.tell()
    assert len(receiver.calls) == 14


async def test_a_subscription_that_goes_meanwhile_leaves_nothing_behind(stage: Stage) -> None:
    receiver = await stage.receiver()
    receiver.delay = 0.3
    webhook_id = await stage.subscribe(receiver.url)
    await stage.record(webhook_id, times=6)
    sender = stage.sender()
    await sender.sweep()
    assert await receiver.has(1)
    await commands.delete_webhook(stage.administrator, webhook_id, now=stage.now)
    await sender.finish()
    await stage.tell(sender)
    assert {row["state"] for row in await stage.rows("state")} == {"cancelled"}
    assert (await WebhookAttempt.count(), len(receiver.calls)) == (0, 4)


async def test_the_end_of_the_worker_is_quick_and_loses_nothing(on_sqlite: Stage) -> None:
    slow = await on_sqlite.receiver()
    slow.delay = 60
    webhook_id = await on_sqlite.subscribe(slow.url)
    await on_sqlite.record(webhook_id, times=6)
    alarm = Alarm()
    sender = on_sqlite.sender(
        poster=Poster(OWN, resolve=as_written, patience=30), is_stopping=lambda: alarm.stopping
    )
    task = asyncio.create_task(keep_telling_programs(sender, alarm))
    assert await slow.has(4)
    alarm.stop()
    begun = time.monotonic()
    done, _ = await asyncio.wait([task], timeout=0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (done, time.monotonic() - begun < 2) == (set(), True)
    assert sorted(row["state"] for row in await on_sqlite.rows("state")) == ["claimed"] * 4 + ["pending"] * 2


async def test_bodies_are_kept_as_they_are_to_the_byte(stage: Stage) -> None:
    receiver = await stage.receiver()
    await stage.subscribe(receiver.url)
    staff = await stage.house.recruiter(await stage.house.unit())
    title = 'Ingénieur·e "R&D" <b> 研究 \u2028 🧪'
    unit = next(iter(staff.unit_ids or ()))
    await stage.house.offer(staff, unit, title_fr=title, title_en="")
    receiver.answers = [said("500 Not yet")]
    await stage.tell()
    stage.now += timedelta(seconds=5)
    await stage.tell()
    first, second = receiver.calls
    assert first.body == second.body
    assert second.payload["data"]["offer"]["title"]["fr"].startswith("Ingénieur·e")
    assert json.dumps(second.payload, ensure_ascii=False, separators=(",", ":")).encode() == second.body
