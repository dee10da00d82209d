"""`vivier doctor`: looks at each thing that the portal needs, and says what to do."""

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from aiosmtplib import SMTPException
from redis import Redis
from redis.exceptions import RedisError

from jobs.embedded import NoRedis, embedded_redis
from jobs.smtp import MailServer
from search.errors import IndexUnusable
from web.cli import Refused
from web.commands.addresses import without_password
from web.commands.database import CLOSE_DEMO_ACCOUNTS, reachable_database, sqlite_file
from web.commands.findings import Finding, outbox_finding, webhooks_finding, workers_finding
from web.kit.index import index_reader
from workflow.demo.accounts import open_demo_accounts
from workflow.engine.checkpoints import is_key_of_this_database
from workflow.offers.queries import findable_offers
from workflow.settings import DEVELOPMENT_SECRET, Settings
from workflow.terms import terms_of

_PATIENCE = 5.0


def examine(settings: Settings) -> None:
    """`vivier doctor`. Raises Refused when something stops the portal."""
    findings = [Finding("Python", sys.version.split()[0])]
    findings += [finding for look in _LOOKS for finding in look(settings)]
    for finding in findings:
        mark = click.style("✗", fg="red") if finding.stops else click.style("!", fg="yellow")
        mark = mark if finding.advice else click.style("✓", fg="green")
        click.echo(f"{mark} {finding.subject}: {finding.said}")
        if finding.advice:
            click.echo(f"  → {finding.advice}")
    if any(finding.stops for finding in findings):
        raise Refused("The portal cannot run like this.")


def _folder(settings: Settings) -> list[Finding]:
    existing = next(folder for folder in (settings.var, *settings.var.parents) if folder.exists())
    if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        return [Finding("Folder", str(settings.var))]
    advice = "Give this user the right to write there, or set VIVIER_VAR."
    return [Finding("Folder", f"{settings.var} cannot be written", advice, stops=True)]


def _database(settings: Settings) -> list[Finding]:
    shown = without_password(settings.database_url)
    file = sqlite_file(settings)
    if file and not file.exists():
        return [Finding("Database", f"there is none at {file}", "Run: vivier migrate", stops=True)]
    try:
        missing, held = asyncio.run(_asked(settings))
    except Refused as error:
        said, _, advice = error.message.rpartition("\n")
        return [Finding("Database", said, advice, stops=True)]
    if missing:
        said = f"{shown} lacks {', '.join(missing)}"
        return [Finding("Database", said, "Run: vivier migrate", stops=True)]
    return [Finding("Database", shown), *held]


async def _asked(settings: Settings) -> tuple[tuple[str, ...], list[Finding]]:
    async with reachable_database(settings) as missing:
        if missing:
            return missing, []
        is_ours = await is_key_of_this_database(terms_of(settings).history_key)
        return (), [
            Finding("History", "its key fits")
            if is_ours
            else Finding("History", "the key does not fit", "Set the right VIVIER_HISTORY_KEY.", stops=True),
            Finding("Offers", f"{len(await findable_offers())} are published"),
            await outbox_finding(),
            await webhooks_finding(),
            await workers_finding(datetime.now(UTC)),
            *await _demo_accounts(settings),
        ]


async def _demo_accounts(settings: Settings) -> list[Finding]:
    """Nothing is said of them where they may be."""
    if not settings.is_production:
        return []
    found = await open_demo_accounts()
    said, advice = (", ".join(found), CLOSE_DEMO_ACCOUNTS) if found else ("none", "")
    return [Finding("Demo accounts", said, advice, stops=bool(found))]


def _index(settings: Settings) -> list[Finding]:
    with closing(index_reader(settings)) as index:
        try:
            state = index.state()
        except IndexUnusable as error:
            return [Finding("Index", str(error), "Run: vivier rebuild-index (a worker does so by itself)")]
    place = "in the database" if settings.search == "postgres" else f"in {settings.var / 'index'}"
    return [
        Finding(
            "Index",
            f"sound, {place}: {state.offers} offers, last changed {state.changed_at:%Y-%m-%d %H:%M} UTC",
        )
    ]


def _queue(settings: Settings) -> list[Finding]:
    if not settings.redis_url:
        return [_own_queue()]
    shown = without_password(settings.redis_url)
    try:
        with Redis.from_url(
            settings.redis_url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE
        ) as server:
            server.ping()
    except (RedisError, OSError) as error:
        advice = "Start it, or mend VIVIER_REDIS_URL. Until then mails and the index are a moment slower."
        return [Finding("Queue", f"{shown} does not answer: {error}", advice)]
    return [Finding("Queue", shown)]


def _own_queue() -> Finding:
    try:
        with TemporaryDirectory() as folder, embedded_redis(Path(folder)):
            return Finding("Queue", "`vivier up` starts a server of its own")
    except NoRedis as error:
        return Finding("Queue", str(error), "Install valkey-server, or set VIVIER_REDIS_URL.")


def _mail(settings: Settings) -> list[Finding]:
    if not settings.smtp_url:
        return [Finding("Mail", f"kept for {settings.base_url}/dev/mailbox")]
    shown = without_password(settings.smtp_url)
    try:
        asyncio.run(_greeted(MailServer.from_url(settings.smtp_url)))
    except (OSError, SMTPException) as error:
        advice = "Start it, or mend VIVIER_SMTP_URL. Until then mails wait; none is lost."
        return [Finding("Mail", f"{shown} does not answer: {error}", advice)]
    return [Finding("Mail", shown)]


async def _greeted(server: MailServer) -> None:
    conversation = await server.connect()
    await conversation.end()


def _secrets(settings: Settings) -> list[Finding]:
    default = [
        name
        for name, value in (
            ("VIVIER_SECRET_KEY", settings.secret_key),
            ("VIVIER_HISTORY_KEY", settings.history_key),
        )
        if value == DEVELOPMENT_SECRET
    ]
    if not default:
        return [Finding("Secrets", "set")]
    said = f"{' and '.join(default)}: everybody knows the default"
    return [Finding("Secrets", said, "Fine on your own machine. Anywhere else, set long random values.")]


_LOOKS: tuple[Callable[[Settings], list[Finding]], ...] = (
    _folder,
    _database,
    _index,
    _queue,
    _mail,
    _secrets,
)
