"""`vivier up`: everything that a portal needs, from one command."""

import asyncio
import fcntl
import http.client
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from jobs.embedded import NoRedis, embedded_redis
from web.cli import Refused
from web.commands.database import ready_database, require_no_demo_accounts
from web.commands.filling import loaded_demo, make_folders, migrated
from web.commands.serving import listening_socket
from web.commands.supervising import Child, GaveUp, Supervisor, begin_log
from workflow.demo.accounts import ADMINISTRATOR_EMAIL, CANDIDATE_EMAIL, PASSWORD, RECRUITER_EMAIL
from workflow.demo.loading import DemoForbidden, database_is_empty
from workflow.settings import Settings

_PATIENCE = 90.0
_DEMO_UNDO_MINUTES = "1"

_console = Console(highlight=False, markup=False, soft_wrap=True)


def run_everything(settings: Settings, *, demo: bool) -> None:
    """`vivier up`. Raises Refused when something is in the way, or a process cannot be kept running."""
    demo = demo or settings.demo
    if demo and settings.is_production:
        raise Refused(DemoForbidden().message)
    listening_socket(settings).close()
    make_folders(settings)
    with _only_one(settings.var / "up.lock"):
        asyncio.run(_prepare(settings, demo=demo))
        with _queue(settings) as redis_url:
            environment = _environment(demo=demo, redis_url=redis_url)
            try:
                asyncio.run(_run(settings, environment, demo=demo))
            except GaveUp as error:
                raise Refused(str(error)) from None
    _say("Stopped.")


async def _prepare(settings: Settings, *, demo: bool) -> None:
    done = await migrated(settings)
    if done:
        _say(f"Database made ready: {', '.join(done)}.")
    async with ready_database(settings):
        await require_no_demo_accounts(settings)
        if demo and await database_is_empty() and (loaded := await loaded_demo(settings)):
            _say(f"Demo set-up loaded: {loaded.offers} offers, {loaded.applications} applications.")


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Two at once on one folder would be two workers on one index. Raises Refused."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                f"Vivier runs already on {path.parent}. Stop it first, or set VIVIER_VAR to another folder."
            ) from None
        yield


@contextmanager
def _queue(settings: Settings) -> Iterator[str]:
    """The address of the Redis-compatible server: the operator's, one started by us, or none."""
    if settings.redis_url:
        yield settings.redis_url
        return
    server = embedded_redis(settings.var / "redis")
    try:
        url = server.__enter__()
    except NoRedis as error:
        _say(str(error))
        yield ""
        return
    try:
        yield url
    finally:
        server.__exit__(None, None, None)


def _environment(*, demo: bool, redis_url: str) -> dict[str, str]:
    """What the children see: our own environment, the server we started, a short grace in the demo."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if redis_url:
        environment["VIVIER_REDIS_URL"] = redis_url
    if demo:
        environment.setdefault("VIVIER_UNDO_MINUTES", _DEMO_UNDO_MINUTES)
    return environment


async def _run(settings: Settings, environment: dict[str, str], *, demo: bool) -> None:
    logs = settings.var / "logs"
    children = [
        Child(name, [sys.executable, "-m", "web.cli", name], logs / f"{name}.log")
        for name in ("web", "worker")
    ]
    for child in children:
        begin_log(child.log)
    await Supervisor(children, environment, _say).run(_welcome(settings, demo=demo))


async def _welcome(settings: Settings, *, demo: bool) -> None:
    """Wait until the portal can be used, then say where it is."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE
    while not await asyncio.to_thread(_answers, settings):
        if asyncio.get_running_loop().time() > deadline:
            _say(f"The portal is not ready yet. Look into {settings.var / 'logs'}")
            deadline += _PATIENCE
        await asyncio.sleep(0.25)
    _print_addresses(settings, demo=demo)


def _answers(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  # any address: ask our own
    connection = http.client.HTTPConnection(host, settings.port, timeout=2)
    try:
        connection.request("GET", "/api/v1/offers?page_size=1")  # 503 until there is an index
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _print_addresses(settings: Settings, *, demo: bool) -> None:
    addresses = Table.grid(padding=(0, 3))
    addresses.add_row("Portal", settings.base_url)
    addresses.add_row("Console", f"{settings.base_url}/console/")
    addresses.add_row("Tables", f"{settings.base_url}/admin/")
    if settings.has_mailbox:
        addresses.add_row("Mails", f"{settings.base_url}/dev/mailbox")
    if demo:
        for role, email in (
            ("Candidate", CANDIDATE_EMAIL),
            ("Recruiter", RECRUITER_EMAIL),
            ("Administrator", ADMINISTRATOR_EMAIL),
        ):
            addresses.add_row(role, f"{email}   password {PASSWORD}")
    addresses.add_row("Logs", str(settings.var / "logs"))
    _console.print("\nVivier is ready. Ctrl-C stops it.\n", style="bold green")
    _console.print(addresses)
    _console.print()


def _say(text: str) -> None:
    _console.print(text)
