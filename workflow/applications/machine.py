"""What may happen to an application, who may do it, and who hears of it (requirements.md: states, P6, P7, C2, C5)."""

from statemachine import State

from workflow.applications.tables import Application
from workflow.engine.machine import Machine, Rule
from workflow.roles import CANDIDATE, STAFF, SYSTEM


class ApplicationMachine(Machine):
    """submitted → under consideration → rejected | successful, or withdrawn by the candidate.

    A decision is held: it is told after the grace period, until when it can be undone; afterwards
    only reopening, with a reason and told, takes it back.
    """

    subject = "application"
    table = Application
    opening = "submit"

    submitted = State(initial=True)
    under_consideration = State()
    rejected = State()
    successful = State()
    withdrawn = State(final=True)

    consider = submitted.to(under_consideration)
    reject = under_consideration.to(rejected)
    accept = under_consideration.to(successful)
    withdraw = submitted.to(withdrawn) | under_consideration.to(withdrawn)
    reopen = rejected.to(under_consideration) | successful.to(under_consideration)
    undo = rejected.to(under_consideration) | successful.to(under_consideration)
    cancel = submitted.to(rejected) | under_consideration.to(rejected)

    rules = {
        "submit": Rule(
            by=frozenset({CANDIDATE}),
            tells={"candidate": "application_submitted", "employer": "application_received"},
        ),
        "consider": Rule(by=STAFF, tells={"candidate": "application_considered"}),
        "accept": Rule(by=STAFF, held=True, tells={"candidate": "application_successful"}),
        "reject": Rule(by=STAFF, held=True, needs_note=True, tells={"candidate": "application_rejected"}),
        "undo": Rule(by=STAFF | {SYSTEM}),
        "reopen": Rule(by=STAFF, needs_note=True, tells={"candidate": "application_reopened"}),
        "withdraw": Rule(
            by=frozenset({CANDIDATE}),
            tells={
                "candidate": "application_withdrawn",
                "employer": "withdrawal_message",
                "candidate_copy": "withdrawal_message_copy",
            },
        ),
        "cancel": Rule(by=frozenset({SYSTEM}), tells={"candidate": "application_offer_cancelled"}),
    }


LIVE = frozenset({"submitted", "under_consideration"})
"""Still to be decided."""

DECIDED = frozenset({"rejected", "successful"})
"""Decided by the employer."""

ENDED = frozenset({"withdrawn"})
"""Left by the candidate; the only status beside which a new application to the same offer may stand."""
