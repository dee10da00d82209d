"""Why an application of a batch cannot move, or did not: a code each, and the sentence that recruiters read."""

from workflow.errors import (
    CandidateLeft,
    DecisionHeld,
    IllegalEvent,
    NotFound,
    StaleVersion,
    UndoTooLate,
    UnknownVersion,
)
from workflow.language import N_

THERE = "there"
WITHDRAWN = "withdrawn"
HELD = "held"
TOLD = "told"
UNDECIDED = "undecided"
STOPPED = "stopped"
CLOSED = "account-closed"
GIVEN_UP = "given-up"

_MEANWHILE = N_("Somebody or something moved it meanwhile.")
_OTHER = N_("This is not possible from where it stands.")

_WORDS = {
    THERE: N_("It stands there already."),
    WITHDRAWN: N_("The candidate has withdrawn it."),
    HELD: N_("It is decided, and not told yet: undo that first."),
    TOLD: N_("It is decided and told: reopen it first."),
    UNDECIDED: N_("It is not decided: there is nothing to take back."),
    STOPPED: N_("The rest was stopped before its turn came."),
    CLOSED: N_("The account of whoever started this was closed meanwhile."),
    GIVEN_UP: N_("It could not be carried out, several times. Choose it again."),
    StaleVersion.code: _MEANWHILE,
    UnknownVersion.code: _MEANWHILE,
    IllegalEvent.code: _OTHER,
    NotFound.code: N_("It belongs to a unit that is not yours any more."),
    CandidateLeft.code: CandidateLeft.template(),
    DecisionHeld.code: DecisionHeld.template(),
    UndoTooLate.code: UndoTooLate.template(),
}


def in_words(reason: str) -> str:
    """The id of the sentence for a code; one that has none of its own says that it is not possible."""
    return _WORDS.get(reason, _OTHER)
