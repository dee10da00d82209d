"""The recruiters' console: Piccolo Admin for the tables at /admin/, our own pages at /console/, one login for both.

May import `workflow` and `web.kit`; no other surface.
"""

from pathlib import Path

from litestar import Router
from litestar.di import Provide

from admin.applications import APPLICATION_HANDLERS
from admin.audit import AUDIT_HANDLERS
from admin.batches import BATCH_HANDLERS
from admin.board import BOARD_HANDLERS
from admin.deliveries import DELIVERY_HANDLERS
from admin.exports import EXPORT_HANDLERS
from admin.listing import LIST_HANDLERS
from admin.moves import MOVE_HANDLERS
from admin.new_passwords import NEW_PASSWORD_HANDLERS
from admin.offers import OFFER_HANDLERS
from admin.overview import OVERVIEW_HANDLERS
from admin.own_account import OWN_ACCOUNT_HANDLERS
from admin.panel import PANEL_HANDLERS
from admin.paragraphs import PARAGRAPH_HANDLERS
from admin.reading import READING_HANDLERS
from admin.reviews import REVIEW_HANDLERS
from admin.schedule import SCHEDULE_HANDLERS
from admin.session import SESSION_HANDLERS, provide_staff
from admin.synonyms import SYNONYM_HANDLERS
from admin.team import TEAM_HANDLERS
from admin.undoing import find_undo_bar
from admin.units import UNIT_HANDLERS

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"

_PAGES = Router(
    path="/",
    route_handlers=[
        *BOARD_HANDLERS,
        *LIST_HANDLERS,
        *BATCH_HANDLERS,
        *APPLICATION_HANDLERS,
        *READING_HANDLERS,
        *MOVE_HANDLERS,
        *PANEL_HANDLERS,
        *REVIEW_HANDLERS,
        *PARAGRAPH_HANDLERS,
        *OFFER_HANDLERS,
        *SCHEDULE_HANDLERS,
        *DELIVERY_HANDLERS,
        *AUDIT_HANDLERS,
        *UNIT_HANDLERS,
        *SYNONYM_HANDLERS,
        *OVERVIEW_HANDLERS,
        *EXPORT_HANDLERS,
        *TEAM_HANDLERS,
        *OWN_ACCOUNT_HANDLERS,
    ],
    dependencies={"staff": Provide(provide_staff)},
    before_request=find_undo_bar,
)

ROUTE_HANDLERS = (
    Router(
        path="/console",
        route_handlers=[*SESSION_HANDLERS, *NEW_PASSWORD_HANDLERS, _PAGES],
        include_in_schema=False,
    ),
)
