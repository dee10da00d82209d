"""Logging in to the console and out again: a password, and a code where the account has a second factor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflow.audit.recording import note_change
from workflow.checks import clean_line
from workflow.database.connection import write_transaction
from workflow.errors import AuthenticationRequired, EnrolmentRequired, WrongCredentials
from workflow.logins import UNKNOWN, Arrival
from workflow.passwords import password_fits
from workflow.recruiters.holding import hold_proven_recruiter, hold_recruiter
from workflow.recruiters.mails import tell
from workflow.recruiters.queries import actor_of
from workflow.recruiters.second_factor import confirm_authenticator, prepare_enrolment, require_code
from workflow.recruiters.sessions import (
    CODE,
    ENROLMENT,
    Login,
    begin_login,
    end_sessions,
    lack_of,
    lacking_login,
)
from workflow.recruiters.tables import Recruiter, RecruiterSession


@dataclass(frozen=True, slots=True)
class Known:
    """Who gave the right password, and the hash that it fitted."""

    recruiter_id: int
    password_hash: str = field(repr=False)


async def known_by_password(email: str, password: str) -> Known:
    """The active recruiter whom address and password fit; the same work is done for nobody. Raises WrongCredentials."""
    found = (
        await Recruiter.select(Recruiter.id, Recruiter.password)
        .where((Recruiter.username == clean_line(email).lower()) & Recruiter.active.eq(True))
        .first()
    )
    fits = await password_fits(password, found["password"] if found else None)
    if not found or not fits:
        raise WrongCredentials
    return Known(found["id"], found["password"])


async def log_in_recruiter(known: Known, *, arrival: Arrival = UNKNOWN, now: datetime) -> Login:
    """Begin the session that a password opens; where a second factor is asked for it `lacks` that, and opens nothing.

    Raises WrongCredentials for an account that was closed meanwhile.
    """
    async with write_transaction():
        row = await _held(known)
        return await begin_login(row, arrival=arrival, lacks=lack_of(row), now=now)


async def log_in_program(
    known: Known, code: str, *, arrival: Arrival = UNKNOWN, secret_key: str, now: datetime
) -> Login:
    """The same at once, for programs. Raises CodeRequired, CodeWrong, EnrolmentRequired."""
    async with write_transaction():
        row = await _held(known)
        lack = lack_of(row)
        if lack == ENROLMENT:
            raise EnrolmentRequired
        if lack == CODE:
            await require_code(row, code, secret_key=secret_key, now=now)
        return await begin_login(row, arrival=arrival, lacks=None, now=now)


async def _held(known: Known) -> dict[str, Any]:
    try:
        return await hold_proven_recruiter(known.recruiter_id, known.password_hash)
    except AuthenticationRequired:
        raise WrongCredentials from None


async def finish_login(code: str, *, arrival: Arrival, secret_key: str, now: datetime) -> Login:
    """Open the door to a session that lacks a code; it ends, and another one with a new token begins.

    Raises CodeRequired, CodeWrong, AuthenticationRequired.
    """
    async with write_transaction():
        row = await _lacking(arrival, CODE)
        await require_code(row, code, secret_key=secret_key, now=now)
        return await begin_login(row, arrival=arrival, lacks=None, now=now)


async def _lacking(arrival: Arrival, lack: str) -> dict[str, Any]:
    """Who came in so far, held; asked again once they are. Raises AuthenticationRequired."""
    seen = await lacking_login(arrival.token)
    if seen is None:
        raise AuthenticationRequired
    row = await hold_recruiter(seen.recruiter_id)
    if await lacking_login(arrival.token) != seen or seen.lacks != lack:
        raise AuthenticationRequired
    return row


async def begin_enrolment_at_login(*, arrival: Arrival, secret_key: str, now: datetime) -> None:
    """Prepare an authenticator for who needs one to come in. Raises AuthenticationRequired."""
    async with write_transaction():
        row = await _lacking(arrival, ENROLMENT)
        await prepare_enrolment(row, secret_key=secret_key, now=now)


async def enrol_at_login(
    code: str, *, arrival: Arrival, secret_key: str, now: datetime
) -> tuple[Login, tuple[str, ...]]:
    """Set it up by its first code, and come in; with the recovery codes. Raises CodeWrong, AuthenticationRequired."""
    async with write_transaction():
        row = await _lacking(arrival, ENROLMENT)
        codes = await confirm_authenticator(row, code, secret_key=secret_key, now=now)
        await note_second_factor(row, "on", now=now)
        await end_sessions(row["id"])
        return await begin_login(row, arrival=arrival, lacks=None, now=now), codes


async def note_second_factor(row: Mapping[str, Any], change: str, *, now: datetime) -> None:
    """What recruiters did with their own second factor (`on`, `moved`, `off`) is in the audit, and they are told."""
    await note_change(actor_of(row), f"recruiter.second_factor_{change}", ("recruiter", row["id"]), now=now)
    await tell(row, "recruiter_second_factor", now=now, change=change)


async def log_out_recruiter(token: str) -> None:
    """End a session of the console."""
    async with write_transaction():
        await RecruiterSession.remove_session(token)
