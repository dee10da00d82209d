"""What candidates do with their account: register, confirm, log in, keep their profile."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from workflow.candidates.mails import addressee
from workflow.candidates.recovery import live_temporary_password, use_temporary_password
from workflow.candidates.registration import Registration, checked_registration
from workflow.candidates.sessions import NewSession, begin_session, digest_of
from workflow.candidates.tables import Candidate, CandidateLink
from workflow.checks import Checks, clean_line
from workflow.database.connection import write_transaction
from workflow.engine.outbox import Announcement, is_recorded, record
from workflow.errors import AccountUnconfirmed, LinkExpired, LinkUsed, WrongCredentials
from workflow.passwords import hashed, needs_new_hash, normalised_answer, password_fits
from workflow.sealing import seal

NOTICE_VERSION = "2026-11-01"
"""Date of the data notice that registering candidates accept; change it together with the page /privacy."""

CONFIRMATION_LIMIT = timedelta(hours=48)
_CONFIRMATION = "confirmation"
_LINKS_AN_HOUR = 10
"""So that nobody floods another's mailbox through our form; what comes after is not even written."""
_PROFILE_FIELDS = {
    "address": 500,
    "postal_code": 20,
    "city": 120,
    "phone": 40,
    "languages": 300,
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
    candidate_id = new_id()
    async with write_transaction():
        # makes the row or holds the one there is: who registers the same address at once comes after
        await Candidate.insert(Candidate(id=candidate_id, created_at=now, **values)).on_conflict(
            target=Candidate.email_key, action="DO UPDATE", values=[Candidate.email_key]
        )
        (known,) = await Candidate.select().where(Candidate.email_key == registration.email.lower())
        if known["confirmed_at"]:
            await _mail_known_address(known, now)
            return
        if await _links_of_last_hour(known["id"], now) >= _LINKS_AN_HOUR:
            return
        if known["id"] != candidate_id:
            await Candidate.update(values).where(Candidate.id == known["id"])
        await _mail_confirmation(known["id"], registration, secret_key, now)


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


async def _mail_confirmation(
    candidate_id: UUID, registration: Registration, secret_key: str, now: datetime
) -> None:
    """Only the newest link counts: those before it end now."""
    token = secrets.token_urlsafe(32)
    await CandidateLink.update({CandidateLink.expires_at: now}).where(
        (CandidateLink.candidate == candidate_id) & CandidateLink.used_at.is_null()
    )
    await CandidateLink.insert(
        CandidateLink(
            token_digest=digest_of(token),
            candidate=candidate_id,
            purpose=_CONFIRMATION,
            created_at=now,
            expires_at=now + CONFIRMATION_LIMIT,
        )
    )
    mail = Announcement(
        kind="account_confirmation",
        dedup_key=f"account_confirmation/{digest_of(token)}",
        recipient=registration.email,
        language=registration.language,
        params=addressee(asdict(registration)),
        secret=seal({"path": f"/candidate/confirm/{token}"}, secret_key),
        expires_at=now + CONFIRMATION_LIMIT,
    )
    await record([mail], now=now)


async def _links_of_last_hour(candidate_id: UUID, now: datetime) -> int:
    recent = (CandidateLink.candidate == candidate_id) & (CandidateLink.created_at > now - timedelta(hours=1))
    return int(await CandidateLink.count().where(recent))


async def _mail_known_address(candidate: Mapping[str, Any], now: datetime) -> None:
    """At most one such mail an hour, so that nobody is pestered through our form."""
    hour = now.strftime("%Y-%m-%dT%H")
    key = f"account_exists/{candidate['id']}/{hour}"
    mail = Announcement(
        kind="account_exists",
        dedup_key=key,
        recipient=candidate["email"],
        language=candidate["language"],
        params=addressee(candidate),
    )
    if not await is_recorded(key):
        await record([mail], now=now)


async def confirm_candidate(token: str, *, device: str = "", now: datetime) -> Confirmed:
    """Confirm the account that a link was mailed to, and log its candidate in (A3).

    Raises LinkUsed, LinkExpired.
    """
    async with write_transaction():
        used = (
            await CandidateLink.update({CandidateLink.used_at: now})
            .where(
                (CandidateLink.token_digest == digest_of(token))
                & (CandidateLink.purpose == _CONFIRMATION)
                & CandidateLink.used_at.is_null()
                & (CandidateLink.expires_at > now)
            )
            .returning(CandidateLink.candidate)
        )
        if not used:
            raise await _why_unusable(token)
        candidate_id: UUID = used[0]["candidate"]
        candidate = (
            await Candidate.update({Candidate.confirmed_at: now})
            .where(Candidate.id == candidate_id)
            .returning(Candidate.return_to)
        )
        session = await begin_session(candidate_id, device=device, now=now)
        return Confirmed(candidate_id, session, candidate[0]["return_to"])


async def _why_unusable(token: str) -> LinkUsed | LinkExpired:
    link = await CandidateLink.select().where(CandidateLink.token_digest == digest_of(token)).first()
    return LinkUsed() if link and link["used_at"] else LinkExpired()


async def log_in(email: str, password: str, *, device: str = "", now: datetime) -> NewSession:
    """Begin a session (A4); a temporary password begins a restricted one, once (A5).

    The same work is done, and the same said, whatever is wrong. Raises WrongCredentials; AccountUnconfirmed
    only to somebody who knows the password.
    """
    candidate = (
        await Candidate.select(Candidate.id, Candidate.password_hash, Candidate.confirmed_at)
        .where(Candidate.email_key == clean_line(email).lower())
        .first()
    )
    if not await password_fits(password, candidate["password_hash"] if candidate else None):
        return await _enter_with_temporary(candidate, password, device=device, now=now)
    if candidate is None or not candidate["confirmed_at"]:
        raise AccountUnconfirmed
    newer_hash = await hashed(password) if needs_new_hash(candidate["password_hash"]) else None
    async with write_transaction():
        if newer_hash:
            await Candidate.update({Candidate.password_hash: newer_hash}).where(
                Candidate.id == candidate["id"]
            )
        return await begin_session(candidate["id"], device=device, now=now)


async def _enter_with_temporary(
    candidate: Mapping[str, Any] | None, password: str, *, device: str, now: datetime
) -> NewSession:
    temporary = await live_temporary_password(candidate["id"], now=now) if candidate else None
    if await password_fits(password, temporary["password_hash"] if temporary else None) and temporary:
        session = await use_temporary_password(temporary, device=device, now=now)
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
        "country": checks.choice("country", "country"),
        "nationality": checks.choice("nationality", "country"),
        "level": checks.choice("level", "level"),
        "situation": checks.choice("situation", "situation"),
    }
    checks.finish()
    async with write_transaction():
        await Candidate.update({**values, "last_active_at": now}).where(Candidate.id == candidate_id)
