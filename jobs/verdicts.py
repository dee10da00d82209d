"""What the failures of a mail server mean for the mail that met them."""

from enum import Enum

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from workflow.messages.refusals import Refusal, refusal_of

_REFUSED_FOR_GOOD = frozenset({550, 551, 553})
_SERVICE_CLOSING = 421


class Unanswered(SMTPException):
    """The whole mail may have been handed over, and nobody said what became of it."""


class Verdict(Enum):
    """What becomes of a mail that did not go out."""

    DEAD = "dead"
    """Nobody can ever receive it."""
    FEW_TRIES = "few tries"
    """The server refuses it; a few more tries, then it is dead."""
    LATER = "later"
    """It may go better later."""
    SERVER_DOWN = "server down"
    """No mail can go out; this was not a try."""


def verdict_on(error: Exception) -> Verdict:
    """What a failure means for the mail that met it.

    A refused sender or login concerns every mail alike: the installation is to be mended, no mail dies of it. The
    same goes for a recipient who is refused because of us, though others may be taken meanwhile.
    """
    if isinstance(error, SMTPRecipientRefused):
        return _verdict_on_recipient(error.code, error.message)
    if isinstance(error, SMTPConnectError | SMTPHeloError | SMTPAuthenticationError | SMTPSenderRefused):
        return Verdict.SERVER_DOWN
    if isinstance(error, SMTPResponseException):
        return _verdict_on_code(error.code)
    return Verdict.DEAD if isinstance(error, ValueError) else Verdict.LATER


def is_no_recipient(error: Exception) -> bool:
    """Whether the server knows that nobody is at this address, and never will be."""
    return (
        isinstance(error, SMTPRecipientRefused)
        and refusal_of(error.code, error.message) is Refusal.NO_MAILBOX
    )


def is_about_connection(error: Exception) -> bool:
    """Whether a new connection may serve where this one failed: it was lost or closed before the mail."""
    if isinstance(error, SMTPResponseException):
        return error.code == _SERVICE_CLOSING
    return isinstance(error, SMTPException | OSError) and not isinstance(error, Unanswered)


def _verdict_on_recipient(code: int, said: str) -> Verdict:
    match refusal_of(code, said):
        case Refusal.NO_MAILBOX:
            return Verdict.DEAD
        case Refusal.NOT_NOW:
            return Verdict.SERVER_DOWN if code == _SERVICE_CLOSING else Verdict.LATER
        case Refusal.UNCLEAR:
            return Verdict.DEAD if code in _REFUSED_FOR_GOOD else Verdict.FEW_TRIES


def _verdict_on_code(code: int) -> Verdict:
    if code == _SERVICE_CLOSING:
        return Verdict.SERVER_DOWN
    return Verdict.FEW_TRIES if code >= 500 else Verdict.LATER


def described(error: Exception) -> str:
    """What went wrong, for the row's receipt."""
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {error.message}"
    return str(error) if isinstance(error, Unanswered) else f"{type(error).__name__}: {error}"
