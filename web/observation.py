"""What operators look at: whether the process lives, whether it can work, its figures and its log."""

import asyncio
import logging
from typing import Any

import structlog
from litestar import MediaType, Request, Response, get
from litestar.exceptions import NotFoundException
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from web.index_figures import index_figures
from web.kit.portal import portal_of
from web.outbox_figures import outbox_figures
from workflow.database.migrating import applied_migrations
from workflow.settings import Settings

_LOOPBACK = {"127.0.0.1", "::1"}


@get("/health", include_in_schema=False)
async def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/ready", include_in_schema=False)
async def ready() -> Response[dict[str, str]]:
    """The database answers, too. A dead Redis must not take the site down, so it is not asked."""
    try:
        migrations = await applied_migrations()
    except Exception as error:  # noqa: BLE001  # whatever it is, we are not ready
        structlog.get_logger(__name__).warning("database unreachable", reason=str(error))
        return Response({"status": "database unreachable"}, status_code=503)
    if not migrations:
        return Response({"status": "database not migrated"}, status_code=503)
    return Response({"status": "ok"})


@get("/metrics", include_in_schema=False, media_type=MediaType.TEXT)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Figures for Prometheus, on the loopback address or with the token; for others there is nothing here."""
    if not _may_read_metrics(request):
        raise NotFoundException
    portal = portal_of(request)
    of_index = await asyncio.to_thread(index_figures, portal.index)
    of_outbox = await outbox_figures(portal.clock())
    return Response(generate_latest() + of_index + of_outbox, media_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(request: Request[Any, Any, Any]) -> bool:
    token = portal_of(request).settings.metrics_token
    if token and request.headers.get("authorization") == f"Bearer {token}":
        return True
    came_through_proxy = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "via"))
    return not came_through_proxy and request.client is not None and request.client.host in _LOOPBACK


def configure_logging(settings: Settings) -> None:
    """One line an event; never bodies, cookies or addresses with tokens in them."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if settings.log_format == "json"
        else [
            # the rich formatter would print the variables of every frame, passwords among them
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    structlog.configure(
        processors=[*shared, *last], wrapper_class=structlog.make_filtering_bound_logger(logging.INFO)
    )


ROUTE_HANDLERS = [health, ready, metrics]
