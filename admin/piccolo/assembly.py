"""Piccolo Admin, put together: our accounts and sessions, the tables it shows and how."""

import warnings
from typing import Any
from urllib.parse import urlsplit

from piccolo_admin.endpoints import AdminRouter, GroupedTableNamesResponseModel, TableConfig
from piccolo_admin.translations.data import ENGLISH, FRENCH
from piccolo_api.crud.endpoints import OrderBy
from piccolo_api.rate_limiting.middleware import InMemoryLimitProvider

from admin.piccolo.scope import acting
from admin.piccolo.tables import (
    BY_NAME,
    AlertRunRow,
    ApplicationRow,
    AuditRow,
    CandidateRow,
    HistoryRow,
    OfferRow,
    OutboxRow,
    ParagraphRow,
    RecruiterRow,
    RecruiterUnitRow,
    SynonymRow,
    UnitRow,
    tables_of,
)
from admin.piccolo.writes import hooks_of
from workflow.database.connection import current_database
from workflow.recruiters.tables import ABSOLUTE_LIMIT, IDLE_LIMIT, KEPT_ALIVE, Recruiter, RecruiterSession
from workflow.settings import Settings

_OURS = (
    '<link rel="stylesheet" href="/static/css/tables.css">'
    '<script type="module" src="/static/js/tables.js"></script>'
)


class _AdminRouter(AdminRouter):
    """Piccolo Admin that lists only the tables in reach, and whose page loads a script and a style of ours.

    Its page is an attribute that no documentation names: a browser test looks at what comes of it.
    """

    def __init__(self, *tables: TableConfig, **options: Any) -> None:
        super().__init__(*tables, **options)
        self.template = self.template.replace("</body>", f"{_OURS}\n</body>")

    def get_table_list(self) -> list[str]:
        """The names of the tables in reach."""
        return [name for name in super().get_table_list() if name in _in_reach()]

    def get_table_list_grouped(self) -> GroupedTableNamesResponseModel:
        """The same, by group; groups of which nothing is left are left out."""
        every = super().get_table_list_grouped()
        kept = {
            group: [name for name in names if name in _in_reach()] for group, names in every.grouped.items()
        }
        return GroupedTableNamesResponseModel(
            grouped={group: names for group, names in kept.items() if names},
            ungrouped=[name for name in every.ungrouped if name in _in_reach()],
        )


def _in_reach() -> frozenset[str]:
    who = acting()
    return tables_of(is_administrator=who.staff.is_administrator) if who else frozenset()


def piccolo_admin(settings: Settings) -> AdminRouter:
    """The application, for the database that is current now. It trusts whoever calls it: mount it guarded."""
    for table in BY_NAME.values():
        table._meta.db = current_database()
    _quieten()
    return _AdminRouter(
        *_configurations(),
        auth_table=Recruiter,
        session_table=RecruiterSession,  # type: ignore[arg-type]  # its methods, not its columns
        session_expiry=IDLE_LIMIT,
        max_session_expiry=ABSOLUTE_LIMIT,
        increase_expiry=KEPT_ALIVE,
        page_size=30,
        production=settings.is_production,
        site_name="Vivier",
        default_language_code="auto",
        translations=[ENGLISH, FRENCH],
        allowed_hosts=[urlsplit(settings.base_url).hostname or ""],
        # Ours counts both doors; this one only must not block for good.
        rate_limit_provider=InMemoryLimitProvider(limit=1000, timespan=60, block_duration=60),
        sidebar_links={
            "Board": "/console/",
            "Offers": "/console/offers",
            "Overview": "/console/overview",
            "Mails": "/console/deliveries",
            "Audit": "/console/audit",
        },
    )


def _quieten() -> None:
    """Both are said at every login and every search, and are no news: development has no HTTPS, SQLite no ILIKE."""
    warnings.filterwarnings("ignore", message="If running sessions in production")
    warnings.filterwarnings("ignore", message=".*SQLite doesn't support ILIKE")


def _configurations() -> list[TableConfig]:
    """What the lists show, how they are grouped and ordered."""
    application, candidate, offer, unit = ApplicationRow, CandidateRow, OfferRow, UnitRow
    recruiter, seen, step, effect = RecruiterRow, RecruiterUnitRow, HistoryRow, OutboxRow
    paragraph, entry = ParagraphRow, AuditRow
    return [
        _table("Hiring", application, "submitted_at candidate offer status", order="-submitted_at"),
        _table("Hiring", candidate, "last_name first_name email city", order="last_name"),
        _table("Hiring", offer, "reference title_fr title_en status unit closes_on", order="-closes_on"),
        _table("Hiring", unit, "code name city region contact_email", order="code"),
        _table("People", recruiter, "username first_name last_name active superuser", order="username"),
        _table("People", seen, "id recruiter unit", order="id"),
        _table("Hiring", paragraph, "name event language unit", order="name"),
        _table("Hiring", SynonymRow, "line", order="id"),
        _table("Records", step, "at subject_type event from_state to_state actor_id role", order="-id"),
        _table("Records", effect, "created_at kind recipient state due_at attempts", order="-id"),
        _table("Records", AlertRunRow, "started_at frequency period alerts digests offers", order="-id"),
        _table("Records", entry, "at actor_id action subject_type subject_id before after", order="-id"),
    ]


def _table(group: str, row: Any, columns: str, *, order: str) -> TableConfig:
    """A list of these columns; the first leads to the row."""
    shown = [row._meta.get_column_by_name(name) for name in columns.split()]
    ordered_by = row._meta.get_column_by_name(order.lstrip("-"))
    return TableConfig(
        row,
        visible_columns=shown,
        hooks=hooks_of(row),
        menu_group=group,
        link_column=shown[0],
        order_by=[OrderBy(ordered_by, ascending=not order.startswith("-"))],
    )
