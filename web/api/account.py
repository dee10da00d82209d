"""The candidate's account: its settings, and where it is logged in."""

from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct, structs

from web.api.access import OPEN_TO_RESTRICTED, arrival_of, bearer_token
from web.api.problems import INPUT, LOGIN, problems
from web.api.sessions import Session
from web.kit.gates import limited_new_email, limited_password
from web.kit.portal import Portal
from workflow.candidates.account import change_account, email_to_confirm
from workflow.candidates.queries import CandidateView, candidate_by_id
from workflow.candidates.recovery import replace_temporary_password
from workflow.candidates.sessions import NewSession, end_other_session, log_out_everywhere, sessions_of
from workflow.errors import AuthenticationRequired, NewPasswordRequired, NotFound, TooManyAttempts
from workflow.reference.queries import label

_Request = Request[Any, Any, Any]
_Candidate = NamedDependency[CandidateView]
_Now = NamedDependency[datetime]


class Account(Struct, frozen=True, kw_only=True):
    """What the candidate logs in with."""

    email: str
    email_to_confirm: Annotated[
        str | None, Meta(description="The new address that was asked for and waits for its confirmation.")
    ]
    first_name: str
    last_name: str
    language: Annotated[str, Meta(description="What mails are written in.", examples=["fr"])]
    secret_question: Annotated[str, Meta(description="In words.")]
    created_at: datetime
    must_replace_password: Annotated[
        bool, Meta(description="Whether nothing else is open before a password of one's own is chosen.")
    ]


class AccountChanges(Struct, frozen=True, kw_only=True):
    """What is to change; what is left out stays. All of it is done, or nothing."""

    email: Annotated[
        str | None, Meta(description="A new address. It counts when the link that is mailed to it is used.")
    ] = None
    password: Annotated[
        str | None, Meta(description="A new password, 12 to 256 characters. It ends all sessions.")
    ] = None
    secret_question: Annotated[
        str | None,
        Meta(
            description="A code of `reference/secret-questions`, or a question in one's own words.",
            examples=["first_school"],
        ),
    ] = None
    secret_answer: Annotated[
        str | None, Meta(description="Needed with the question.", examples=["Jules Ferry"])
    ] = None
    language: Annotated[
        str | None,
        Meta(description="What mails are written in: a code of `reference/languages`.", examples=["fr"]),
    ] = None
    current_password: Annotated[
        str | None,
        Meta(description="Needed for all but the language; not in place of a password that we mailed."),
    ] = None


class ChangedAccount(Account, frozen=True, kw_only=True):
    """The account as it is now."""

    session: Annotated[
        Session | None,
        Meta(description="Present when the password was changed: the token that was sent has ended."),
    ]


class OpenSession(Struct, frozen=True):
    """One login."""

    id: int
    device: Annotated[str, Meta(examples=["Firefox, Windows"])]
    created_at: datetime
    used_at: Annotated[datetime, Meta(description="Right to ten minutes.")]
    is_current: Annotated[bool, Meta(description="Whether it is the one that asks.")]


class OpenSessions(Struct, frozen=True):
    """All logins: the one that asks, then the last used first."""

    items: list[OpenSession]


@get(
    "/me/account",
    operation_id="readAccount",
    summary="Read the account",
    tags=["candidate"],
    responses=problems(AuthenticationRequired),
    **OPEN_TO_RESTRICTED,
)
async def read_account(
    request: _Request, candidate: _Candidate, now: _Now, language: NamedDependency[str]
) -> Account:
    """The candidate's account."""
    return Account(
        **await _facts(candidate, language, now), must_replace_password=request.state["is_restricted"]
    )


async def _facts(candidate: CandidateView, language: str, now: datetime) -> dict[str, Any]:
    return {
        "email": candidate.email,
        "email_to_confirm": await email_to_confirm(candidate.id, now=now),
        "first_name": candidate.first_name,
        "last_name": candidate.last_name,
        "language": candidate.language,
        "secret_question": label("secret_question", candidate.secret_question, language),
        "created_at": candidate.created_at,
    }


@put(
    "/me/account",
    operation_id="changeAccount",
    summary="Change the account",
    tags=["candidate"],
    responses=problems(*LOGIN, *INPUT, TooManyAttempts, oversized=True),
    **OPEN_TO_RESTRICTED,
)
async def change(
    request: _Request,
    data: JSONBody[AccountChanges],
    candidate: _Candidate,
    portal: NamedDependency[Portal],
    now: _Now,
    language: NamedDependency[str],
) -> ChangedAccount:
    """Change address, password, secret question or language. Of all but the last a mail tells the owner."""
    given = {name: value for name, value in structs.asdict(data).items() if value is not None}
    if given.get("email") == candidate.email:  # sent back as it was read
        del given["email"]
    session = await (_replace if request.state["is_restricted"] else _change)(
        request, candidate, portal, given, now
    )
    await portal.nudge()
    candidate_now = await candidate_by_id(candidate.id)
    if candidate_now is None:
        raise AuthenticationRequired
    return ChangedAccount(
        **await _facts(candidate_now, language, now),
        must_replace_password=False,
        session=Session(session.token, session.expires_at) if session else None,
    )


async def _replace(
    request: _Request, candidate: CandidateView, _portal: Portal, given: dict[str, Any], now: datetime
) -> NewSession:
    """In place of a temporary password; nothing else may be changed along with it."""
    if given.keys() - {"password", "current_password"}:
        raise NewPasswordRequired
    arrival = arrival_of(request, bearer_token(request))
    return await replace_temporary_password(candidate.id, given, arrival=arrival, now=now)


async def _change(
    request: _Request, candidate: CandidateView, portal: Portal, given: dict[str, Any], now: datetime
) -> NewSession | None:
    async with AsyncExitStack() as gates:
        await gates.enter_async_context(limited_password(request, candidate.id, now=now))
        if "email" in given:
            gate = limited_new_email(request, candidate.id, given["email"], now=now)
            await gates.enter_async_context(gate)
        return await change_account(
            candidate.id,
            given,
            arrival=arrival_of(request),
            secret_key=portal.settings.secret_key,
            now=now,
        )


@get(
    "/me/sessions",
    operation_id="listSessions",
    summary="List one's logins",
    tags=["candidate"],
    responses=problems(*LOGIN),
)
async def list_sessions(request: _Request, candidate: _Candidate, now: _Now) -> OpenSessions:
    """Where the candidate is logged in, on the pages and through the API."""
    found = await sessions_of(candidate.id, bearer_token(request), now=now)
    return OpenSessions([OpenSession(**asdict(each)) for each in found])


@delete(
    "/me/sessions",
    status_code=204,
    operation_id="logOutEverywhere",
    summary="Log out everywhere",
    tags=["candidate"],
    responses=problems(*LOGIN),
)
async def end_every_session(candidate: _Candidate) -> None:
    """End all logins, this one too."""
    await log_out_everywhere(candidate.id)


@delete(
    "/me/sessions/{session_id:int}",
    status_code=204,
    operation_id="endSession",
    summary="Log out somewhere else",
    tags=["candidate"],
    responses=problems(*LOGIN, NotFound),
)
async def end_one_session(session_id: FromPath[int], candidate: _Candidate) -> None:
    """End one login."""
    await end_other_session(candidate.id, session_id)


JSON_HANDLERS = [read_account, change, list_sessions, end_every_session, end_one_session]
