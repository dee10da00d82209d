"""Which limits stand before which door: pages, API and Piccolo Admin count together."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection

from web.kit.portal import portal_of
from workflow.candidates.registration import address_key
from workflow.errors import CurrentPasswordWrong, LinkExpired, WrongCredentials
from workflow.limits import (
    CONFIRMATION_FROM_ADDRESS,
    LOGIN_FROM_ADDRESS,
    LOGIN_OF_ACCOUNT,
    MAILS_TO_ADDRESS,
    NEW_EMAIL_OF_ACCOUNT,
    PASSWORD_OF_ACCOUNT,
    RECOVERY_FROM_ADDRESS,
    RECOVERY_OF_ACCOUNT,
    REGISTRATION_FROM_ADDRESS,
    Gate,
    Limit,
)
from workflow.roles import CANDIDATE

Connection = ASGIConnection[Any, Any, Any, Any]
Attempt = AbstractAsyncContextManager[None]


def limited_login(
    connection: Connection,
    account: str,
    *,
    now: datetime,
    role: str = CANDIDATE,
    failures: tuple[type[Exception], ...] = (WrongCredentials,),
) -> Attempt:
    """Around a login; what fails counts. Raises TooManyAttempts, like all of these."""
    gate = _gate(
        connection,
        (LOGIN_OF_ACCOUNT, f"{role} {address_key(account)}"),
        (LOGIN_FROM_ADDRESS, origin(connection)),
    )
    return gate.attempt(now=now, failures=failures)


def limited_mail(connection: Connection, email: str, *, now: datetime) -> Attempt:
    """Around what mails a stranger's address: a registration, a new link. Every one counts."""
    limits = ((MAILS_TO_ADDRESS, address_key(email)), (REGISTRATION_FROM_ADDRESS, origin(connection)))
    return _gate(connection, *limits).attempt(now=now)


def limited_confirmation(connection: Connection, *, now: datetime) -> Attempt:
    """Around the use of a link that was mailed; those that there are not count."""
    gate = _gate(connection, (CONFIRMATION_FROM_ADDRESS, origin(connection)))
    return gate.attempt(now=now, failures=(LinkExpired,))


def limited_question(connection: Connection, *, now: datetime) -> Attempt:
    """Around asking for an account's secret question. Every one counts."""
    return _gate(connection, (RECOVERY_FROM_ADDRESS, origin(connection))).attempt(now=now)


def limited_answer(connection: Connection, email: str, *, now: datetime) -> Attempt:
    """Around answering it. Every one counts, for nobody may learn which was right."""
    limits = ((RECOVERY_OF_ACCOUNT, address_key(email)), (RECOVERY_FROM_ADDRESS, origin(connection)))
    return _gate(connection, *limits).attempt(now=now)


def limited_password(connection: Connection, candidate_id: UUID, *, now: datetime) -> Attempt:
    """Around what asks somebody logged in for their password; a wrong one counts."""
    gate = _gate(connection, (PASSWORD_OF_ACCOUNT, str(candidate_id)))
    return gate.attempt(now=now, failures=(CurrentPasswordWrong,))


def limited_new_email(connection: Connection, candidate_id: UUID, email: str, *, now: datetime) -> Attempt:
    """Around asking for another address. Every one counts whose form and password are right."""
    limits = ((NEW_EMAIL_OF_ACCOUNT, str(candidate_id)), (MAILS_TO_ADDRESS, address_key(email)))
    return _gate(connection, *limits).attempt(now=now)


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
