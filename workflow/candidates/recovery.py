"""Forgotten passwords (A5): the guide's way, made safe. Whoever asks learns nothing about who has an account."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from workflow.account_checks import address_key, checked_password
from workflow.candidates.holding import held_candidate, hold_candidate
from workflow.candidates.links import DELETION, NEW_EMAIL, end_links
from workflow.candidates.mails import addressee, tell
from workflow.candidates.sessions import NewSession, begin_session, end_all_sessions, end_session
from workflow.candidates.tables import Candidate, TemporaryPassword
from workflow.checks import Checks
from workflow.database.connection import write_transaction
from workflow.engine.outbox import Announcement, record
from workflow.errors import AuthenticationRequired
from workflow.language import N_
from workflow.logins import Arrival
from workflow.passwords import as_mailed, hashed, new_password, normalised_answer, password_fits
from workflow.reference.queries import secret_questions
from workflow.sealing import seal

TEMPORARY_LIMIT = timedelta(hours=1)

_ASKED_OF = ("email_key", "secret_answer_hash")


async def question_of(email: str, *, secret_key: str) -> str:
    """The secret question of an account: a code of the list, or its owner's own words.

    Of an address that nobody has, one of the list: always the same, so that it looks like somebody's.
    """
    key = address_key(email)
    candidate = await _account_at(key)
    codes = [question.code for question in secret_questions()]
    drawn = hmac.new(secret_key.encode(), f"question\n{key}".encode(), hashlib.sha256).digest()
    plausible = codes[int.from_bytes(drawn[:8]) % len(codes)]
    return str(candidate["secret_question"]) if candidate else plausible


async def send_new_password(email: str, answer: str, *, secret_key: str, now: datetime) -> None:
    """Mail a temporary password to whoever answers their secret question (A5).

    The same work is done, and nothing is said, whether or not there is such an account and the answer
    is right. The old password keeps working until the new one is replaced by one of their own.
    """
    candidate = await _account_at(address_key(email))
    stored = candidate["secret_answer_hash"] if candidate else None
    is_right = await password_fits(normalised_answer(answer), stored)
    password = new_password()
    password_hash = await hashed(as_mailed(password))
    async with write_transaction():
        if not candidate or not is_right:
            return
        present = await held_candidate(candidate["id"])
        if present is None or any(present[name] != candidate[name] for name in _ASKED_OF):
            return  # the account moved, or the answer changed, meanwhile
        await end_temporary_passwords(candidate["id"])
        await TemporaryPassword.insert(
            TemporaryPassword(
                candidate=candidate["id"],
                password_hash=password_hash,
                created_at=now,
                expires_at=now + TEMPORARY_LIMIT,
            )
        )
        mail = Announcement(
            kind="new_password",
            dedup_key=f"new_password/{secrets.token_hex(16)}",
            recipient=candidate["email"],
            language=candidate["language"],
            params=addressee(candidate),
            secret=seal({"password": password}, secret_key),
            expires_at=now + TEMPORARY_LIMIT,
            about=("candidate", candidate["id"]),
        )
        await record([mail], now=now)


async def _account_at(email_key: str) -> dict[str, Any] | None:
    mine = Candidate.email_key == email_key
    found: dict[str, Any] | None = await Candidate.select().where(mine).first()
    return found


async def live_temporary_password(candidate_id: Any, *, now: datetime) -> dict[str, Any] | None:
    """The temporary password that still opens the door for a candidate, if one does."""
    live = TemporaryPassword.used_at.is_null() & (TemporaryPassword.expires_at > now)
    found: dict[str, Any] | None = await (
        TemporaryPassword.select()
        .where((TemporaryPassword.candidate == candidate_id) & live)
        .order_by(TemporaryPassword.id, ascending=False)
        .first()
    )
    return found


async def end_temporary_passwords(candidate_id: Any) -> None:
    """None that was mailed to a candidate opens the door any more."""
    await TemporaryPassword.delete().where(TemporaryPassword.candidate == candidate_id)


async def use_temporary_password(
    temporary: Mapping[str, Any], *, arrival: Arrival, now: datetime
) -> NewSession | None:
    """Begin the restricted session that a temporary password opens; None when another request was quicker."""
    async with write_transaction():
        if await held_candidate(temporary["candidate"]) is None:
            return None
        used = (
            await TemporaryPassword.update({TemporaryPassword.used_at: now})
            .where((TemporaryPassword.id == temporary["id"]) & TemporaryPassword.used_at.is_null())
            .returning(TemporaryPassword.id)
        )
        if not used:
            return None
        return await begin_session(temporary["candidate"], arrival=arrival, is_restricted=True, now=now)


async def replace_temporary_password(
    candidate_id: Any, data: Mapping[str, Any], *, arrival: Arrival, now: datetime
) -> NewSession:
    """Choose a password of one's own in place of the temporary one; all sessions end, and a full one begins.

    `arrival` carries the restricted session, which can do this once. `data`: `password`, and
    `password_again` where it is given. The owner is told. Raises InvalidInput, AuthenticationRequired.
    """
    candidate = await Candidate.select().where(Candidate.id == candidate_id).first()
    if candidate is None:
        raise AuthenticationRequired
    checks = Checks(data)
    password = checked_password(checks, data, candidate)
    await refuse_present_password(checks, password, candidate)
    checks.finish()
    password_hash = await hashed(password)
    async with write_transaction():
        candidate = await hold_candidate(candidate_id, now=now)
        if not await end_session(arrival.token):
            raise AuthenticationRequired
        return await write_password(candidate, password_hash, arrival=arrival, now=now)


async def refuse_present_password(checks: Checks, password: str, candidate: Mapping[str, Any]) -> None:
    """A new password is another one. Only said where nothing else is wrong: who guesses has made the guess theirs."""
    if not checks.errors and await password_fits(password, candidate["password_hash"]):
        checks.fail("password", N_("This is the password that you had. Choose another one."))


async def write_password(
    candidate: Mapping[str, Any], password_hash: str, *, arrival: Arrival, now: datetime
) -> NewSession:
    """Change the password inside the caller's transaction; what the old one let in ends, and a session begins.

    Temporary passwords end, and so does a new address that was asked for.
    """
    await Candidate.update({Candidate.password_hash: password_hash}).where(Candidate.id == candidate["id"])
    await end_temporary_passwords(candidate["id"])
    await end_links(candidate["id"], NEW_EMAIL, now=now)
    await end_links(candidate["id"], DELETION, now=now)
    await end_all_sessions(candidate["id"])
    await tell(candidate, "password_changed", now=now)
    return await begin_session(candidate["id"], arrival=arrival, now=now)
