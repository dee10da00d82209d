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
    UnknownVersion,
)

__all__ = [
    "AccountKept",
    "AlertExists",
    "AlreadyApplied",
    "AlreadyJoined",
    "ArchiveTooSoon",
    "ArchiveUnderWay",
    "AuthenticationRequired",
    "CandidateLeft",
    "CodeRequired",
    "CodeWrong",
    "Conflict",
    "CurrentPasswordWrong",
    "DecisionHeld",
    "DeletionPlanned",
    "DocumentActive",
    "DocumentAttachment",
    "DocumentDamaged",
    "DocumentEmpty",
    "DocumentEncrypted",
    "DocumentRefused",
    "DocumentRemote",
    "DocumentScripted",
    "DocumentSuspicious",
    "DocumentTypeMismatch",
    "DocumentTypeUnknown",
    "DomainError",
    "DraftChanged",
    "EnrolmentRequired",
    "EventForbidden",
    "FieldError",
    "Forbidden",
    "IdempotencyMismatch",
    "IllegalEvent",
    "InvalidInput",
    "LinkExpired",
    "LinkUsed",
    "NewPasswordRequired",
    "NotAForm",
    "NotFound",
    "NotJson",
    "NoteMissing",
    "OfferNotOpen",
    "OwnAccount",
    "StaleVersion",
    "TooLarge",
    "TooManyAlerts",
    "TooManyAttempts",
    "UndoTooLate",
    "UnknownEvent",
    "UnknownVersion",
    "WrongCredentials",
]


class AuthenticationRequired(DomainError):
    """Log in first."""

    code = "authentication-required"


class WrongCredentials(DomainError):
    """The e-mail address or the password is wrong."""

    code = "wrong-credentials"


class CodeRequired(DomainError):
    """This account has a second factor. Send a code of it as well."""

    code = "code-required"


class CodeWrong(DomainError):
    """This code is not right, or has been used already. Wait for the next one."""

    code = "wrong-code"


class TooManyAttempts(DomainError):
    """Too many attempts. Try again in {seconds} seconds."""

    code = "too-many-attempts"


class NewPasswordRequired(Forbidden):
    """Choose a password of your own first: the one that we sent you opens the door once."""

    code = "new-password-required"


class EnrolmentRequired(Forbidden):
    """This account needs a second factor. Log in at /console/login and set it up first."""

    code = "enrolment-required"


class CurrentPasswordWrong(InvalidInput):
    """Some of what you sent cannot be accepted."""


class LinkExpired(Conflict):
    """This link has expired or is not complete. Ask for a new one."""

    code = "link-expired"


class LinkUsed(Conflict):
    """This link has been used already. You can log in."""

    code = "link-used"


class AccountKept(LinkUsed):
    """This account was kept after this link had been used. To delete it after all, ask again in its settings."""

    code = "account-kept"


class AlreadyJoined(Conflict):
    """This person has joined already, or the account is closed: an invitation would lead nowhere."""

    code = "already-joined"


class OwnAccount(Conflict):
    """This is your own account. Another administrator can do that."""

    code = "own-account"


class ArchiveUnderWay(Conflict):
    """We are already making a copy of your data. An e-mail tells you when it is ready."""

    code = "archive-under-way"


class ArchiveTooSoon(TooManyAttempts):
    """You had a copy of your data made a moment ago. Ask for the next one in {seconds} seconds."""

    code = "archive-too-soon"


class DeletionPlanned(Conflict):
    """The deletion of this account is planned already."""

    code = "deletion-planned"


class CandidateLeft(Conflict):
    """This candidate has deleted their account: the application stays as it is."""

    code = "candidate-left"


class OfferNotOpen(Conflict):
    """This offer is closed: it takes no more applications."""

    code = "offer-not-open"


class AlreadyApplied(Conflict):
    """You have already applied to this offer."""

    code = "already-applied"


class AlertExists(Conflict):
    """You have an alert for the same offers already. Change that one, or choose something else here."""

    code = "alert-exists"


class TooManyAlerts(Conflict):
    """You have as many alerts as there can be. Change one of them, or delete one first."""

    code = "too-many-alerts"


class DraftChanged(Conflict):
    """Your application was changed in another tab or on another device. Look at it again, then submit it."""

    code = "draft-changed"


class DecisionHeld(Conflict):
    """The candidate does not know of this decision yet. Undo it instead."""

    code = "decision-held"


class NotJson(DomainError):
    """The body is not JSON. Send a JSON object, in UTF-8."""

    code = "not-json"


class NotAForm(DomainError):
    """Send the fields and files as a form: multipart/form-data."""

    code = "not-a-form"


class TooLarge(DomainError):
    """What you sent is larger than the {limit} that we can take."""

    code = "too-large"


class DocumentRefused(DomainError):
    """This file cannot be accepted."""

    code = "document-refused"


class DocumentEmpty(DocumentRefused):
    """This file is empty. Save your document once more and send the new copy."""

    code = "document-empty"


class DocumentTypeUnknown(DocumentRefused):
    """This is not a PDF, DOCX or ODT file. Export your document as a PDF and send that."""

    code = "document-type-unknown"


class DocumentTypeMismatch(DocumentRefused):
    """The name “{filename}” does not fit its content. Let its name end in {ending} and send it again."""

    code = "document-type-mismatch"


class DocumentDamaged(DocumentRefused):
    """This file is damaged or incomplete. Open it, save or export it again, and send the new copy."""

    code = "document-damaged"


class DocumentEncrypted(DocumentRefused):
    """This file is protected by a password. Save a copy without the password and send that."""

    code = "document-encrypted"


class DocumentActive(DocumentRefused):
    """This file acts by itself or contains objects of other programs. Print it to a PDF and send that."""

    code = "document-active"


class DocumentScripted(DocumentActive):
    """This file contains macros or scripts. Remove them, or print it as a plain PDF, and send that."""

    code = "document-scripted"


class DocumentRemote(DocumentActive):
    """This file fetches a template, a picture or a text from elsewhere. Export it as a PDF and send that."""

    code = "document-remote"


class DocumentAttachment(DocumentActive):
    """We cannot take the file “{attachment}” inside this one. Remove it and send your document again."""

    code = "document-attachment"


class DocumentSuspicious(DocumentRefused):
    """This file is built in a way that no ordinary program does. Export it as a PDF and send that."""

    code = "document-suspicious"
