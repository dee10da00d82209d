"""The recruiters' console: Piccolo Admin for the tables at /admin/, our own pages at /console/, one login for both.

May import `workflow` and `web.kit`; no other surface.
"""

from pathlib import Path

from litestar import Router
from litestar.di import Provide

from admin.applications import APPLICATION_HANDLERS
from admin.board import BOARD_HANDLERS
from admin.offers import OFFER_HANDLERS
from admin.schedule import SCHEDULE_HANDLERS
from admin.session import SESSION_HANDLERS, provide_staff

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"

_PAGES = Router(
    path="/",
    route_handlers=[*BOARD_HANDLERS, *APPLICATION_HANDLERS, *OFFER_HANDLERS, *SCHEDULE_HANDLERS],
    dependencies={"staff": Provide(provide_staff)},
)

ROUTE_HANDLERS = (
    Router(path="/console", route_handlers=[*SESSION_HANDLERS, _PAGES], include_in_schema=False),
)
