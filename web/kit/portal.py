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
from web.kit.held_pages import HeldPages
from web.kit.recent_offers import RecentOffers
from workflow.applications.submission import Documents
from workflow.documents.commands import COVERING_LETTER, CV
from workflow.documents.storage import DocumentStore
from workflow.engine.machine import Terms
from workflow.messages.rendering import House
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
    held_pages: HeldPages = field(default_factory=HeldPages)
    recent_offers: RecentOffers = field(default_factory=RecentOffers, init=False)

    @property
    def terms(self) -> Terms:
        """The terms of moves."""
        return terms_of(self.settings)

    @property
    def zone(self) -> ZoneInfo:
        """Where days are counted."""
        return self.settings.timezone

    @property
    def house(self) -> House:
        """Who the mails are from; their previews say it as well."""
        return House(self.settings.base_url, self.settings.employer, self.settings.contact_email)

    @property
    def document_limits(self) -> dict[str, int]:
        """The largest file of each kind, in bytes."""
        return document_limits(self.settings)

    @property
    def documents(self) -> Documents:
        """Where uploads go."""
        return Documents(self.store, self.document_limits)


def document_limits(settings: Settings) -> dict[str, int]:
    """Kind of document → the largest that is taken, in bytes."""
    return {CV: settings.cv_megabytes * MEGABYTE, COVERING_LETTER: settings.letter_megabytes * MEGABYTE}


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
