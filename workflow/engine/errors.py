"""The root of the one tree of errors, and the errors of the engine itself."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from workflow.engine.history import Step


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """One field of a form or body that does not fit, and how to mend it.

    `message` is an English sentence with `{name}` places, filled from `facts` after translation.
    """

    field: str
    message: str
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)


class DomainError(Exception):
    """Something went wrong that the caller can understand and mend.

    The docstring of a subclass is its message: an English sentence, with `{name}` places that
    `facts` fills. It is the message id in the language catalogues too, so that each surface can
    say it in its reader's language. `code` is the stable name that programs rely on.
    """

    code: ClassVar[str] = "error"

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.message)

    @classmethod
    def template(cls) -> str:
        """The message before its places are filled: the docstring on one line."""
        return " ".join((cls.__doc__ or "").split())

    @property
    def message(self) -> str:
        """The message in English."""
        return self.template().format_map(self.facts)


class InvalidInput(DomainError):
    """Some of what you sent cannot be accepted."""

    code = "invalid-input"

    def __init__(self, errors: Sequence[FieldError] = (), **facts: Any) -> None:
        self.errors = tuple(errors)
        super().__init__(**facts)


class NotFound(DomainError):
    """There is nothing at this address."""

    code = "not-found"


class Forbidden(DomainError):
    """You may not do this."""

    code = "forbidden"


class Conflict(DomainError):
    """Something changed in the meantime. Reload the page and try again."""

    code = "conflict"


class UnknownEvent(InvalidInput):
    """There is no event “{event}” here."""

    code = "unknown-event"


class IllegalEvent(Conflict):
    """“{event}” is not possible while the status is “{state}”."""

    code = "illegal-event"


class EventForbidden(Forbidden):
    """You may not do “{event}” here."""

    code = "event-forbidden"


class NoteMissing(InvalidInput):
    """Say why: “{event}” needs a note."""

    code = "note-missing"


class NoteRefused(InvalidInput):
    """There are characters in this note that cannot be kept. Type it instead of pasting it."""

    code = "note-refused"


class StaleVersion(Conflict):
    """The status has changed meanwhile: it has been “{to_state}” since {at} (“{event}”)."""

    code = "stale-version"

    @classmethod
    def of(cls, step: "Step") -> "StaleVersion":
        """The error that names the step which came first."""
        return cls(
            subject=step.subject_type,
            event=step.event,
            from_state=step.from_state,
            to_state=step.to_state,
            at=step.at,
            version=step.version,
            actor=step.actor,
        )


class UnknownVersion(Conflict):
    """This version does not exist: the present one is {present}."""

    code = "unknown-version"


class UndoTooLate(Conflict):
    """This decision has been told already and cannot be taken back. Reopen it instead."""

    code = "undo-too-late"


class IdempotencyMismatch(InvalidInput):
    """This idempotency key was used for another request."""

    code = "idempotency-mismatch"


class UnknownState(RuntimeError):
    """A stored status is not a state of its machine; the database was changed by other hands."""
