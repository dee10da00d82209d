"""A forgotten password, a new confirmation link, a new address: what is done without a login."""

from contextlib import AsyncExitStack
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from web.api.problems import INPUT, problems
from web.api.sessions import RECEIVED, Received
from web.kit.gates import (
    limited_answer,
    limited_confirmation,
    limited_mail,
    limited_password,
    limited_question,
)
from web.kit.portal import Portal
from workflow.alerts.bounces import catch_up
from workflow.candidates.account import confirm_new_email, waiting_email
from workflow.candidates.commands import send_confirmation_link
from workflow.candidates.recovery import question_of, send_new_password
from workflow.checks import Checks
from workflow.errors import LinkExpired, LinkUsed, TooManyAttempts
from workflow.language import N_, say
from workflow.reference.queries import label

SENT = N_("If the address and the answer are right, an e-mail with a new password is on its way.")

_Request = Request[Any, Any, Any]


class Address(Struct, frozen=True):
    """Whose account."""

    email: Annotated[str, Meta(examples=["camille.martin@example.org"])]


class SecretQuestion(Struct, frozen=True):
    """What is asked before a new password is sent; of an address without an account something plausible."""

    secret_question: Annotated[str, Meta(description="In words.")]


class SecretAnswer(Address, frozen=True):
    """The answer to the secret question."""

    secret_answer: Annotated[str, Meta(examples=["Jules Ferry"])]


class NewAddress(Struct, frozen=True):
    """What the link in the mail to a new address ends in, and the password of the account that moves there."""

    token: Annotated[str, Meta(description="The last part of the link: /candidate/new-address/{token}.")]
    password: Annotated[
        str, Meta(description="The account's: a link that came to the wrong person moves no account.")
    ]


def _check_email(email: str) -> None:
    """Raises InvalidInput for what is no address."""
    checks = Checks({"email": email})
    checks.email("email")
    checks.finish()


@post(
    "/candidates/confirmation-link",
    status_code=202,
    operation_id="sendConfirmationLink",
    summary="Get a new confirmation link",
    tags=["account"],
    responses=problems(*INPUT, TooManyAttempts, oversized=True),
)
async def send_link(
    request: _Request,
    data: JSONBody[Address],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
    language: NamedDependency[str],
) -> Received:
    """Mail a new link, if a registration waits for one. Nobody learns here who has an account."""
    _check_email(data.email)
    async with limited_mail(request, data.email, now=now):
        await send_confirmation_link(data.email, secret_key=portal.settings.secret_key, now=now)
    await portal.nudge()
    return Received(say(language, RECEIVED))


@post(
    "/candidates/secret-question",
    status_code=200,
    operation_id="readSecretQuestion",
    summary="Begin to replace a forgotten password",
    tags=["account"],
    responses=problems(*INPUT, TooManyAttempts, oversized=True),
)
async def read_question(
    request: _Request,
    data: JSONBody[Address],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
    language: NamedDependency[str],
) -> SecretQuestion:
    """The secret question of an account."""
    _check_email(data.email)
    async with limited_question(request, now=now):
        question = await question_of(data.email, secret_key=portal.settings.secret_key)
    return SecretQuestion(label("secret_question", question, language))


@post(
    "/candidates/new-password",
    status_code=202,
    operation_id="sendNewPassword",
    summary="Get a new password",
    tags=["account"],
    responses=problems(*INPUT, TooManyAttempts, oversized=True),
)
async def send_password(
    request: _Request,
    data: JSONBody[SecretAnswer],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
    language: NamedDependency[str],
) -> Received:
    """Mail a new password, if the answer is right: good for one login within an hour, then to be replaced."""
    _check_email(data.email)
    async with limited_answer(request, data.email, now=now):
        await send_new_password(
            data.email, data.secret_answer, secret_key=portal.settings.secret_key, now=now
        )
    await portal.nudge()
    return Received(say(language, SENT))


@post(
    "/candidates/new-address",
    status_code=204,
    operation_id="confirmNewAddress",
    summary="Confirm a new address",
    tags=["account"],
    responses=problems(*INPUT, LinkUsed, LinkExpired, TooManyAttempts, oversized=True),
)
async def confirm_address(
    request: _Request,
    data: JSONBody[NewAddress],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> None:
    """Make the address that the token was mailed to the one of the account."""
    async with AsyncExitStack() as gates:
        await gates.enter_async_context(limited_confirmation(request, now=now))
        waiting = await waiting_email(data.token, now=now)
        await gates.enter_async_context(limited_password(request, waiting.candidate_id, now=now))
        await confirm_new_email(data.token, password=data.password, catch_up=catch_up, now=now)
    await portal.nudge()


ROUTE_HANDLERS = [send_link, read_question, send_password, confirm_address]
