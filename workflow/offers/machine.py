"""What may happen to an offer, by whom or by itself, and what follows from it (C2, W5)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from statemachine import State

from workflow.engine.machine import Machine, Rule, Terms, Timer
from workflow.errors import FieldError, InvalidInput
from workflow.language import N_
from workflow.offers.tables import Offer
from workflow.roles import STAFF, SYSTEM
from workflow.webhooks.events import OFFER_CANCELLED, OFFER_CLOSED, OFFER_PUBLISHED, PROGRAMS


def closing_instant(closes_on: date, zone: ZoneInfo) -> datetime:
    """The first instant at which an offer is closed: midnight after its last day, where days are counted."""
    return datetime.combine(closes_on + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)


def check_publishable(offer: Mapping[str, Any], on: date) -> None:
    """Raises InvalidInput with everything that a candidate would miss, were it published on that day."""
    errors = []
    if not (offer["description_fr"] or offer["description_en"]):
        errors.append(description_missing())
    if offer["closes_on"] < on:
        errors.append(FieldError("closes_on", N_("The closing day is over. Choose a later one.")))
    if errors:
        raise InvalidInput(errors)


def description_missing() -> FieldError:
    """What is said of an offer for candidates that does not say what the work is."""
    return FieldError("description_fr", N_("Write a description; candidates want to know what the work is."))


def _publishing_time(offer: Mapping[str, Any], _since: datetime, _terms: Terms) -> datetime | None:
    """The hour that was set for it, if one was."""
    publish_at: datetime | None = offer["publish_at"]
    return publish_at


def _end_of_last_day(offer: Mapping[str, Any], _since: datetime, terms: Terms) -> datetime:
    """The end of the last day to apply."""
    return closing_instant(offer["closes_on"], terms.zone)


def _end_of_patience(_offer: Mapping[str, Any], since: datetime, terms: Terms) -> datetime:
    """So many days after it closed as the settings have patience."""
    return since + terms.patience


class OfferMachine(Machine):
    """draft → published → closed → archived, or cancelled.

    An offer publishes at its hour and closes after its last day by itself. Every step that changes what
    the search may find tells the index. Cancelling rejects the live applications; closing leaves them
    where they are, and some time later its contact is reminded of those that still wait.
    """

    subject = "offer"
    table = Offer
    opening = "create"

    draft = State(initial=True)
    published = State()
    closed = State()
    archived = State(final=True)
    cancelled = State(final=True)

    publish = draft.to(published, validators="require_publishable")
    take_over = draft.to(published)
    close = published.to(closed)
    archive = closed.to(archived)
    cancel = draft.to(cancelled) | published.to(cancelled) | closed.to(cancelled)

    groups = {
        "prepared": frozenset({"draft"}),
        "findable": frozenset({"published"}),
        "over": frozenset({"closed", "archived", "cancelled"}),
    }
    rules = {
        "create": Rule(by=STAFF | {SYSTEM}),
        "publish": Rule(
            by=STAFF | {SYSTEM},
            tells={"index": "index_offer", PROGRAMS: OFFER_PUBLISHED},
            stamps="published_at",
        ),
        "take_over": Rule(by=frozenset({SYSTEM}), tells={"index": "index_offer", PROGRAMS: OFFER_PUBLISHED}),
        "close": Rule(by=STAFF | {SYSTEM}, tells={"index": "index_offer", PROGRAMS: OFFER_CLOSED}),
        "archive": Rule(by=STAFF),
        "cancel": Rule(by=STAFF, tells={"index": "index_offer", PROGRAMS: OFFER_CANCELLED}),
    }
    timers = {
        "publish": Timer("draft", due=_publishing_time, fires="publish"),
        "close": Timer("published", due=_end_of_last_day, fires="close"),
        "remind": Timer("closed", due=_end_of_patience, tells={"employer": "offer_waiting"}),
    }
    reads = ("description_fr", "description_en", "closes_on", "publish_at")

    def require_publishable(self, row: Mapping[str, Any], now: datetime, terms: Terms) -> None:
        """The offer has a description, and its last day is not over. One published elsewhere is taken over as it is."""
        check_publishable(row, now.astimezone(terms.zone).date())


FINDABLE = OfferMachine.groups["findable"]
"""Shown to the public, until its closing day has passed."""

OVER = OfferMachine.groups["over"]
"""Takes no applications any more, and never will again."""
