"""One tree of errors: the engine's, and what hiring adds to it. Their docstrings are the messages."""

from workflow.engine.errors import (
    Conflict,
    DomainError,
    EventForbidden,
    FieldError,
    Forbidden,
    IdempotencyMismatch,
    IllegalEvent,
    InvalidInput,
    NoteMissing,
    NotFound,
    StaleVersion,
    UndoTooLate,
    UnknownEvent,
)

__all__ = [
    "AlreadyApplied",
    "AuthenticationRequired",
    "Conflict",
    "DocumentRefused",
    "DomainError",
    "EventForbidden",
    "FieldError",
    "Forbidden",
    "IdempotencyMismatch",
    "IllegalEvent",
    "InvalidInput",
    "LinkExpired",
    "LinkUsed",
    "NoteMissing",
    "NotFound",
    "OfferNotOpen",
    "StaleVersion",
    "TooLarge",
    "UndoTooLate",
    "UnknownEvent",
    "WrongCredentials",
]


class AuthenticationRequired(DomainError):
    """Log in first."""

    code = "authentication-required"


class WrongCredentials(DomainError):
    """The e-mail address or the password is wrong."""

    code = "wrong-credentials"


class LinkExpired(Conflict):
    """This link has expired or is not complete. Ask for a new one."""

    code = "link-expired"


class LinkUsed(Conflict):
    """This link has been used already. You can log in."""

    code = "link-used"


class OfferNotOpen(Conflict):
    """This offer is closed: it takes no more applications."""

    code = "offer-not-open"


class AlreadyApplied(Conflict):
    """You have already applied to this offer."""

    code = "already-applied"


class TooLarge(DomainError):
    """What you sent is larger than the {limit} that we can take."""

    code = "too-large"


class DocumentRefused(DomainError):
    """This file cannot be accepted."""

    code = "document-refused"
