"""The JSON API under /api/v1: the same commands and queries as the pages, for programs.

No cookies, therefore no forged requests; tokens stand in `Authorization: Bearer`. Imports no page.
"""

from litestar import Router
from litestar.datastructures import ResponseHeader
from litestar.di import Provide

from web.api import (
    account,
    alerts,
    applications,
    console,
    offers,
    own_data,
    profile,
    recovery,
    reference,
    sessions,
)
from web.api.access import (
    SECURITY,
    provide_candidate,
    provide_language,
    provide_staff,
    require_candidate,
    require_staff,
)
from web.api.bodies import SMALL, Body, require_body
from web.api.offers import provide_reader

_IN_TWO_LANGUAGES = ResponseHeader(name="Vary", value="Accept-Language", documentation_only=False)
_NOT_KEPT = ResponseHeader(name="Cache-Control", value="no-store")

_open = Router(
    path="/",
    route_handlers=[
        *offers.ROUTE_HANDLERS,
        Router(path="/reference", route_handlers=reference.ROUTE_HANDLERS),
    ],
    dependencies={"reader": Provide(provide_reader)},
)
_sessions = Router(
    path="/",
    route_handlers=[
        *sessions.ROUTE_HANDLERS,
        *recovery.ROUTE_HANDLERS,
        *own_data.ROUTE_HANDLERS,
        *console.SESSION_HANDLERS,
    ],
    response_headers=[_NOT_KEPT],
    before_request=require_body,
    request_max_body_size=SMALL,
)
_candidate = Router(
    path="/",
    route_handlers=[
        Router(path="/", route_handlers=[*profile.UPLOAD_HANDLERS, *applications.UPLOAD_HANDLERS]),
        Router(
            path="/",
            route_handlers=[
                *profile.JSON_HANDLERS,
                *account.JSON_HANDLERS,
                *own_data.JSON_HANDLERS,
                *alerts.JSON_HANDLERS,
                *applications.JSON_HANDLERS,
            ],
            before_request=require_body,
            request_max_body_size=SMALL,
        ),
    ],
    dependencies={"candidate": Provide(provide_candidate)},
    guards=[require_candidate],
    security=SECURITY,
    response_headers=[_NOT_KEPT],
)
_console = Router(
    path="/",
    route_handlers=console.JSON_HANDLERS,
    dependencies={"staff": Provide(provide_staff)},
    guards=[require_staff],
    security=SECURITY,
    response_headers=[_NOT_KEPT],
    before_request=require_body,
    request_max_body_size=SMALL,
)

ROUTE_HANDLERS = [
    Router(
        path="/api/v1",
        route_handlers=[_open, _sessions, _candidate, _console],
        dependencies={"language": Provide(provide_language)},
        dto=Body,
        return_dto=None,
        response_headers=[_IN_TWO_LANGUAGES],
    )
]
