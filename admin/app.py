"""Where the console meets: all its pages under /console/, behind one login."""

from pathlib import Path

from litestar import Router
from litestar.di import Provide

from admin.applications.board import BOARD_HANDLERS
from admin.applications.listing import LIST_HANDLERS
from admin.applications.moves import MOVE_HANDLERS
from admin.applications.page import APPLICATION_HANDLERS
from admin.applications.panel import PANEL_HANDLERS
from admin.applications.paragraphs import PARAGRAPH_HANDLERS
from admin.applications.reading import READING_HANDLERS
from admin.applications.reviews import REVIEW_HANDLERS
from admin.applications.undoing import find_undo_bar
from admin.batches.progress import BATCH_HANDLERS
from admin.entrance.new_passwords import NEW_PASSWORD_HANDLERS
from admin.entrance.own_account import OWN_ACCOUNT_HANDLERS
from admin.entrance.session import SESSION_HANDLERS, provide_staff
from admin.offers.listing import OFFER_HANDLERS
from admin.offers.schedule import SCHEDULE_HANDLERS
from admin.overview.exports import EXPORT_HANDLERS
from admin.overview.page import OVERVIEW_HANDLERS
from admin.people.team import TEAM_HANDLERS
from admin.people.units import UNIT_HANDLERS
from admin.records.alerts import ALERT_HANDLERS
from admin.records.audit import AUDIT_HANDLERS
from admin.records.deliveries import DELIVERY_HANDLERS
from admin.records.kinds import KIND_HANDLERS
from admin.records.synonyms import SYNONYM_HANDLERS
from admin.webhooks.acts import WEBHOOK_HANDLERS

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
        *KIND_HANDLERS,
        *ALERT_HANDLERS,
        *AUDIT_HANDLERS,
        *UNIT_HANDLERS,
        *SYNONYM_HANDLERS,
        *WEBHOOK_HANDLERS,
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
