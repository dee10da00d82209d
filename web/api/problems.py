"""How refusals look to a program (RFC 9457), for the documentation of each operation; web/kit/errors.py makes them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from msgspec import Meta, Struct

from web.kit.errors import status_of, title_of
from workflow.errors import (
    AccountKept,
    AlertExists,
    AlreadyApplied,
    ArchiveTooSoon,
    ArchiveUnderWay,
    AuthenticationRequired,
    CandidateLeft,
    CodeRequired,
    CodeWrong,
    DecisionHeld,
    DeletionPlanned,
    DomainError,
    EnrolmentRequired,
    EventForbidden,
    FieldError,
    IdempotencyMismatch,
    IllegalEvent,
    InvalidInput,
    LinkExpired,
    LinkUsed,
    NewPasswordRequired,
    NotAForm,
    NoteMissing,
    NotFound,
    NotJson,
    OfferNotOpen,
    StaleVersion,
    TooLarge,
    TooManyAlerts,
    TooManyAttempts,
    UndoTooLate,
    UnknownEvent,
    UnknownVersion,
    WrongCredentials,
)
from workflow.language import DEFAULT


class FieldProblem(Struct, frozen=True):
    """One field that does not fit."""

    field: Annotated[str, Meta(description="The name of the field or parameter.", examples=["email"])]
    message: Annotated[str, Meta(description="How to mend it, in the language asked for.")]


class Current(Struct, frozen=True, kw_only=True):
    """What stands now, and the step that led there."""

    version: int
    status: str
    event: str
    at: datetime
    by: Annotated[str | None, Meta(description="Which recruiter made the step; told to recruiters only.")] = (
        None
    )
    role: Annotated[str | None, Meta(description="As whom; told to recruiters only.")] = None


class Problem(Struct, frozen=True, kw_only=True):
    """Why a request was refused (RFC 9457)."""

    type: Annotated[
        str,
        Meta(
            description="Says which problem it is; stays the same. Programs may rely on it.",
            examples=["urn:vivier:problem:already-applied"],
        ),
    ]
    title: Annotated[str, Meta(description="What the status means, in the language asked for.")]
    status: Annotated[int, Meta(description="The HTTP status once more.", examples=[409])]
    detail: Annotated[str, Meta(description="What happened, in the language asked for.")]
    errors: Annotated[
        list[FieldProblem] | None, Meta(description="Present where single fields do not fit.")
    ] = None
    current: Annotated[
        Current | None, Meta(description="Present where the status has changed meanwhile (`stale-version`).")
    ] = None
    alert: Annotated[
        UUID | None, Meta(description="The alert that looks for the same already (`alert-exists`).")
    ] = None


_MALFORMED = ("http-400", 400, "This request cannot be understood.")
_OVERSIZED = ("http-413", 413, "What you sent is larger than we can take.")
_SEARCH_GONE = ("search-unavailable", 503, "The search is being rebuilt. Try again in a moment.")

_EXAMPLES: tuple[DomainError, ...] = (
    InvalidInput(),
    AuthenticationRequired(),
    WrongCredentials(),
    CodeRequired(),
    CodeWrong(),
    EnrolmentRequired(),
    NotFound(),
    LinkExpired(),
    LinkUsed(),
    AccountKept(),
    NewPasswordRequired(),
    OfferNotOpen(),
    AlreadyApplied(),
    AlertExists(),
    TooManyAlerts(),
    ArchiveUnderWay(),
    ArchiveTooSoon(seconds=1800),
    DeletionPlanned(),
    IllegalEvent(event="Withdraw", state="Rejected"),
    StaleVersion(event="Take under consideration", to_state="Under consideration", at="2 March 2026, 10:30"),
    UnknownVersion(present=2),
    UndoTooLate(),
    DecisionHeld(),
    CandidateLeft(),
    EventForbidden(event="Withdraw"),
    UnknownEvent(event="promote"),
    NoteMissing(event="Reject"),
    IdempotencyMismatch(),
    NotJson(),
    NotAForm(),
    TooLarge(limit="8 MB"),
    TooManyAttempts(seconds=60),
)

INPUT = (InvalidInput,)
LOGIN = (AuthenticationRequired, NewPasswordRequired)
STAFF_LOGIN = (AuthenticationRequired,)


def problems(
    *kinds: type[DomainError], oversized: bool = False, form: bool = False, search: bool = False
) -> dict[int, ResponseSpec]:
    """The documented refusals of an operation, by status. Any request may be malformed.

    `oversized`: it takes a JSON body; `form`: it takes a form with files.
    """
    kinds += (NotAForm,) if form else (NotJson,) if oversized else ()
    refusals = [_MALFORMED]
    refusals += [_refusal(error) for error in _EXAMPLES if type(error) in kinds]
    refusals += [_OVERSIZED] if oversized or form else []
    refusals += [_SEARCH_GONE] if search else []
    return {status: _documented(status, refusals) for _, status, _ in refusals}


def _refusal(error: DomainError) -> tuple[str, int, str]:
    return error.code, status_of(error), error.message


def _documented(status: int, refusals: list[tuple[str, int, str]]) -> ResponseSpec:
    here = [(code, detail) for code, own, detail in refusals if own == status]
    return ResponseSpec(
        Problem,
        generate_examples=False,
        description=" Or: ".join(detail for _, detail in here),
        media_type="application/problem+json",
        examples=[Example(summary=detail, value=_example(code, status, detail)) for code, detail in here],
    )


def _example(code: str, status: int, detail: str) -> dict[str, object]:
    return {
        "type": f"urn:vivier:problem:{code}",
        "title": title_of(status, DEFAULT),
        "status": status,
        "detail": detail,
    }


def unfit(field: str, message: str, **facts: object) -> InvalidInput:
    """The refusal of one field or parameter."""
    return InvalidInput([FieldError(field, message, facts)])
