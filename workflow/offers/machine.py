"""What may happen to an offer, and what follows from it (C2)."""

from statemachine import State

from workflow.engine.machine import Machine, Rule
from workflow.offers.tables import Offer
from workflow.roles import STAFF, SYSTEM


class OfferMachine(Machine):
    """draft → published → closed → archived, or cancelled.

    Every step that changes what the search may find tells the index. Cancelling rejects the live
    applications; closing leaves them where they are.
    """

    subject = "offer"
    table = Offer
    opening = "create"

    draft = State(initial=True)
    published = State()
    closed = State()
    archived = State(final=True)
    cancelled = State(final=True)

    publish = draft.to(published)
    close = published.to(closed)
    archive = closed.to(archived)
    cancel = draft.to(cancelled) | published.to(cancelled) | closed.to(cancelled)

    rules = {
        "create": Rule(by=STAFF | {SYSTEM}),
        "publish": Rule(by=STAFF | {SYSTEM}, tells={"index": "index_offer"}),
        "close": Rule(by=STAFF | {SYSTEM}, tells={"index": "index_offer"}),
        "archive": Rule(by=STAFF | {SYSTEM}),
        "cancel": Rule(by=STAFF, tells={"index": "index_offer"}),
    }


FINDABLE = frozenset({"published"})
"""Shown to the public, until its closing day has passed."""
