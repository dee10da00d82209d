"""Registering, confirming, logging in and out."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, delete, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct, structs

from web.api.access import OPEN_TO_RESTRICTED, SECURITY, arrival_of, bearer_token, require_candidate
from web.api.offer_answers import OfferMention, mention
from web.api.offers import public_offer
from web.api.problems import INPUT, problems
from web.kit.gates import limited_confirmation, limited_login, limited_mail
from web.kit.portal import Portal
from workflow.candidates.commands import confirm_candidate, log_in, register_candidate
from workflow.candidates.registration import checked_registration
from workflow.candidates.sessions import end_session
from workflow.errors import (
    AuthenticationRequired,
    FieldError,
    InvalidInput,
    LinkExpired,
    LinkUsed,
    NotFound,
    TooManyAttempts,
    WrongCredentials,
)
from workflow.language import N_, say
from workflow.offers.queries import offer_by_reference

RECEIVED = N_("We have sent you an e-mail. Follow its link to go on.")


class Registration(Struct, frozen=True, kw_only=True):
    """What a candidate gives to register; all of it is mandatory."""

    title: Annotated[str, Meta(examples=["ms"], description="A code of `reference/titles`.")]
    first_name: Annotated[str, Meta(examples=["Camille"])]
    last_name: Annotated[str, Meta(examples=["Martin"])]
    email: Annotated[str, Meta(examples=["camille.martin@example.org"])]
    password: Annotated[
        str, Meta(examples=["four unrelated words here"], description="12 to 256 characters.")
    ]
    secret_question: Annotated[
        str,
        Meta(
            examples=["first_school"],
            description="A code of `reference/secret-questions`, or a question in one's own words.",
        ),
    ]
    secret_answer: Annotated[str, Meta(examples=["Jules Ferry"])]
    accept_notice: Annotated[bool, Meta(description="Must be true: see /privacy.")]
    language: Annotated[
        str | None,
        Meta(
            description="What mails are written in: a code of `reference/languages`; by default the language asked for."
        ),
    ] = None
    offer: Annotated[
        str | None, Meta(description="The reference of the offer to come back to after confirming.")
    ] = None


class Received(Struct, frozen=True):
    """The same, whether or not somebody has an account."""

    message: str


class Confirmation(Struct, frozen=True):
    """What the link in the mail ends in."""

    token: Annotated[str, Meta(description="The last part of the link: /candidate/confirm/{token}.")]


class Credentials(Struct, frozen=True):
    """How one logs in."""

    email: Annotated[str, Meta(examples=["camille.martin@example.org"])]
    password: Annotated[str, Meta(examples=["four unrelated words here"])]


class Session(Struct, frozen=True):
    """A login. Send the token as `Authorization: Bearer …`."""

    token: str
    expires_at: Annotated[datetime, Meta(description="Using the session moves this on.")]


class CandidateSession(Session, frozen=True):
    """A candidate's login."""

    must_replace_password: Annotated[
        bool,
        Meta(
            description="Whether this login was made with a password that we mailed: then nothing else is open "
            "until `PUT me/account` has brought a password of one's own."
        ),
    ]


class ConfirmedSession(Session, frozen=True):
    """The login that follows a confirmation, and where the candidate was going."""

    offer: Annotated[OfferMention | None, Meta(description="The offer to come back to.")]


@post(
    "/candidates",
    status_code=202,
    operation_id="registerCandidate",
    summary="Register",
    tags=["account"],
    responses=problems(*INPUT, TooManyAttempts, oversized=True),
)
async def register(
    request: Request[Any, Any, Any],
    data: JSONBody[Registration],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
    language: NamedDependency[str],
) -> Received:
    """Keep a registration for a week, and mail its confirmation link. Nobody learns here who has an account."""
    fields = structs.asdict(data) | {"language": data.language or language}
    async with limited_mail(request, data.email, now=now):
        if data.offer:
            await _require_offer(data.offer, fields)
        await register_candidate(
            fields, secret_key=portal.settings.secret_key, now=now, return_to=data.offer or None
        )
    await portal.nudge()
    return Received(say(language, RECEIVED))


async def _require_offer(reference: str, fields: dict[str, Any]) -> None:
    """Raises InvalidInput for an unknown offer, with all else that is wrong."""
    try:
        await public_offer(reference)
    except NotFound:
        unknown = FieldError("offer", N_("There is no offer with this reference."))
        raise InvalidInput([*_mistakes(fields), unknown]) from None


def _mistakes(fields: dict[str, Any]) -> tuple[FieldError, ...]:
    try:
        checked_registration(fields)
    except InvalidInput as invalid:
        return invalid.errors
    return ()


@post(
    "/candidates/confirmation",
    status_code=200,
    operation_id="confirmCandidate",
    summary="Confirm an account",
    tags=["account"],
    responses=problems(*INPUT, LinkUsed, LinkExpired, TooManyAttempts, oversized=True),
)
async def confirm(
    request: Request[Any, Any, Any],
    data: JSONBody[Confirmation],
    now: NamedDependency[datetime],
    language: NamedDependency[str],
) -> ConfirmedSession:
    """Make the account of a registration, and log its candidate in."""
    async with limited_confirmation(request, now=now):
        confirmed = await confirm_candidate(data.token, password=None, arrival=arrival_of(request), now=now)
    offer = await offer_by_reference(confirmed.return_to) if confirmed.return_to else None
    return ConfirmedSession(
        confirmed.session.token, confirmed.session.expires_at, mention(offer, language) if offer else None
    )


@post(
    "/session",
    status_code=201,
    operation_id="logIn",
    summary="Log in",
    tags=["account"],
    responses=problems(*INPUT, WrongCredentials, TooManyAttempts, oversized=True),
)
async def open_session(
    request: Request[Any, Any, Any], data: JSONBody[Credentials], now: NamedDependency[datetime]
) -> CandidateSession:
    """Begin a session of a candidate. A registration must be confirmed first; until then it is no account."""
    async with limited_login(request, data.email, now=now):
        session = await log_in(data.email, data.password, arrival=arrival_of(request), now=now)
    return CandidateSession(session.token, session.expires_at, session.is_restricted)


@delete(
    "/session",
    status_code=204,
    operation_id="logOut",
    summary="Log out",
    tags=["account"],
    guards=[require_candidate],
    security=SECURITY,
    responses=problems(AuthenticationRequired),
    **OPEN_TO_RESTRICTED,
)
async def close_session(request: Request[Any, Any, Any]) -> None:
    """End the session of the token that is sent."""
    await end_session(bearer_token(request))


ROUTE_HANDLERS = [register, confirm, open_session, close_session]
