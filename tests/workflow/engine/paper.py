"""A machine for tests of drawings, with an arrow of each kind; it changes only when drawings are to show more."""

from piccolo.columns import UUID, Integer, Varchar
from piccolo.table import Table
from statemachine import State

from tests.workflow.engine.journeys import day_and_hour, journey
from workflow.engine.drawing.journey import Words
from workflow.engine.machine import Machine, Rule

ANYBODY = Rule(by=frozenset({"anybody"}))
STATES = {
    "submitted": "Submitted",
    "in_review": "In review",
    "rejected": "Rejected",
    "accepted": "Accepted",
    "withdrawn": "Withdrawn",
}
EVENTS = {
    "submit": "Handed in",
    "review": "Give it to reviewers",
    "accept": "Accept",
    "reject": "Reject",
    "undo": "Undo",
    "reopen": "Reopen",
    "withdraw": "Withdraw",
    "retract": "Retract",
}


class Paper(Table, tablename="paper"):
    id = UUID(primary_key=True)
    status = Varchar(length=40)
    version = Integer()


class PaperMachine(Machine):
    """A paper is reviewed, then accepted or rejected; that can be undone or reopened. Its author may withdraw it."""

    subject = "paper"
    table = Paper
    opening = "submit"

    submitted = State(initial=True)
    in_review = State()
    rejected = State()
    accepted = State()
    withdrawn = State(final=True)

    review = submitted.to(in_review)
    reject = in_review.to(rejected)
    accept = in_review.to(accepted)
    withdraw = submitted.to(withdrawn) | in_review.to(withdrawn)
    reopen = rejected.to(in_review) | accepted.to(in_review)
    undo = rejected.to(in_review) | accepted.to(in_review)
    retract = submitted.to(rejected) | in_review.to(rejected)

    groups = {"all": frozenset(STATES)}
    rules = dict.fromkeys(EVENTS, ANYBODY)


WORDS = Words(state=STATES.__getitem__, event=EVENTS.__getitem__, instant=day_and_hour)

PAPERS = {
    "reviewed": journey(PaperMachine, "review", may=("accept", "reject")),
    "held": journey(PaperMachine, "review", "reject", may=("undo",), held=True),
    "undone": journey(PaperMachine, "review", "reject", "undo", may=("accept", "reject")),
    "reopened": journey(PaperMachine, "review", "reject", "reopen", "accept", may=("reopen",)),
    "again and again": journey(PaperMachine, "review", *("reject", "reopen") * 5, may=("accept", "reject")),
    "withdrawn": journey(PaperMachine, "withdraw"),
}
"""Where papers came."""
