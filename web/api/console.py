"""The recruiters' side: sessions, the applications of their own units, and moves that may safely be repeated."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, QueryParameter
from msgspec import Meta, Struct

from web.api.access import SECURITY, bearer_token, require_staff
from web.api.console_answers import (
    Cards,
    MovedApplication,
    StaffApplicationAnswer,
    card_answer,
    moved_answer,
    staff_answer,
)
from web.api.documents import file_response
from web.api.problems import INPUT, STAFF_LOGIN, problems, unfit
from web.api.sessions import Credentials, Session
from web.kit.devices import device_name
from web.kit.gates import limited_code, limited_login
from web.kit.portal import Portal
from workflow.applications.board import Filters
from workflow.applications.cards import part_of_list
from workflow.applications.commands import PARAGRAPH_LENGTH, move_application
from workflow.applications.machine import ApplicationMachine
from workflow.applications.queries import (
    StaffApplication,
    application_for_staff,
    document_for_staff,
)
from workflow.engine.machine import Actor
from workflow.errors import (
    CandidateLeft,
    CodeRequired,
    CodeWrong,
    DecisionHeld,
    EnrolmentRequired,
    EventForbidden,
    IdempotencyMismatch,
    IllegalEvent,
    NoteMissing,
    NotFound,
    StaleVersion,
    TooManyAttempts,
    UndoTooLate,
    UnknownEvent,
    UnknownVersion,
    WrongCredentials,
)
from workflow.language import N_
from workflow.logins import Arrival
from workflow.machines import confirmed_events
from workflow.recruiters.login import known_by_password, log_in_program, log_out_recruiter
from workflow.recruiters.queries import StaffMember, names_of_recruiters, recruiter_id_of
from workflow.roles import RECRUITER

LAST_PAGE = 100_000
MOST_CARDS = 200

_EVENTS = [event for event in ApplicationMachine.rules if event in confirmed_events(ApplicationMachine)]
_WITH_NOTE = [event for event in _EVENTS if ApplicationMachine.rules[event].needs_note]

IdempotencyKeyHeader = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="1 to 255 visible ASCII characters. A repeat within 24 hours gets the first answer.",
    ),
]


class Move(Struct, frozen=True):
    """One move of an application."""

    event: Annotated[str, Meta(description=f"One of {', '.join(_EVENTS)}.", examples=["consider"])]
    version: Annotated[int, Meta(description="The version that one has seen.", examples=[1])]
    note: Annotated[str | None, Meta(description=f"Why; needed to {' and to '.join(_WITH_NOTE)}.")] = None
    paragraph: Annotated[
        str | None,
        Meta(
            description="Words of your own in the mail to the candidate, where the move sends one; "
            f"{PARAGRAPH_LENGTH} characters at most."
        ),
    ] = None


class StaffCredentials(Credentials, frozen=True):
    """How a recruiter logs in."""

    code: Annotated[
        str | None,
        Meta(
            description="Of the second factor, where the account has one: six digits, or a recovery code. "
            "Each works once.",
            examples=["123456"],
        ),
    ] = None


@post(
    "/console/session",
    status_code=201,
    operation_id="logInRecruiter",
    summary="Log in as a recruiter",
    tags=["console"],
    responses=problems(
        *INPUT,
        WrongCredentials,
        CodeRequired,
        CodeWrong,
        EnrolmentRequired,
        TooManyAttempts,
        oversized=True,
    ),
)
async def open_console_session(
    request: Request[Any, Any, Any],
    data: JSONBody[StaffCredentials],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Session:
    """Begin a session of a recruiter. Where the account has a second factor, a `code` of it is needed as well."""
    async with limited_login(request, data.email, now=now, role=RECRUITER):
        known = await known_by_password(data.email, data.password)
    async with limited_code(request, known.recruiter_id, now=now):
        session = await log_in_program(
            known,
            data.code or "",
            arrival=Arrival(device_name(request.headers.get("user-agent", ""))),
            secret_key=portal.settings.secret_key,
            now=now,
        )
    return Session(session.token, session.expires_at)


@delete(
    "/console/session",
    status_code=204,
    operation_id="logOutRecruiter",
    summary="Log out as a recruiter",
    tags=["console"],
    guards=[require_staff],
    security=SECURITY,
    responses=problems(*STAFF_LOGIN),
)
async def close_console_session(request: Request[Any, Any, Any]) -> None:
    """End the session of the token that is sent."""
    await log_out_recruiter(bearer_token(request))


@get(
    "/console/applications",
    operation_id="listConsoleApplications",
    summary="List applications",
    tags=["console"],
    responses=problems(*STAFF_LOGIN, *INPUT),
)
async def list_console_applications(
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    language: NamedDependency[str],
    offer: FromQuery[str | None] = None,
    status: FromQuery[str | None] = None,
    page: Annotated[int, QueryParameter(ge=1, le=LAST_PAGE)] = 1,
    page_size: Annotated[int, QueryParameter(ge=1, le=MOST_CARDS)] = MOST_CARDS,
) -> Cards:
    """Applications to the offers of one's own units; an offer's reference and a status narrow them."""
    if status and status not in ApplicationMachine.state_ids():
        raise unfit("status", N_("“{value}” is not in the list. Choose one of it."), value=status[:60])
    if offer and "\0" in offer:
        raise unfit("offer", N_("Text cannot contain the character NUL."))
    part = await part_of_list(
        staff,
        Filters(offer=offer or "", status=status or ""),
        now=now,
        limit=page_size,
        offset=(page - 1) * page_size,
    )
    return Cards([card_answer(card, language) for card in part.cards], part.total, page, page_size)


@get(
    "/console/applications/{application_id:uuid}",
    operation_id="readConsoleApplication",
    summary="Read an application as a recruiter",
    tags=["console"],
    responses=problems(*STAFF_LOGIN, NotFound),
)
async def read_console_application(
    application_id: FromPath[UUID],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    language: NamedDependency[str],
) -> StaffApplicationAnswer:
    """One application with its candidate, documents and whole history, held decisions included."""
    application = await _seen(staff, application_id, now)
    return staff_answer(application, await _names(step.actor for step in application.history), language)


@get(
    "/console/applications/{application_id:uuid}/documents/{document_id:uuid}",
    media_type="application/octet-stream",
    operation_id="readConsoleDocument",
    summary="Get a file of an application as a recruiter",
    tags=["console"],
    responses=problems(*STAFF_LOGIN, NotFound),
)
async def read_console_document(
    application_id: FromPath[UUID],
    document_id: FromPath[UUID],
    staff: NamedDependency[StaffMember],
    portal: NamedDependency[Portal],
) -> Response[bytes]:
    """The bytes of a covering letter or CV, in the media type that they have."""
    document = await document_for_staff(staff, application_id, document_id)
    if document is None:
        raise NotFound
    return await file_response(document, portal, staff.actor, application_id)


@post(
    "/console/applications/{application_id:uuid}/moves",
    status_code=200,
    operation_id="moveApplication",
    summary="Move an application",
    tags=["console"],
    responses=problems(
        *STAFF_LOGIN,
        *INPUT,
        UnknownEvent,
        NoteMissing,
        IdempotencyMismatch,
        NotFound,
        EventForbidden,
        IllegalEvent,
        StaleVersion,
        UnknownVersion,
        UndoTooLate,
        CandidateLeft,
        DecisionHeld,
        oversized=True,
    ),
)
async def move(
    application_id: FromPath[UUID],
    data: JSONBody[Move],
    staff: NamedDependency[StaffMember],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
    language: NamedDependency[str],
    idempotency_key: IdempotencyKeyHeader = None,
) -> MovedApplication:
    """Fire an event. Decisions are told after the grace period, at `announce_at`; until then `undo` takes them back."""
    _check_key(idempotency_key)
    try:
        step = await move_application(
            staff,
            application_id,
            data.event,
            terms=portal.terms,
            now=now,
            expected_version=data.version,
            note=data.note or "",
            paragraph=data.paragraph or "",
            idempotency_key=idempotency_key,
        )
    except StaleVersion as stale:
        actor = stale.facts["actor"]
        stale.facts |= {"by": next(iter((await _names([actor])).values()), None), "role": actor.role}
        raise
    await portal.nudge()
    return moved_answer(await _seen(staff, application_id, now), step, staff, language)


async def _names(actors: Iterable[Actor]) -> dict[int, str]:
    """The names of the recruiters among them; of candidates and the portal the role tells enough."""
    return await names_of_recruiters({number for actor in actors if (number := recruiter_id_of(actor))})


def _check_key(key: str | None) -> None:
    if key is not None and not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise unfit("Idempotency-Key", N_("Send a key of 1 to 255 visible ASCII characters."))


async def _seen(staff: StaffMember, application_id: UUID, now: datetime) -> StaffApplication:
    """Of others' applications it is not even told that they exist. Raises NotFound."""
    application = await application_for_staff(staff, application_id, now=now)
    if application is None:
        raise NotFound
    return application


JSON_HANDLERS = [
    list_console_applications,
    read_console_application,
    read_console_document,
    move,
]
SESSION_HANDLERS = [open_console_session, close_console_session]
