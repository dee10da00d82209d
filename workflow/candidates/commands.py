"""What candidates do with their account: register, confirm, log in, keep their profile."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from workflow.account_checks import address_key
from workflow.candidates.confirming import (
    found_registration,
    make_account,
    renewable_registration,
    require_registrant,
    write_registration,
)
from workflow.candidates.holding import held_candidate, hold_candidate
from workflow.candidates.links import hold_address
from workflow.candidates.mails import tell_once_an_hour
from workflow.candidates.names import name_key
from workflow.candidates.recovery import live_temporary_password, use_temporary_password
from workflow.candidates.registration import RegistrationForm, checked_registration
from workflow.candidates.sessions import NewSession, begin_session
from workflow.candidates.tables import Candidate
from workflow.checks import Checks
from workflow.database.connection import write_transaction
from workflow.errors import LinkExpired, WrongCredentials
from workflow.logins import UNKNOWN, Arrival, digest_of
from workflow.passwords import as_mailed, hashed, needs_new_hash, normalised_answer, password_fits

NOTICE_VERSION = "2026-11-23"
"""Date of the data notice that registering candidates accept; change it together with the page /privacy."""

_PROFILE_FIELDS = {
    "address": 500,
    "postal_code": 20,
    "city": 120,
}


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A new account: its session, and the offer that the candidate came for."""

    candidate_id: UUID
    session: NewSession
    return_to: str | None


async def register_candidate(
    data: Mapping[str, Any],
    *,
    secret_key: str,
    now: datetime,
    browser: str = "",
    return_to: str | None = None,
    new_id: Callable[[], UUID] = uuid4,
) -> None:
    """Keep a registration, and mail the link that makes an account of it (A2, A3).

    The caller learns nothing about who has an account: the owner of a known address gets a mail that says so.
    Others who have registered at the address keep their registrations, links and passwords. `browser`: a secret
    of the browser, which alone confirms without the password. Raises InvalidInput.
    """
    form = checked_registration(data)
    password_hash = await hashed(form.password)
    answer_hash = await hashed(normalised_answer(form.secret_answer))
    values = _account_values(form, password_hash, answer_hash, return_to, now) | {
        "candidate_id": new_id(),
        "browser_digest": digest_of(browser) if browser else None,
    }
    async with write_transaction():
        await hold_address(form.email)
        if owner := await _candidate_at(form.email):
            await tell_once_an_hour(owner, "account_exists", now=now)
        else:
            await write_registration(values, secret_key=secret_key, now=now)


async def send_confirmation_link(email: str, *, secret_key: str, now: datetime, browser: str = "") -> None:
    """Mail a new link for a registration, also for one whose link has expired; those before it still work.

    The caller learns nothing about who has an account: the owner of a known address gets a mail that says so.
    """
    async with write_transaction():
        await hold_address(address_key(email))
        if owner := await _candidate_at(email):
            await tell_once_an_hour(owner, "account_exists", now=now)
        elif values := await renewable_registration(address_key(email), browser=browser):
            await write_registration(values, secret_key=secret_key, now=now)


async def _candidate_at(email: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (
        await Candidate.select().where(Candidate.email_key == address_key(email)).first()
    )
    return found


def _account_values(
    form: RegistrationForm, password_hash: str, answer_hash: str, return_to: str | None, now: datetime
) -> dict[str, Any]:
    return {
        "email": form.email,
        "email_key": form.email.lower(),
        "password_hash": password_hash,
        "title": form.title,
        "first_name": form.first_name,
        "last_name": form.last_name,
        "secret_question": form.secret_question,
        "secret_answer_hash": answer_hash,
        "language": form.language,
        "notice_version": NOTICE_VERSION,
        "notice_accepted_at": now,
        "return_to": return_to,
    }


async def confirm_candidate(
    token: str, *, password: str | None = "", browser: str = "", arrival: Arrival = UNKNOWN, now: datetime
) -> Confirmed:
    """Make the account that a link was mailed for, and log its candidate in (A3).

    `browser`: as in `register_candidate`; from elsewhere the registration's `password` is asked for. None: it is
    not, of a program that was handed the token. Raises LinkUsed, LinkExpired, InvalidInput, CurrentPasswordWrong.
    """
    registration = await found_registration(token, now=now)
    if password is not None:
        await require_registrant(registration, password=password, browser=browser)
    async with write_transaction():
        await hold_address(registration["email"])
        registration = await found_registration(token, now=now)
        if await _candidate_at(registration["email"]):
            raise LinkExpired
        candidate_id = await make_account(registration, now=now)
        session = await begin_session(candidate_id, arrival=arrival, now=now)
        return Confirmed(candidate_id, session, registration["return_to"])


async def log_in(email: str, password: str, *, arrival: Arrival = UNKNOWN, now: datetime) -> NewSession:
    """Begin a session (A4); a temporary password begins a restricted one, once (A5).

    The same work is done, and the same said, whatever is wrong; of a registration that waits for its confirmation,
    too, for that would tell that its address has no account. Raises WrongCredentials.
    """
    candidate = await _candidate_at(email)
    fits = await password_fits(password, candidate["password_hash"] if candidate else None)
    if candidate is None or not fits:
        return await _enter_with_temporary(candidate, password, arrival=arrival, now=now)
    seen: str = candidate["password_hash"]
    newer = await hashed(password) if needs_new_hash(seen) else seen
    async with write_transaction():
        present = await held_candidate(candidate["id"])
        if present is None or present["password_hash"] != seen:
            raise WrongCredentials  # changed in the meantime, which ended all sessions: none may follow it
        if newer != seen:
            await Candidate.update({Candidate.password_hash: newer}).where(Candidate.id == candidate["id"])
        return await begin_session(candidate["id"], arrival=arrival, now=now)


async def _enter_with_temporary(
    candidate: Mapping[str, Any] | None, password: str, *, arrival: Arrival, now: datetime
) -> NewSession:
    temporary = await live_temporary_password(candidate["id"], now=now) if candidate else None
    stored = temporary["password_hash"] if temporary else None
    if await password_fits(as_mailed(password), stored) and temporary:
        session = await use_temporary_password(temporary, arrival=arrival, now=now)
        if session:
            return session
    raise WrongCredentials


async def change_profile(candidate_id: UUID, data: Mapping[str, Any], *, now: datetime) -> None:
    """Write the candidate's profile (A8), all of it or nothing. Raises InvalidInput, AuthenticationRequired."""
    values = checked_profile(data)
    async with write_transaction():
        await hold_candidate(candidate_id, now=now)
        await Candidate.update(values).where(Candidate.id == candidate_id)


def checked_profile(data: Mapping[str, Any]) -> dict[Any, Any]:
    """What a profile's form holds, cleaned; nothing in it is mandatory but the name. Raises InvalidInput."""
    checks = Checks(data)
    values = {
        "title": checks.choice("title", "title", required=True),
        "first_name": checks.name("first_name", maximum=100),
        "last_name": checks.name("last_name", maximum=100),
        **{name: checks.line(name, maximum=maximum) for name, maximum in _PROFILE_FIELDS.items()},
        "phone": checks.phone("phone"),
        "languages": checks.words("languages", maximum=300),
        "country": checks.choice("country", "country"),
        "nationality": checks.choice("nationality", "country"),
        "level": checks.choice("level", "level"),
        "situation": checks.choice("situation", "situation"),
    }
    checks.finish()
    return values | {"name_key": name_key(values["first_name"], values["last_name"])}
