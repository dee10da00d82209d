"""The whole worker: quick, unmoved by a Redis that dies, and gone when it is told to go."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from redis import Redis

from jobs.sweeping import Alarm
from jobs.worker import run_worker
from search.errors import IndexMissing
from search.queries import OfferQuery
from search.whoosh_index import WhooshReader
from tests.jobs.conftest import record_mails, rows
from tests.support.house import House
from tests.support.smtp import SmtpSink
from tests.support.valkey import valkey
from workflow.database.connection import database_from_url, opened_database, use_database
from workflow.engine.machine import Terms
from workflow.messages.mailbox import messages
from workflow.nudging import Nudger
from workflow.settings import Settings

FAR = date(2099, 12, 31)
PATIENCE = 8
"""Seconds that `vivier up` leaves a worker to end, before it kills it."""


@pytest.fixture
def database_in_use(database_url: str) -> str:
    """The fresh database, which the worker opens by itself."""
    use_database(database_from_url(database_url))
    return database_url


def some_settings(folder: Path, database_url: str = "", **changed: str) -> Settings:
    return Settings.from_environment(
        {"VIVIER_VAR": str(folder / "var"), "VIVIER_DATABASE_URL": database_url}
        | {f"VIVIER_{name.upper()}": value for name, value in changed.items()}
    )


@asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[Alarm]:
    alarm = Alarm()
    task = asyncio.create_task(run_worker(settings, alarm=alarm))
    try:
        await until((settings.var / "index" / "current.json").exists, within=30)
        yield alarm
    finally:
        alarm.stop()
        await asyncio.wait_for(task, timeout=30)


async def until(condition: Callable[[], bool], *, within: float) -> float:
    """Seconds until a condition holds; fails when it takes longer than `within`."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < within, "took too long"
        await asyncio.sleep(0.01)
    return time.monotonic() - begun


async def nudged_until_heard(nudger: Nudger, sink: SmtpSink) -> None:
    """Nudge until a mail comes: a worker that has only just begun may not listen yet."""
    async with asyncio.timeout(30):
        while not sink.received:
            await nudger.nudge()
            await asyncio.sleep(0.1)


def present() -> datetime:
    return datetime.now(UTC)


async def test_mail_is_sent_without_redis(database_in_use: str, sink: SmtpSink, tmp_path: Path) -> None:
    async with working(some_settings(tmp_path, database_in_use, smtp_url=sink.url)):
        await record_mails(present(), "zoe@example.org")
        await until(lambda: len(sink.received) == 1, within=2)


async def test_mail_lands_in_the_mailbox(sqlite_url: str, tmp_path: Path) -> None:
    use_database(database_from_url(sqlite_url))
    settings = some_settings(tmp_path, sqlite_url)
    async with working(settings):
        await record_mails(present(), "zoe@example.org")
        await until(lambda: len(messages(settings.var / "mailbox")) == 1, within=2)
    [mail] = messages(settings.var / "mailbox")
    assert (mail.to, mail.subject) == ("zoe@example.org", "You already have an account")


async def test_new_offer_is_findable_within_two_seconds(
    database_in_use: str, terms: Terms, tmp_path: Path
) -> None:
    settings = some_settings(tmp_path, database_in_use)
    reader = WhooshReader(settings.var / "index")

    def titles_found() -> int:
        try:
            return reader.search(OfferQuery(keywords="chemist"), present()).total
        except IndexMissing:
            return 0

    async with working(settings):
        house = House(present(), terms, tmp_path)
        unit = await house.unit()
        staff = await house.recruiter(unit)
        for number in (1, 2, 3):
            await house.offer(staff, unit, f"REF-{number}", closes_on=FAR)
            await until(lambda number=number: titles_found() == number, within=2)  # type: ignore[misc]


async def test_nudge_wakes_the_worker(
    sqlite_url: str, sink: SmtpSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_database(database_from_url(sqlite_url))
    monkeypatch.setattr("jobs.sweeping.keep_sweeping.__kwdefaults__", {"poll": 60.0})
    with valkey(tmp_path / "redis") as redis:
        async with working(some_settings(tmp_path, sqlite_url, smtp_url=sink.url, redis_url=redis.url)):
            nudger = Nudger(redis.url)
            await record_mails(present(), "candidate1@example.org")
            await nudged_until_heard(nudger, sink)
            for number in (2, 3):
                await record_mails(present(), f"candidate{number}@example.org")
                await nudger.nudge()
                await until(lambda number=number: len(sink.received) == number, within=20)  # type: ignore[misc]
            await nudger.close()


async def test_redis_that_dies_or_is_frozen_delays_no_mail_and_is_heard_again(
    sqlite_url: str, sink: SmtpSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies in the middle, comes back, is frozen, thaws, is killed while frozen, comes back again."""
    monkeypatch.setattr("jobs.doorbell._PATIENCE", 1.0)
    monkeypatch.setattr("workflow.nudging._REST_AFTER_FAILURE", 0.5)
    use_database(database_from_url(sqlite_url))

    async def mail_goes_out(address: str) -> None:
        await record_mails(present(), address)
        await nudger.nudge()
        await until(lambda: address in sink.recipients, within=2)

    with ExitStack() as stack:
        redis = stack.enter_context(valkey(tmp_path / "redis"))
        settings = some_settings(tmp_path, sqlite_url, smtp_url=sink.url, redis_url=redis.url)
        async with working(settings) as alarm:
            nudger = Nudger(redis.url)
            await nudged_until_it_rings(nudger, alarm)
            redis.kill()
            await mail_goes_out("dead@example.org")
            redis = stack.enter_context(valkey(tmp_path / "redis"))
            await nudged_until_it_rings(nudger, alarm)
            redis.freeze()
            await mail_goes_out("frozen@example.org")
            await asyncio.sleep(1.5)  # longer than the worker waits for an answer
            redis.thaw()
            await nudged_until_it_rings(nudger, alarm)
            redis.freeze()
            redis.kill()
            await mail_goes_out("both@example.org")
            stack.enter_context(valkey(tmp_path / "redis"))
            await nudged_until_it_rings(nudger, alarm)
            await mail_goes_out("well@example.org")
            await nudger.close()
    assert len(sink.received) == 4


async def nudged_until_it_rings(nudger: Nudger, alarm: Alarm) -> None:
    """Nudge until it is heard; whoever nudges rests for a while after a failure, and so does who listens."""
    rings = alarm.rings
    async with asyncio.timeout(60):
        while alarm.rings == rings:
            await nudger.nudge()
            await asyncio.sleep(0.1)


async def test_nudges_that_a_failing_redis_loses_are_made_up_for(
    sqlite_url: str, sink: SmtpSink, tmp_path: Path
) -> None:
    """What others do to the queue: it is emptied, keys have another type, somebody writes what is no job."""
    use_database(database_from_url(sqlite_url))
    spoil: list[Callable[[Redis], object]] = [
        lambda client: client.flushall(),
        lambda client: client.set("arq:queue", "no queue"),
        lambda client: (client.delete("arq:queue"), client.zadd("arq:queue", {"strange": 1, "nudge": 2})),
        lambda client: client.set("arq:job:nudge", b"\x80\x04no job"),
        lambda client: client.config_set("maxmemory", "1"),
    ]
    with valkey(tmp_path / "redis") as redis, Redis.from_url(redis.url) as client:
        settings = some_settings(tmp_path, sqlite_url, smtp_url=sink.url, redis_url=redis.url)
        async with working(settings) as alarm:
            nudger = Nudger(redis.url)
            await nudged_until_it_rings(nudger, alarm)
            for number, do in enumerate(spoil, start=1):
                do(client)
                await record_mails(present(), f"candidate{number}@example.org")
                await nudger.nudge()
                await until(lambda number=number: len(sink.received) == number, within=2)  # type: ignore[misc]
            client.config_set("maxmemory", "64mb")
            client.flushall()
            await nudged_until_it_rings(nudger, alarm)
            await nudger.close()


async def test_two_workers_send_each_mail_once(database_in_use: str, sink: SmtpSink, tmp_path: Path) -> None:
    settings = some_settings(tmp_path, database_in_use, smtp_url=sink.url)
    addresses = [f"candidate{number}@example.org" for number in range(60)]
    async with opened_database():
        await record_mails(present(), *addresses)
    with a_process(settings) as one, a_process(settings) as other:
        await until(lambda: len(sink.received) >= len(addresses), within=40)
        await asyncio.sleep(0.5)
        for worker in (one, other):
            worker.terminate()
        for worker in (one, other):
            assert await asyncio.to_thread(worker.wait, PATIENCE) == 0
    assert sorted(sink.recipients) == sorted(addresses)
    async with opened_database():
        assert {row["state"] for row in await rows("state")} == {"sent"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signal_ends_the_process_within_five_seconds(
    sqlite_url: str, sink: SmtpSink, tmp_path: Path, number: signal.Signals
) -> None:
    use_database(database_from_url(sqlite_url))
    async with opened_database():
        await record_mails(present(), *(f"candidate{number}@example.org" for number in range(40)))
    sink.delay = 0.3
    with valkey(tmp_path / "redis") as redis:
        settings = some_settings(tmp_path, sqlite_url, smtp_url=sink.url, redis_url=redis.url)
        with a_process(settings) as worker:
            await until(lambda: len(sink.received) > 0, within=40)
            worker.send_signal(number)
            begun = time.monotonic()
            assert await asyncio.to_thread(worker.wait, 5) == 0
            assert time.monotonic() - begun < 5
    async with opened_database():
        states = [row["state"] for row in await rows("state")]
    assert states.count("sent") == len(sink.received)
    assert states.count("pending") == 40 - len(sink.received)


async def test_signal_ends_a_starting_process_at_any_moment(sqlite_url: str, tmp_path: Path) -> None:
    use_database(database_from_url(sqlite_url))
    with valkey(tmp_path / "redis") as redis:
        for moment in (0.1, 0.3, 0.6, 1.0, 1.5):
            settings = some_settings(tmp_path / str(moment), sqlite_url, redis_url=redis.url)
            with a_process(settings) as worker:
                await asyncio.sleep(moment)
                worker.terminate()
                assert await asyncio.to_thread(worker.wait, 3) in (0, -signal.SIGTERM), moment


async def test_silent_mail_server_does_not_hold_up_the_end(
    sqlite_url: str, sink: SmtpSink, tmp_path: Path
) -> None:
    use_database(database_from_url(sqlite_url))
    async with opened_database():
        await record_mails(present(), "zoe@example.org")
    sink.delay = 60
    with a_process(some_settings(tmp_path, sqlite_url, smtp_url=sink.url)) as worker:
        await until(lambda: sink.data_begun > 0, within=40)
        worker.terminate()
        assert await asyncio.to_thread(worker.wait, PATIENCE) == 0


@contextmanager
def a_process(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of its own, as the command starts it; whatever becomes of the test, it does not outlive it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VIVIER_")} | {
        "VIVIER_VAR": str(settings.var),
        "VIVIER_DATABASE_URL": settings.database_url,
        "VIVIER_SMTP_URL": settings.smtp_url,
        "VIVIER_REDIS_URL": settings.redis_url,
    }
    program = (
        "import asyncio\nfrom jobs.worker import run_worker\nfrom workflow.settings import settings\n"
        "asyncio.run(run_worker(settings()))"
    )
    with subprocess.Popen([sys.executable, "-c", program], env=environment) as worker:
        try:
            yield worker
        finally:
            worker.kill()
