"""Account settings (A6): password, e-mail address, secret question, and the sessions that are open."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from workflow.candidates.mails import addressee
from workflow.candidates.registration import check_password, checked_question
from workflow.candidates.sessions import NewSession, begin_session, digest_of, end_all_sessions
from workflow.candidates.tables import Candidate, CandidateLink, CandidateSession, TemporaryPassword
from workflow.checks import Checks
from workflow.database.connection import write_transaction
from workflow.engine.outbox import Announcement, is_recorded, record
from workflow.errors import LinkExpired, LinkUsed, NotFound
from workflow.language import N_
from workflow.passwords import hashed, normalised_answer, password_fits
from workflow.sealing import seal

NEW_EMAIL_LIMIT = timedelta(hours=48)
NEW_EMAIL = "new_email"


async def change_password(
    candidate_id: UUID, data: Mapping[str, Any], *, device: str, now: datetime
) -> NewSession:
    """Change the password and end every session; the new one is for whoever changed it (A6). The owner is told.

    `data`: `current_password`, `password`, `password_again` where it is given. Raises InvalidInput.
    """
    candidate = await _candidate(candidate_id)
    checks = Checks(data)
    password = str(data.get("password") or "")
    known = [candidate[name] for name in ("email", "first_name", "last_name")]
    check_password(checks, password, known)
    checks.same("password_again", password)
    await check_current_password(checks, candidate, data)
    checks.finish()
    password_hash = await hashed(password)
    async with write_transaction():
        await Candidate.update({Candidate.password_hash: password_hash}).where(Candidate.id == candidate_id)
        await TemporaryPassword.delete().where(TemporaryPassword.candidate == candidate_id)
        await end_all_sessions(candidate_id)
        await _tell(candidate, "password_changed", now=now)
        return await begin_session(candidate_id, device=device, now=now)


async def change_secret_question(candidate_id: UUID, data: Mapping[str, Any], *, now: datetime) -> None:
    """Change the secret question and its answer (A6). The owner is told. Raises InvalidInput.

    `data`: `current_password`, `secret_question` or `own_secret_question`, `secret_answer`.
    """
    candidate = await _candidate(candidate_id)
    checks = Checks(data)
    question = checked_question(checks)
    answer = checks.line("secret_answer", maximum=200, required=True)
    await check_current_password(checks, candidate, data)
    checks.finish()
    answer_hash = await hashed(normalised_answer(answer))
    async with write_transaction():
        await Candidate.update(
            {Candidate.secret_question: question, Candidate.secret_answer_hash: answer_hash}
        ).where(Candidate.id == candidate_id)
        await _tell(candidate, "secret_question_changed", now=now)


async def ask_for_new_email(
    candidate_id: UUID, data: Mapping[str, Any], *, secret_key: str, now: datetime
) -> str:
    """Mail a link to a new address, which confirms it (A6), and inform the old one; the address, as it is written.

    Of an address that has an account nothing is said here: its owner gets a mail that says so. `data`:
    `email`, `email_again` where it is given, `current_password`. Raises InvalidInput.
    """
    candidate = await _candidate(candidate_id)
    checks = Checks(data)
    email = checks.email("email")
    checks.same("email_again", email.lower(), lower=True)
    if email.lower() == candidate["email_key"]:
        checks.fail("email", N_("This is your address already."))
    await check_current_password(checks, candidate, data)
    checks.finish()
    async with write_transaction():
        other = await Candidate.select().where(Candidate.email_key == email.lower()).first()
        await _mail_link(candidate, email, other, secret_key=secret_key, now=now)
        await _tell(candidate, "new_email_asked", now=now)
    return email


async def _mail_link(
    candidate: Mapping[str, Any],
    email: str,
    other: Mapping[str, Any] | None,
    *,
    secret_key: str,
    now: datetime,
) -> None:
    """Only the newest link counts. One whose address has an account by now gets no link."""
    await CandidateLink.update({CandidateLink.expires_at: now}).where(
        (CandidateLink.candidate == candidate["id"])
        & (CandidateLink.purpose == NEW_EMAIL)
        & CandidateLink.used_at.is_null()
    )
    if other and other["confirmed_at"]:
        await _tell(other, "account_exists", now=now)
        return
    token = secrets.token_urlsafe(32)
    await CandidateLink.insert(
        CandidateLink(
            token_digest=digest_of(token),
            candidate=candidate["id"],
            purpose=NEW_EMAIL,
            email=email,
            created_at=now,
            expires_at=now + NEW_EMAIL_LIMIT,
        )
    )
    mail = Announcement(
        kind="new_email_confirmation",
        dedup_key=f"new_email_confirmation/{digest_of(token)}",
        recipient=email,
        language=candidate["language"],
        params=addressee(candidate),
        secret=seal({"path": f"/candidate/new-address/{token}"}, secret_key),
        expires_at=now + NEW_EMAIL_LIMIT,
    )
    await record([mail], now=now)


async def confirm_new_email(token: str, *, now: datetime) -> None:
    """Take over the address that a link was mailed to. Raises LinkUsed, LinkExpired (also when it was taken meanwhile).

    An account of the new address that was never confirmed makes room.
    """
    async with write_transaction():
        mine = (CandidateLink.token_digest == digest_of(token)) & (CandidateLink.purpose == NEW_EMAIL)
        link = await CandidateLink.select().where(mine).first()
        if link is None or link["expires_at"] <= now:
            raise LinkExpired
        used = (
            await CandidateLink.update({CandidateLink.used_at: now})
            .where(mine & CandidateLink.used_at.is_null())
            .returning(CandidateLink.id)
        )
        if not used:
            raise LinkUsed
        email: str = link["email"]
        await _make_room(email.lower())
        if await Candidate.exists().where(Candidate.email_key == email.lower()):
            raise LinkExpired
        await Candidate.update({Candidate.email: email, Candidate.email_key: email.lower()}).where(
            Candidate.id == link["candidate"]
        )


async def _make_room(email_key: str) -> None:
    unconfirmed = (Candidate.email_key == email_key) & Candidate.confirmed_at.is_null()
    for row in await Candidate.select(Candidate.id).where(unconfirmed):
        await CandidateLink.delete().where(CandidateLink.candidate == row["id"])
        await Candidate.delete().where(Candidate.id == row["id"])


async def end_other_session(candidate_id: UUID, session_id: int) -> None:
    """Log out somewhere else. Raises NotFound for a session of others."""
    async with write_transaction():
        mine = (CandidateSession.id == session_id) & (CandidateSession.candidate == candidate_id)
        ended = await CandidateSession.delete().where(mine).returning(CandidateSession.id)
        if not ended:
            raise NotFound


async def log_out_everywhere(candidate_id: UUID) -> None:
    """End all sessions, this one too."""
    async with write_transaction():
        await end_all_sessions(candidate_id)


async def check_current_password(
    checks: Checks, candidate: Mapping[str, Any], data: Mapping[str, Any]
) -> None:
    """Whoever changes an account must know its password: an open session is not enough."""
    given = str(data.get("current_password") or "")
    if not given:
        checks.fail("current_password", N_("Fill in this field."))
    elif not await password_fits(given, candidate["password_hash"]):
        checks.fail("current_password", N_("This is not your present password."))


async def _candidate(candidate_id: UUID) -> dict[str, Any]:
    candidate = await Candidate.select().where(Candidate.id == candidate_id).first()
    if candidate is None:
        raise NotFound
    return candidate


async def _tell(candidate: Mapping[str, Any], kind: str, *, now: datetime) -> None:
    """At most one such mail an hour, so that nobody is pestered through our forms."""
    key = f"{kind}/{candidate['id']}/{now:%Y-%m-%dT%H}"
    if await is_recorded(key):
        return
    mail = Announcement(
        kind=kind,
        dedup_key=key,
        recipient=candidate["email"],
        language=candidate["language"],
        params=addressee(candidate),
    )
    await record([mail], now=now)
