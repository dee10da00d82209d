"""What candidates do with their account: register, confirm, log in, keep their profile."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from workflow.candidates.links import CONFIRMATION, found_link, hold_address, mail_link, make_link, use_link
from workflow.candidates.mails import tell_once_an_hour
from workflow.candidates.recovery import live_temporary_password, use_temporary_password
from workflow.candidates.registration import Registration, address_key, checked_registration
from workflow.candidates.sessions import UNKNOWN, Arrival, NewSession, begin_session
from workflow.candidates.tables import Candidate
from workflow.checks import Checks
from workflow.database.connection import write_transaction
from workflow.errors import AccountUnconfirmed, LinkExpired, WrongCredentials
from workflow.passwords import hashed, needs_new_hash, normalised_answer, password_fits

NOTICE_VERSION = "2026-11-23"
"""Date of the data notice that registering candidates accept; change it together with the page /privacy."""

_PROFILE_FIELDS = {
    "address": 500,
    "postal_code": 20,
    "city": 120,
}


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A confirmed account: its session, and the offer that the candidate came for."""

    candidate_id: UUID
    session: NewSession
    return_to: str | None


async def register_candidate(
    data: Mapping[str, Any],
    *,
    secret_key: str,
    now: datetime,
    return_to: str | None = None,
    new_id: Callable[[], UUID] = uuid4,
) -> None:
    """Make an unconfirmed account and mail its confirmation link (A2, A3).

    The caller learns nothing about who has an account: a known, confirmed address gets a mail that
    says so, and an unconfirmed one starts anew with this registration. Raises InvalidInput.
    """
    registration = checked_registration(data)
    password_hash = await hashed(registration.password)
    answer_hash = await hashed(normalised_answer(registration.secret_answer))
    values = _account_values(registration, password_hash, answer_hash, return_to, now)
    async with write_transaction():
        await hold_address(registration.email)
        known = await _candidate_at(registration.email)
        if known and known["confirmed_at"]:
            await tell_once_an_hour(known, "account_exists", now=now)
            return
        if known:
            await Candidate.update(values).where(Candidate.id == known["id"])
        else:
            await Candidate.insert(Candidate(id=new_id(), created_at=now, **values))
        candidate = known or await _candidate_at(registration.email)
        if candidate:
            await _mail_confirmation({**candidate, **values}, secret_key=secret_key, now=now)


async def send_confirmation_link(email: str, *, secret_key: str, now: datetime) -> None:
    """Mail a new confirmation link to an account that waits for it; the one before it ends.

    The caller learns nothing about who has an account: a confirmed one gets a mail that says so.
    """
    async with write_transaction():
        await hold_address(address_key(email))
        known = await _candidate_at(email)
        if known and known["confirmed_at"]:
            await tell_once_an_hour(known, "account_exists", now=now)
        elif known:
            await _mail_confirmation(known, secret_key=secret_key, now=now)


async def _candidate_at(email: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (
        await Candidate.select().where(Candidate.email_key == address_key(email)).first()
    )
    return found


async def _mail_confirmation(candidate: Mapping[str, Any], *, secret_key: str, now: datetime) -> None:
    token = await make_link(candidate, CONFIRMATION, now=now)
    await mail_link(
        candidate, CONFIRMATION, token, recipient=candidate["email"], secret_key=secret_key, now=now
    )


def _account_values(
    registration: Registration, password_hash: str, answer_hash: str, return_to: str | None, now: datetime
) -> dict[Any, Any]:
    return {
        "email": registration.email,
        "email_key": registration.email.lower(),
        "password_hash": password_hash,
        "title": registration.title,
        "first_name": registration.first_name,
        "last_name": registration.last_name,
        "secret_question": registration.secret_question,
        "secret_answer_hash": answer_hash,
        "language": registration.language,
        "notice_version": NOTICE_VERSION,
        "notice_accepted_at": now,
        "return_to": return_to,
        "last_active_at": now,
    }


async def confirm_candidate(token: str, *, arrival: Arrival = UNKNOWN, now: datetime) -> Confirmed:
    """Confirm the account that a link was mailed to, and log its candidate in (A3).

    Raises LinkUsed, LinkExpired.
    """
    async with write_transaction():
        link = await found_link(token, CONFIRMATION)
        candidate = await Candidate.select().where(Candidate.id == link["candidate"]).first()
        if candidate is None:
            raise LinkExpired
        await hold_address(candidate["email"])
        await use_link(link, now=now)
        await Candidate.update({Candidate.confirmed_at: now}).where(Candidate.id == candidate["id"])
        session = await begin_session(candidate["id"], arrival=arrival, now=now)
        return Confirmed(candidate["id"], session, candidate["return_to"])


async def log_in(email: str, password: str, *, arrival: Arrival = UNKNOWN, now: datetime) -> NewSession:
    """Begin a session (A4); a temporary password begins a restricted one, once (A5).

    The same work is done, and the same said, whatever is wrong. Raises WrongCredentials; AccountUnconfirmed
    only to somebody who knows the password.
    """
    candidate = await _candidate_at(email)
    if not await password_fits(password, candidate["password_hash"] if candidate else None):
        return await _enter_with_temporary(candidate, password, arrival=arrival, now=now)
    if candidate is None or not candidate["confirmed_at"]:
        raise AccountUnconfirmed
    seen: str = candidate["password_hash"]
    newer = await hashed(password) if needs_new_hash(seen) else seen
    async with write_transaction():
        unchanged = (Candidate.id == candidate["id"]) & (Candidate.password_hash == seen)
        if (
            not await Candidate.update({Candidate.password_hash: newer})
            .where(unchanged)
            .returning(Candidate.id)
        ):
            raise WrongCredentials  # changed in the meantime, which ended all sessions: none may follow it
        return await begin_session(candidate["id"], arrival=arrival, now=now)


async def _enter_with_temporary(
    candidate: Mapping[str, Any] | None, password: str, *, arrival: Arrival, now: datetime
) -> NewSession:
    temporary = await live_temporary_password(candidate["id"], now=now) if candidate else None
    if await password_fits(password, temporary["password_hash"] if temporary else None) and temporary:
        session = await use_temporary_password(temporary, arrival=arrival, now=now)
        if session:
            return session
    raise WrongCredentials


async def change_profile(candidate_id: UUID, data: Mapping[str, Any], *, now: datetime) -> None:
    """Write the candidate's profile (A8); nothing in it is mandatory but the name. Raises InvalidInput."""
    checks = Checks(data)
    values: dict[Any, Any] = {
        "title": checks.choice("title", "title", required=True),
        "first_name": checks.line("first_name", maximum=100, required=True),
        "last_name": checks.line("last_name", maximum=100, required=True),
        **{name: checks.line(name, maximum=maximum) for name, maximum in _PROFILE_FIELDS.items()},
        "phone": checks.phone("phone"),
        "languages": checks.words("languages", maximum=300),
        "country": checks.choice("country", "country"),
        "nationality": checks.choice("nationality", "country"),
        "level": checks.choice("level", "level"),
        "situation": checks.choice("situation", "situation"),
    }
    checks.finish()
    async with write_transaction():
        await Candidate.update({**values, "last_active_at": now}).where(Candidate.id == candidate_id)
