"""What may happen to an application, who may do it, and who hears of it (requirements.md: states, P6, P7, C2, C5)."""

from datetime import datetime

from statemachine import State

from workflow.applications.tables import Application
from workflow.engine.history import Step
from workflow.engine.machine import Machine, Rule
from workflow.errors import DecisionHeld
from workflow.roles import CANDIDATE, STAFF, SYSTEM
from workflow.webhooks.events import PROGRAMS, STATUS_CHANGED

_PROGRAMS = {PROGRAMS: STATUS_CHANGED}


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
    reopen = rejected.to(under_consideration, validators="require_told") | successful.to(
        under_consideration, validators="require_told"
    )
    undo = rejected.to(under_consideration) | successful.to(under_consideration)
    cancel = submitted.to(rejected) | under_consideration.to(rejected)

    groups = {
        "live": frozenset({"submitted", "under_consideration"}),
        "decided": frozenset({"rejected", "successful"}),
        "ended": frozenset({"withdrawn"}),
    }

    rules = {
        "submit": Rule(
            by=frozenset({CANDIDATE}),
            tells={"candidate": "application_submitted", "employer": "application_received"} | _PROGRAMS,
        ),
        "consider": Rule(by=STAFF, tells={"candidate": "application_considered"} | _PROGRAMS),
        "accept": Rule(by=STAFF, held=True, tells={"candidate": "application_successful"} | _PROGRAMS),
        "reject": Rule(
            by=STAFF, held=True, needs_note=True, tells={"candidate": "application_rejected"} | _PROGRAMS
        ),
        "undo": Rule(by=STAFF | {SYSTEM}),
        "reopen": Rule(by=STAFF, needs_note=True, tells={"candidate": "application_reopened"} | _PROGRAMS),
        "withdraw": Rule(
            by=frozenset({CANDIDATE}),
            tells={
                "candidate": "application_withdrawn",
                "employer": "withdrawal_message",
                "candidate_copy": "withdrawal_message_copy",
            }
            | _PROGRAMS,
        ),
        "cancel": Rule(
            by=frozenset({SYSTEM}), tells={"candidate": "application_offer_cancelled"} | _PROGRAMS
        ),
    }

    def require_told(self, before: Step, now: datetime) -> None:
        """The candidate knows of the decision; until then it is undone, and nobody hears of it."""
        if before.is_held(now):
            raise DecisionHeld

    @classmethod
    def ahead_message(cls, state: str) -> str:
        """The id of the sentence that tells candidates what a state means for them, and what comes next."""
        return f"{cls.subject}.ahead.{state}"


LIVE = ApplicationMachine.groups["live"]
"""Still to be decided."""

DECIDED = ApplicationMachine.groups["decided"]
"""Decided by the employer."""

ENDED = ApplicationMachine.groups["ended"]
"""Left by the candidate; the only status beside which a new application to the same offer may stand."""
