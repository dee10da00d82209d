"""The web process: where pages, API and console meet."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from litestar import Litestar, Router
from litestar.datastructures import CacheControlHeader, State
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.static_files import create_static_files_router

from admin.app import ROUTE_HANDLERS as CONSOLE
from admin.app import STATIC as CONSOLE_STATIC
from admin.app import TEMPLATES as CONSOLE_TEMPLATES
from admin.piccolo.mount import admin_mount
from web.api import ROUTE_HANDLERS as API
from web.api.openapi import OPENAPI
from web.candidate import ROUTE_HANDLERS as CANDIDATE
from web.candidate import UPLOAD_HANDLERS as UPLOADS
from web.kit.bare_answers import answering_head
from web.kit.errors import EXCEPTION_HANDLERS
from web.kit.form_guard import FormGuard
from web.kit.index import index_reader, watched
from web.kit.pages import templates
from web.kit.portal import MEGABYTE, Portal, document_limits, provide_now, provide_portal
from web.kit.security import csrf_config, forget_forms, protect
from web.kit.synonyms import followed_synonyms
from web.kit.visitors import recognise_candidate
from web.observation import ROUTE_HANDLERS as OBSERVATION
from web.observation import configure_logging
from web.public import DEVELOPMENT_HANDLERS
from web.public import ROUTE_HANDLERS as PUBLIC
from workflow.database.connection import opened_database
from workflow.documents.storage import DiskStore
from workflow.nudging import Nudger
from workflow.settings import Settings
from workflow.settings import settings as current_settings

_STATIC = Path(__file__).parent / "static"
_DAY = 24 * 3600
_FORM_LIMIT = 512 * 1024  # an offer's two descriptions, every character encoded


def present_instant() -> datetime:
    """The clock of a running portal."""
    return datetime.now(UTC)


def create_app(
    settings: Settings | None = None, *, clock: Callable[[], datetime] = present_instant
) -> Litestar:
    """The whole web process. Tests give a clock of their own."""
    settings = settings or current_settings()
    configure_logging(settings)
    upload_limit = sum(document_limits(settings).values()) + MEGABYTE
    nudger = Nudger(settings.redis_url)
    portal = Portal(
        settings=settings,
        clock=clock,
        index=index_reader(settings),
        store=DiskStore(settings.var / "documents"),
        templates=templates(settings, more_templates=[CONSOLE_TEMPLATES], more_assets=[CONSOLE_STATIC]),
        nudge=nudger.nudge,
    )
    pages = Router(
        path="/",
        route_handlers=[
            Router(
                path="/",
                route_handlers=[*PUBLIC, *CANDIDATE, *(DEVELOPMENT_HANDLERS if settings.has_mailbox else ())],
                request_max_body_size=_FORM_LIMIT,
            ),
            # Far more is read than is taken, so that a file that is too large does not cost the words beside it.
            Router(path="/", route_handlers=UPLOADS, request_max_body_size=4 * upload_limit),
        ],
        before_request=recognise_candidate,
        include_in_schema=False,
    )
    app = Litestar(
        route_handlers=[
            pages,
            Router(path="/", route_handlers=CONSOLE, request_max_body_size=_FORM_LIMIT),
            *API,
            *OBSERVATION,
            admin_mount(settings),
            create_static_files_router(
                "/static",
                directories=[_STATIC, CONSOLE_STATIC],
                cache_control=CacheControlHeader(public=True, max_age=_DAY),
                include_in_schema=False,
            ),
        ],
        state=State({"portal": portal}),
        dependencies={"portal": Provide(provide_portal), "now": Provide(provide_now)},
        exception_handlers=EXCEPTION_HANDLERS,
        middleware=[DefineMiddleware(FormGuard, config=csrf_config(settings))],
        before_send=[protect],
        after_response=forget_forms,
        lifespan=[_database_and_index],
        on_shutdown=[nudger.close],
        openapi_config=OPENAPI,
        request_max_body_size=upload_limit,
        debug=False,
    )
    app.asgi_handler = answering_head(app.asgi_handler)
    return app


@asynccontextmanager
async def _database_and_index(app: Litestar) -> AsyncIterator[None]:
    async with opened_database(), watched(app.state.portal.index), followed_synonyms():
        yield
