"""Account settings (A6): e-mail address, password, secret question, language of mails; all or nothing."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from workflow.account_checks import checked_language, checked_password
from workflow.candidates.confirming import end_registrations
from workflow.candidates.holding import held_candidate, hold_candidate
from workflow.candidates.links import (
    DELETION,
    NEW_EMAIL,
    end_links,
    found_link,
    hold_address,
    mail_link,
    make_link,
    require_open,
    use_link,
)
from workflow.candidates.mails import adopt_mails, tell, tell_once_an_hour
from workflow.candidates.recovery import (
    end_temporary_passwords,
    refuse_present_password,
    write_password,
)
from workflow.candidates.registration import checked_question
from workflow.candidates.sessions import NewSession, end_restricted_sessions
from workflow.candidates.tables import Candidate, CandidateLink
from workflow.checks import Checks
from workflow.database.connection import write_transaction
from workflow.errors import AuthenticationRequired, CurrentPasswordWrong, LinkExpired
from workflow.language import N_
from workflow.logins import Arrival
from workflow.passwords import hashed, normalised_answer, password_fits

EMAIL = ("email", "email_again")
PASSWORD = ("password", "password_again")
SECRET_QUESTION = ("secret_question", "own_secret_question", "secret_answer")
LANGUAGE = ("language",)


CatchUp = Callable[..., Awaitable[object]]
"""Called at the end of the transaction with the row as it was, the new address and `now`."""


@dataclass(frozen=True, slots=True)
class _Changes:
    """What is to become of an account, checked; None: stays as it is."""

    email: str | None
    password_hash: str | None
    question: tuple[str, str] | None
    language: str | None


async def change_account(
    candidate_id: UUID, data: Mapping[str, Any], *, arrival: Arrival, secret_key: str, now: datetime
) -> NewSession | None:
    """Change those parts of an account that `data` has fields of: EMAIL, PASSWORD, SECRET_QUESTION, LANGUAGE.

    All but the language need `current_password`, for an open session is not enough; of each the owner is
    told. A new address counts once it is confirmed (see `confirm_new_email`). A new password ends every
    session, and answers with the one of whoever changed it.

    Raises CurrentPasswordWrong (also where something else is wrong besides), InvalidInput.
    """
    seen = await Candidate.select().where(Candidate.id == candidate_id).first()
    if seen is None:
        raise AuthenticationRequired
    changes = await _checked(seen, data)
    async with write_transaction():
        candidate = await hold_candidate(candidate_id, now=now)
        if candidate["password_hash"] != seen["password_hash"]:
            raise AuthenticationRequired  # whoever changed it has ended this session
        return await _write(candidate, changes, arrival=arrival, secret_key=secret_key, now=now)


async def _checked(candidate: Mapping[str, Any], data: Mapping[str, Any]) -> _Changes:
    checks = Checks(data)
    email = _checked_email(checks, candidate) if "email" in data else None
    password = checked_password(checks, data, candidate) if "password" in data else None
    question = answer = None
    if data.keys() & set(SECRET_QUESTION):
        question = checked_question(checks)
        answer = checks.line("secret_answer", maximum=200, required=True)
    language = checked_language(checks, data) if "language" in data else None
    if data.keys() - set(LANGUAGE):
        await check_current_password(checks, candidate, data)
    if password is not None:
        await refuse_present_password(checks, password, candidate)
    checks.finish()
    return _Changes(
        email,
        await hashed(password) if password is not None else None,
        (question, await hashed(normalised_answer(answer))) if question and answer else None,
        language,
    )


def _checked_email(checks: Checks, candidate: Mapping[str, Any]) -> str:
    email = checks.email("email")
    checks.same("email_again", email.lower(), lower=True)
    if email.lower() == candidate["email_key"]:
        checks.fail("email", N_("This is your address already."))
    return email


async def check_current_password(
    checks: Checks, candidate: Mapping[str, Any], data: Mapping[str, Any]
) -> None:
    """An open session is not enough for whoever changes an account. Raises CurrentPasswordWrong, with all else."""
    given = str(data.get("current_password") or "")
    if not given:
        checks.fail("current_password", N_("Fill in this field."))
    elif not await password_fits(given, candidate["password_hash"]):
        checks.fail("current_password", N_("This is not your present password."))
        raise CurrentPasswordWrong(checks.errors)


async def _write(
    candidate: Mapping[str, Any], changes: _Changes, *, arrival: Arrival, secret_key: str, now: datetime
) -> NewSession | None:
    """Inside the caller's transaction. The password goes first: it ends an address that was asked for before."""
    mine = Candidate.id == candidate["id"]
    session = None
    if changes.language:
        await Candidate.update({Candidate.language: changes.language}).where(mine)
        candidate = {**candidate, "language": changes.language}
    if changes.password_hash:
        session = await write_password(candidate, changes.password_hash, arrival=arrival, now=now)
    if changes.question:
        question, answer_hash = changes.question
        await Candidate.update(
            {Candidate.secret_question: question, Candidate.secret_answer_hash: answer_hash}
        ).where(mine)
        await _close_to_mailed_passwords(candidate["id"])  # they went to who knew the old answer
        await tell(candidate, "secret_question_changed", now=now)
    if changes.email:
        await _ask_for_new_email(candidate, changes.email, secret_key=secret_key, now=now)
    return session


async def _ask_for_new_email(
    candidate: Mapping[str, Any], email: str, *, secret_key: str, now: datetime
) -> None:
    """Of an address that has an account nothing is said: its owner gets a mail that says so, and no link goes out."""
    token = await make_link(candidate, NEW_EMAIL, email=email, now=now)
    other = await Candidate.select().where(Candidate.email_key == email.lower()).first()
    if other:
        await tell_once_an_hour(other, "account_exists", now=now)
    else:
        await mail_link(candidate, NEW_EMAIL, token, recipient=email, secret_key=secret_key, now=now)
    await tell(candidate, "new_email_asked", now=now)


@dataclass(frozen=True, slots=True)
class WaitingEmail:
    """What the page of a link says: whose account it is, by its present address, and what the new one will be."""

    candidate_id: UUID
    present: str
    email: str


async def waiting_email(token: str, *, now: datetime) -> WaitingEmail:
    """What a link to a new address stands for. Raises LinkUsed, LinkExpired."""
    link, candidate = await _open_link(token, now)
    return WaitingEmail(candidate["id"], candidate["email"], link["email"])


async def _open_link(token: str, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    link = await found_link(token, NEW_EMAIL)
    require_open(link, now=now)
    candidate = await Candidate.select().where(Candidate.id == link["candidate"]).first()
    if candidate is None or candidate["erased_at"]:
        raise LinkExpired
    return link, candidate


async def confirm_new_email(
    token: str,
    *,
    password: str = "",
    logged_in: UUID | None = None,
    catch_up: CatchUp | None = None,
    now: datetime,
) -> None:
    """Take over the address that a link was mailed to (A6); the old address is told.

    Whoever has the link has the mailbox; that they have the account, too, its password shows, or that they are
    `logged_in` to it: so nobody comes by the account of others with a careless click.
    Registrations that wait at the new address end. What else was mailed to the old
    address counts no more, but is known to be about this account: so it goes with it one day. Raises LinkUsed,
    LinkExpired (also when the address was taken meanwhile), InvalidInput, CurrentPasswordWrong.

    `catch_up`: what makes good what could not arrive at the old address (`workflow.alerts.bounces`).
    """
    _, owner = await _open_link(token, now)
    if owner["id"] != logged_in:
        await _require_password(owner, password)
    async with write_transaction():
        link = await found_link(token, NEW_EMAIL)
        email: str = link["email"]
        await hold_address(email)
        candidate = await held_candidate(link["candidate"])
        if candidate is None:
            raise LinkExpired
        await use_link(link, now=now)
        if await Candidate.exists().where(Candidate.email_key == email.lower()):
            raise LinkExpired
        await adopt_mails(candidate)
        await Candidate.update(
            {
                Candidate.email: email,
                Candidate.email_key: email.lower(),
                Candidate.last_active_at: now,
                Candidate.bounced_at: None,
                Candidate.bounce_said: "",
            }
        ).where(Candidate.id == candidate["id"])
        await end_registrations(email.lower())
        await _close_to_mailed_passwords(candidate["id"])
        await end_links(candidate["id"], DELETION, now=now)
        await tell(candidate, "email_changed", now=now)
        if catch_up:
            await catch_up(candidate, email, now=now)


async def _require_password(candidate: Mapping[str, Any], password: str) -> None:
    checks = Checks({})
    if not password:
        checks.fail("password", N_("Fill in this field."))
    elif not await password_fits(password, candidate["password_hash"]):
        checks.fail("password", N_("This is not the password of this account."))
        raise CurrentPasswordWrong(checks.errors)
    checks.finish()


async def _close_to_mailed_passwords(candidate_id: UUID) -> None:
    """None opens the door any more, and where one did, the door closes."""
    await end_temporary_passwords(candidate_id)
    await end_restricted_sessions(candidate_id)


async def email_to_confirm(candidate_id: UUID, *, now: datetime) -> str | None:
    """The new address that was asked for and waits for its confirmation."""
    waiting = (
        (CandidateLink.candidate == candidate_id)
        & (CandidateLink.purpose == NEW_EMAIL)
        & CandidateLink.used_at.is_null()
        & (CandidateLink.expires_at > now)
    )
    link = await CandidateLink.select(CandidateLink.email).where(waiting).first()
    return link["email"] if link else None
