"""Forgotten passwords (A5): the guide's way, made safe. Whoever asks learns nothing about who has an account."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from workflow.candidates.mails import addressee
from workflow.candidates.registration import check_password
from workflow.candidates.sessions import NewSession, begin_session, end_all_sessions
from workflow.candidates.tables import Candidate, TemporaryPassword
from workflow.checks import Checks, clean_line
from workflow.database.connection import write_transaction
from workflow.engine.outbox import Announcement, record
from workflow.passwords import hashed, new_password, normalised_answer, password_fits
from workflow.reference.queries import secret_questions
from workflow.sealing import seal

TEMPORARY_LIMIT = timedelta(hours=1)


async def question_of(email: str, *, secret_key: str) -> str:
    """The secret question of an account: a code of the list, or its owner's own words.

    Of an address that nobody has, one of the list: always the same, so that it looks like somebody's.
    """
    key = clean_line(email).lower()
    candidate = await _confirmed(key)
    if candidate:
        return str(candidate["secret_question"])
    codes = [question.code for question in secret_questions()]
    drawn = hmac.new(secret_key.encode(), f"question\n{key}".encode(), hashlib.sha256).digest()
    return codes[int.from_bytes(drawn[:8]) % len(codes)]


async def send_new_password(email: str, answer: str, *, secret_key: str, now: datetime) -> None:
    """Mail a temporary password to whoever answers their secret question (A5).

    The same work is done, and nothing is said, whether or not there is such an account and the answer
    is right. The old password keeps working until the new one is replaced by one of their own.
    """
    candidate = await _confirmed(clean_line(email).lower())
    stored = candidate["secret_answer_hash"] if candidate else None
    is_right = await password_fits(normalised_answer(answer), stored)
    password = new_password()
    password_hash = await hashed(password)
    async with write_transaction():
        if not candidate or not is_right:
            return
        mine = TemporaryPassword.candidate == candidate["id"]
        await TemporaryPassword.update({TemporaryPassword.expires_at: now}).where(
            mine & TemporaryPassword.used_at.is_null() & (TemporaryPassword.expires_at > now)
        )
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
        )
        await record([mail], now=now)


async def _confirmed(email_key: str) -> dict[str, Any] | None:
    mine = (Candidate.email_key == email_key) & Candidate.confirmed_at.is_not_null()
    found: dict[str, Any] | None = await Candidate.select().where(mine).first()
    return found


async def live_temporary_password(candidate_id: Any, *, now: datetime) -> dict[str, Any] | None:
    """The temporary password that still opens the door for a candidate, if one does."""
    live = TemporaryPassword.used_at.is_null() & (TemporaryPassword.expires_at > now)
    found: dict[str, Any] | None = await (
        TemporaryPassword.select().where((TemporaryPassword.candidate == candidate_id) & live).first()
    )
    return found


async def use_temporary_password(
    temporary: Mapping[str, Any], *, device: str, now: datetime
) -> NewSession | None:
    """Begin the restricted session that a temporary password opens; None when another request was quicker."""
    async with write_transaction():
        used = (
            await TemporaryPassword.update({TemporaryPassword.used_at: now})
            .where((TemporaryPassword.id == temporary["id"]) & TemporaryPassword.used_at.is_null())
            .returning(TemporaryPassword.id)
        )
        if not used:
            return None
        return await begin_session(temporary["candidate"], device=device, is_restricted=True, now=now)


async def replace_temporary_password(
    candidate_id: Any, data: Mapping[str, Any], *, device: str, now: datetime
) -> NewSession:
    """Choose a password of one's own in place of the temporary one; all sessions end, and a full one begins.

    `data`: `password`, and `password_again` where it is given. Raises InvalidInput.
    """
    candidate = await Candidate.select().where(Candidate.id == candidate_id).first()
    checks = Checks(data)
    password = str(data.get("password") or "")
    known = [candidate[name] for name in ("email", "first_name", "last_name")] if candidate else []
    check_password(checks, password, known)
    checks.same("password_again", password)
    checks.finish()
    password_hash = await hashed(password)
    async with write_transaction():
        await Candidate.update({Candidate.password_hash: password_hash}).where(Candidate.id == candidate_id)
        await TemporaryPassword.delete().where(TemporaryPassword.candidate == candidate_id)
        await end_all_sessions(candidate_id)
        return await begin_session(candidate_id, device=device, now=now)
