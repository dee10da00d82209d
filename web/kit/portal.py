"""What every handler works with: the settings, the clock, the index, the documents, the templates."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment
from litestar.connection import ASGIConnection
from litestar.datastructures import State

from search.queries import OfferIndex
from web.kit.throttle import LoginLimit
from workflow.applications.submission import Documents
from workflow.documents.storage import DocumentStore
from workflow.engine.machine import Terms
from workflow.settings import Settings
from workflow.terms import terms_of

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Portal:
    """One for a process, made in `web.app`. `clock` gives the present instant in UTC.

    `nudge` wakes the worker after something was recorded for it; it never raises (see `workflow.nudging`).
    """

    settings: Settings
    clock: Callable[[], datetime]
    index: OfferIndex
    store: DocumentStore
    templates: Environment
    nudge: Callable[[], Awaitable[None]]
    logins: LoginLimit = field(default_factory=LoginLimit)

    @property
    def terms(self) -> Terms:
        """The terms of moves."""
        return terms_of(self.settings)

    @property
    def zone(self) -> ZoneInfo:
        """Where days are counted."""
        return self.settings.timezone

    @property
    def document_limit(self) -> int:
        """The largest upload, in bytes."""
        return self.settings.document_megabytes * MEGABYTE

    @property
    def documents(self) -> Documents:
        """Where uploads go."""
        return Documents(self.store, self.document_limit)


def portal_of(connection: ASGIConnection[Any, Any, Any, State]) -> Portal:
    """The portal that answers this request."""
    portal: Portal = connection.app.state.portal
    return portal


async def provide_portal(state: State) -> Portal:
    """Litestar's dependency `portal`."""
    portal: Portal = state.portal
    return portal


async def provide_now(state: State) -> datetime:
    """Litestar's dependency `now`: the instant of this request, in UTC."""
    now: datetime = state.portal.clock()
    return now
