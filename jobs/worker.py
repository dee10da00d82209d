"""The worker process: tasks side by side, each started again when it fails, and a clean end."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog

from jobs.alerts import OFTEN as ALERT_SECONDS
from jobs.alerts import AlertTeller, note_refusal
from jobs.archives import ArchiveMaker
from jobs.batches import BatchMover
from jobs.checkpointing import INTERVAL, Checkpointer
from jobs.doorbell import hear_nudges
from jobs.heartbeat import heartbeat
from jobs.indexing import IndexKeeper, index_writer
from jobs.mailbox import open_mailbox
from jobs.relay import Relay, keep_mails
from jobs.retention import OFTEN, DataKeeper
from jobs.side_by_side import Job, rest, run_side_by_side, until_told_to_stop
from jobs.smtp import MailServer
from jobs.sweeping import Alarm, keep_sweeping
from jobs.webhooks import keep_telling_programs, webhook_sender
from jobs.weekly import OFTEN as WEEKLY_SECONDS
from jobs.weekly import WeeklyMailer
from workflow.calendar import calendar_of
from workflow.database.connection import opened_database, write_transaction
from workflow.documents.storage import DiskStore
from workflow.engine.idempotency import forget_expired
from workflow.messages.rendering import House
from workflow.privacy.spans import spans_of
from workflow.settings import Settings
from workflow.terms import terms_of

CHECK_SECONDS = 10.0
"""How long damage to the index may go unnoticed."""

PLAN_SECONDS = 3600.0
"""How long a timer may be missing."""

TIMER_SECONDS = 1.0
"""How late a timer may fire."""

_log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


async def run_worker(settings: Settings, *, alarm: Alarm | None = None) -> None:
    """Do what the outbox asks for, until SIGTERM or SIGINT, or until the `alarm` handed in is stopped.

    Ends within seconds: what is under way ends, what was not begun is given back. With Redis down or
    not there at all everything goes on, a moment slower.
    """
    alarm = alarm or _alarm_of_signals()
    keeper = index_keeper(settings)
    async with opened_database(), heartbeat(utc_now), _mail_server(settings) as server:
        relay = _relay(settings, server, alarm)
        sweeps: dict[str, Job] = {
            "mails": lambda: keep_mails(relay, alarm),
            "webhooks": lambda: keep_telling_programs(webhook_sender(settings, alarm), alarm),
            "index": lambda: until_told_to_stop(lambda: _keep_index(keeper, alarm), alarm),
            "index check": lambda: until_told_to_stop(lambda: _keep_index_sound(keeper, alarm), alarm),
            "timers": lambda: _keep_time(settings, alarm),
            "plans": lambda: until_told_to_stop(lambda: _keep_plans(settings, alarm), alarm),
            "checkpoints": lambda: _keep_checkpoints(settings, alarm),
            "copies of data": lambda: keep_sweeping(archive_maker(settings), alarm),
            "batches": lambda: keep_sweeping(batch_mover(settings, alarm), alarm),
            "data": lambda: _keep_data(data_keeper(settings), alarm),
            "alerts": lambda: _keep_alerts(alert_teller(settings, alarm), alarm),
            "weekly mails": lambda: _keep_weeks(WeeklyMailer(settings, utc_now), alarm),
        }
        _log.info("worker started", mails=f"{server.host}:{server.port}")
        try:
            await run_side_by_side(sweeps, alarm, hearing=_doorbell(settings.redis_url, alarm))
        finally:
            await asyncio.to_thread(keeper.close)
        _log.info("worker ended")


def index_keeper(settings: Settings) -> IndexKeeper:
    """The keeper of this installation's index; also for building it anew by hand."""
    return IndexKeeper(index_writer(settings), zone=settings.timezone, clock=utc_now)


def archive_maker(settings: Settings) -> ArchiveMaker:
    """The maker of copies of candidates' data, as this installation is set."""
    store = DiskStore(settings.var / "documents")
    return ArchiveMaker(store, scratch=settings.var, zone=settings.timezone, clock=utc_now)


def batch_mover(settings: Settings, alarm: Alarm) -> BatchMover:
    """What carries out many moves at once, as this installation is set."""
    return BatchMover(terms=terms_of(settings), clock=utc_now, is_stopping=lambda: alarm.stopping)


def alert_teller(settings: Settings, alarm: Alarm) -> AlertTeller:
    """What tells candidates of new offers, as this installation is set."""
    return AlertTeller(settings, utc_now, is_stopping=lambda: alarm.stopping)


def data_keeper(settings: Settings) -> DataKeeper:
    """What lets go of candidates' data, as this installation is set."""
    return DataKeeper(
        DiskStore(settings.var / "documents"),
        spans=spans_of(settings),
        terms=terms_of(settings),
        mailbox=settings.var / "mailbox" if settings.has_mailbox else None,
        secret_key=settings.secret_key,
        clock=utc_now,
    )


def _relay(settings: Settings, server: MailServer, alarm: Alarm) -> Relay:
    return Relay(
        server,
        sender=settings.mail_from,
        house=House(settings.base_url, settings.employer, settings.contact_email),
        secret_key=settings.secret_key,
        journals=settings.var / "journal",
        clock=utc_now,
        mails_per_second=settings.mails_per_second,
        is_stopping=lambda: alarm.stopping,
        on_refused=lambda *refusal: note_refusal(*refusal, now=utc_now()),
    )


@asynccontextmanager
async def _mail_server(settings: Settings) -> AsyncIterator[MailServer]:
    if not settings.has_mailbox:
        yield MailServer.from_url(settings.smtp_url)
        return
    async with open_mailbox(settings.var / "mailbox", utc_now) as server:
        yield server


async def _keep_index(keeper: IndexKeeper, alarm: Alarm) -> None:
    await keeper.prepare()
    await keep_sweeping(keeper, alarm)


async def _keep_time(settings: Settings, alarm: Alarm) -> None:
    """Fire timers as they come due."""
    calendar = calendar_of(terms_of(settings))
    while not alarm.stopping:
        if not await calendar.fire_due(utc_now()):
            await rest(TIMER_SECONDS, alarm)


async def _keep_checkpoints(settings: Settings, alarm: Alarm) -> None:
    """What has happened is sealed at the start, and again and again."""
    checkpointer = Checkpointer(terms_of(settings).history_key, utc_now)
    while not alarm.stopping:
        await checkpointer.take()
        await rest(INTERVAL, alarm)


async def _keep_data(keeper: DataKeeper, alarm: Alarm) -> None:
    while not alarm.stopping:
        await keeper.tend()
        await rest(OFTEN, alarm)


async def _keep_alerts(teller: AlertTeller, alarm: Alarm) -> None:
    while not alarm.stopping:
        await teller.tend()
        await rest(ALERT_SECONDS, alarm)


async def _keep_weeks(mailer: WeeklyMailer, alarm: Alarm) -> None:
    while not alarm.stopping:
        await mailer.tend()
        await rest(WEEKLY_SECONDS, alarm)


async def _keep_plans(settings: Settings, alarm: Alarm) -> None:
    """Bring what is planned in line with the rows and the settings, at first and every hour; forget old answers.

    A process of an older version may move an offer and know nothing of the newest timers.
    """
    calendar = calendar_of(terms_of(settings))
    while not alarm.stopping:
        if changed := await calendar.plan_anew():
            _log.info("timers planned anew", subjects=changed)
        async with write_transaction():
            await forget_expired(utc_now())
        await rest(PLAN_SECONDS, alarm)


async def _keep_index_sound(keeper: IndexKeeper, alarm: Alarm) -> None:
    """Damage is mended also while nothing is published."""
    while not alarm.stopping:
        await rest(CHECK_SECONDS, alarm)
        if not alarm.stopping:
            await keeper.keep_sound()


def _doorbell(redis_url: str, alarm: Alarm) -> Job | None:
    return (lambda: hear_nudges(redis_url, alarm.ring)) if redis_url else None


def _alarm_of_signals() -> Alarm:
    alarm = Alarm()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, alarm.stop)
    return alarm
