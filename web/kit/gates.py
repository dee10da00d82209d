"""Which limits stand before which door: pages and API count together."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection

from web.kit.browsers import browser_known_at
from web.kit.portal import portal_of
from workflow.account_checks import address_key
from workflow.errors import CodeWrong, CurrentPasswordWrong, LinkExpired, WrongCredentials
from workflow.limits import (
    CODE_OF_ACCOUNT,
    CONFIRMATION_FROM_ORIGIN,
    LOGIN_FROM_BROWSER,
    LOGIN_FROM_ORIGIN,
    LOGIN_OF_ACCOUNT,
    LOGIN_OF_ACCOUNT_FROM_ORIGIN,
    MAILS_TO_ADDRESS_FROM_ORIGIN,
    NEW_EMAIL_OF_ACCOUNT,
    PASSWORD_OF_ACCOUNT,
    RECOVERY_FROM_BROWSER,
    RECOVERY_FROM_ORIGIN,
    RECOVERY_OF_ACCOUNT,
    RECOVERY_OF_ACCOUNT_FROM_ORIGIN,
    REGISTRATION_FROM_ORIGIN,
    Gate,
    Limit,
)
from workflow.roles import CANDIDATE, RECRUITER

Connection = ASGIConnection[Any, Any, Any, Any]
Attempt = AbstractAsyncContextManager[None]


@asynccontextmanager
async def limited_login(
    connection: Connection,
    email: str,
    *,
    now: datetime,
    role: str = CANDIDATE,
) -> AsyncIterator[None]:
    """Around a login; what fails counts. Raises TooManyAttempts, like all of these."""
    gate = await _account_gate(
        connection,
        role,
        email,
        known=LOGIN_FROM_BROWSER,
        limits=(LOGIN_OF_ACCOUNT_FROM_ORIGIN, LOGIN_OF_ACCOUNT, LOGIN_FROM_ORIGIN),
    )
    async with gate.attempt(now=now, failures=(WrongCredentials,)):
        yield


def limited_code(connection: Connection, recruiter_id: int, *, now: datetime) -> Attempt:
    """Around a code of a second factor; a wrong one counts."""
    gate = _gate(connection, (CODE_OF_ACCOUNT, f"{RECRUITER} {recruiter_id}"))
    return gate.attempt(now=now, failures=(CodeWrong,))


def limited_mail(connection: Connection, email: str, *, now: datetime) -> Attempt:
    """Around what mails a stranger's address: a registration, a new link. Every one counts.

    Those with mistakes in their form count for the origin. How much is mailed to an address in all is
    limited where it is mailed, without a word: nobody can keep its owner from registering.
    """
    here = origin(connection)
    gate = _gate(
        connection,
        (MAILS_TO_ADDRESS_FROM_ORIGIN, f"{address_key(email)} {here}"),
        (REGISTRATION_FROM_ORIGIN, here),
    )
    return gate.attempt(now=now)


def limited_confirmation(connection: Connection, *, now: datetime) -> Attempt:
    """Around the use of a link that was mailed; those that there are not count, and wrong passwords with them."""
    gate = _gate(connection, (CONFIRMATION_FROM_ORIGIN, origin(connection)))
    return gate.attempt(now=now, failures=(LinkExpired, CurrentPasswordWrong))


def limited_question(connection: Connection, *, now: datetime) -> Attempt:
    """Around asking for an account's secret question. Every one counts."""
    return _gate(connection, (RECOVERY_FROM_ORIGIN, origin(connection))).attempt(now=now)


@asynccontextmanager
async def limited_answer(
    connection: Connection, email: str, *, now: datetime, role: str = CANDIDATE
) -> AsyncIterator[None]:
    """Around answering it, or asking for a recruiter's new password.

    Every one counts, for nobody may learn which was right.
    """
    gate = await _account_gate(
        connection,
        role,
        email,
        known=RECOVERY_FROM_BROWSER,
        limits=(RECOVERY_OF_ACCOUNT_FROM_ORIGIN, RECOVERY_OF_ACCOUNT, RECOVERY_FROM_ORIGIN),
    )
    async with gate.attempt(now=now):
        yield


def limited_password(connection: Connection, account: UUID | int, *, now: datetime) -> Attempt:
    """Around what asks somebody logged in, a candidate or a recruiter by their id, for their password.

    A wrong one counts.
    """
    gate = _gate(connection, (PASSWORD_OF_ACCOUNT, str(account)))
    return gate.attempt(now=now, failures=(CurrentPasswordWrong,))


def limited_new_email(connection: Connection, candidate_id: UUID, email: str, *, now: datetime) -> Attempt:
    """Around asking for another address. Every one counts whose form and password are right."""
    gate = _gate(
        connection,
        (NEW_EMAIL_OF_ACCOUNT, str(candidate_id)),
        (MAILS_TO_ADDRESS_FROM_ORIGIN, f"{address_key(email)} {origin(connection)}"),
    )
    return gate.attempt(now=now)


async def _account_gate(
    connection: Connection, role: str, email: str, *, known: Limit, limits: tuple[Limit, Limit, Limit]
) -> Gate:
    """Before what a stranger may try with an account. `limits`: of the account from this origin, of it, of the origin.

    A browser that the account knows has one of its own: what strangers try does not close the door to it.
    """
    if browser := await browser_known_at(connection, role, email):
        return _gate(connection, (known, browser))
    account, here = f"{role} {address_key(email)}", origin(connection)
    return _gate(connection, *zip(limits, (f"{account} {here}", account, here), strict=True))


def origin(connection: Connection) -> str:
    """The address that somebody comes from; of IPv6 the network, for one household has 2^64 addresses."""
    host = connection.client.host if connection.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((int(address), 64), strict=False))
    return host


def _gate(connection: Connection, *limits: tuple[Limit, str]) -> Gate:
    return Gate(limits, portal_of(connection).settings.secret_key)
