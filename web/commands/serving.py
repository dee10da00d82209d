"""`vivier web` and `vivier worker`: one process each."""

import asyncio
import errno
import os
import socket

import uvicorn

from jobs.worker import run_worker
from web.cli import Refused
from web.commands.database import ready_database, require_no_demo_accounts
from web.commands.ports import holder_of
from workflow.settings import Settings

_SECONDS_TO_END = 4


def serve_web(settings: Settings) -> None:
    """`vivier web`. Headers of proxies count only where the proxy is listed."""
    asyncio.run(_require_ready(settings))
    listening = listening_socket(settings)
    config = uvicorn.Config(
        "web.app:create_app",
        factory=True,
        lifespan="on",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        server_header=False,
        access_log=False,
        use_colors=False,
        timeout_graceful_shutdown=_SECONDS_TO_END,
    )
    uvicorn.Server(config).run(sockets=[listening])


def work(settings: Settings) -> None:
    """`vivier worker`."""
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    await _require_ready(settings)
    await run_worker(settings)


async def _require_ready(settings: Settings) -> None:
    async with ready_database(settings):
        await require_no_demo_accounts(settings)


def listening_socket(settings: Settings) -> socket.socket:
    """The socket of the web process. Raises Refused, which says who has the port."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise Refused(_why_not(settings, error)) from None


def _why_not(settings: Settings, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {settings.port} is taken by {holder_of(settings.port)}.\n"
            f"End that program, or choose another port, such as: VIVIER_PORT={settings.port + 1}"
        )
    if error.errno == errno.EACCES:
        return f"You may not listen on port {settings.port}. Choose one over 1023, such as: VIVIER_PORT=8000"
    reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
    return f"Nothing can listen on {settings.host}: {reason}. Set VIVIER_HOST, such as VIVIER_HOST=127.0.0.1"
