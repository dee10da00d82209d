"""Registrations, which wait for their confirmation: rows with a link each, until an account comes of one."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from workflow.candidates.links import CONFIRMATION, LINK_LIMIT, mail_link
from workflow.candidates.names import name_key
from workflow.candidates.tables import Candidate, Registration
from workflow.checks import Checks
from workflow.errors import CurrentPasswordWrong, LinkExpired, LinkUsed
from workflow.language import N_
from workflow.logins import digest_of
from workflow.passwords import password_fits

_TAKEN_OVER = (
    "email",
    "email_key",
    "password_hash",
    "title",
    "first_name",
    "last_name",
    "secret_question",
    "secret_answer_hash",
    "language",
    "notice_version",
    "notice_accepted_at",
    "return_to",
)
"""What an account has from its registration."""

_PERSONAL: tuple[Any, ...] = (
    Registration.email,
    Registration.email_key,
    Registration.password_hash,
    Registration.title,
    Registration.first_name,
    Registration.last_name,
    Registration.secret_question,
    Registration.secret_answer_hash,
)
_EMPTIED: dict[Any, Any] = dict.fromkeys(_PERSONAL, "") | {
    Registration.return_to: None,
    Registration.browser_digest: None,
}


@dataclass(frozen=True, slots=True)
class WaitingRegistration:
    """What the page of a link says: whose account it will be, and whether this browser is where it was asked for."""

    email: str
    is_from_here: bool


async def waiting_registration(token: str, *, browser: str, now: datetime) -> WaitingRegistration:
    """What a link stands for; `browser` as in `register_candidate`. Raises LinkUsed, LinkExpired."""
    registration = await found_registration(token, now=now)
    return WaitingRegistration(registration["email"], _is_from(browser, registration))


async def write_registration(values: Mapping[str, Any], *, secret_key: str, now: datetime) -> None:
    """Write a registration with a new link, and the mail that carries it, inside the caller's transaction."""
    token = secrets.token_urlsafe(32)
    await Registration.insert(
        Registration(**values, token_digest=digest_of(token), created_at=now, expires_at=now + LINK_LIMIT)
    )
    addressed = {**values, "id": values["candidate_id"]}
    await mail_link(addressed, CONFIRMATION, token, recipient=values["email"], secret_key=secret_key, now=now)


async def renewable_registration(email_key: str, *, browser: str) -> dict[str, Any] | None:
    """What a new link is made of: the newest registration of an address, of those from this browser if there are any.

    For others may have registered with the address as well, and later.
    """
    rows = (
        await Registration.select()
        .where((Registration.email_key == email_key) & Registration.used_at.is_null())
        .order_by(Registration.id, ascending=False)
    )
    newest = next((row for row in rows if _is_from(browser, row)), next(iter(rows), None))
    kept = (*_TAKEN_OVER, "candidate_id", "browser_digest")
    return {name: newest[name] for name in kept} if newest else None


async def found_registration(token: str, *, now: datetime) -> dict[str, Any]:
    """The registration of a link that works. Raises LinkUsed, LinkExpired, this also for one that there is not."""
    mine = Registration.token_digest == digest_of(token)
    registration: dict[str, Any] | None = await Registration.select().where(mine).first()
    if registration and registration["used_at"]:
        raise LinkUsed
    if registration is None or registration["expires_at"] <= now:
        raise LinkExpired
    return registration


async def account_of_link(token: str) -> UUID | None:
    """Whose account it is, now that a confirmation link was used."""
    used = (Registration.token_digest == digest_of(token)) & Registration.used_at.is_not_null()
    registration = await Registration.select(Registration.candidate_id).where(used).first()
    return registration["candidate_id"] if registration else None


async def require_registrant(registration: Mapping[str, Any], *, password: str, browser: str) -> None:
    """Whoever has the link has the mailbox; that they have registered, too, their browser or their password shows.

    So nobody opens an account whose password somebody else knows. Raises InvalidInput, CurrentPasswordWrong.
    """
    if _is_from(browser, registration):
        return
    checks = Checks({})
    if not password:
        checks.fail("password", N_("Fill in this field."))
    elif not await password_fits(password, registration["password_hash"]):
        checks.fail("password", N_("This is not the password that was chosen at the registration."))
        raise CurrentPasswordWrong(checks.errors)
    checks.finish()


def _is_from(browser: str, registration: Mapping[str, Any]) -> bool:
    return bool(browser) and digest_of(browser) == registration["browser_digest"]


async def make_account(registration: Mapping[str, Any], *, now: datetime) -> UUID:
    """Make the account of a registration, inside the caller's transaction; those of others at its address end.

    Of the registration itself nothing is left but that its links were used.
    """
    candidate_id: UUID = registration["candidate_id"]
    values = {name: registration[name] for name in _TAKEN_OVER}
    await Candidate.insert(
        Candidate(
            id=candidate_id,
            **values,
            name_key=name_key(values["first_name"], values["last_name"]),
            created_at=now,
            confirmed_at=now,
            last_active_at=now,
        )
    )
    await Registration.update(_EMPTIED | {Registration.used_at: now}).where(
        Registration.candidate_id == candidate_id
    )
    await end_registrations(registration["email_key"])
    return candidate_id


async def end_registrations(email_key: str) -> None:
    """No registration waits at an address any more, for it has an account."""
    await Registration.delete().where(Registration.email_key == email_key)
