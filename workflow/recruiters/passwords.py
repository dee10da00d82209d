"""Recruiters' passwords: the first one of who was invited, a forgotten one, another one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.account_checks import address_key, checked_password
from workflow.audit.recording import note_change
from workflow.checks import Checks
from workflow.database.connection import write_transaction
from workflow.errors import CurrentPasswordWrong, InvalidInput, LinkExpired
from workflow.language import N_
from workflow.limits import MAILS_TO_ADDRESS, take_room
from workflow.logins import Arrival
from workflow.passwords import hashed, password_fits
from workflow.recruiters.holding import held_recruiter, hold_proven_recruiter
from workflow.recruiters.links import INVITATION, LIMITS, PASSWORD, end_links, open_link, send_link, use_link
from workflow.recruiters.mails import tell
from workflow.recruiters.queries import actor_of
from workflow.recruiters.sessions import Login, begin_login, end_sessions, lack_of
from workflow.recruiters.tables import Recruiter


def is_invited(recruiter: Mapping[str, Any]) -> bool:
    """Whether somebody was invited, and has not joined yet."""
    return recruiter["invited_at"] is not None and recruiter["joined_at"] is None


async def send_password_link(email: str, *, secret_key: str, now: datetime) -> None:
    """Mail a link to a new password, usable once within an hour; to who has not joined yet, their invitation again.

    Nothing is said, whether or not there is such an account. Beyond what a mailbox bears no mail goes out.
    """
    key = address_key(email)
    found = await Recruiter.select(Recruiter.id).where(Recruiter.username == key).first()
    async with write_transaction():
        row = await held_recruiter(found["id"] if found else 0)
        has_room = await take_room(MAILS_TO_ADDRESS, key, secret_key=secret_key, now=now)
        if row is None or not row["active"] or not has_room:
            return
        if is_invited(row):
            await send_link(row, INVITATION, secret_key=secret_key, now=now, inviter="")
        else:
            await send_link(row, PASSWORD, secret_key=secret_key, now=now)


@dataclass(frozen=True, slots=True)
class LinkOwner:
    """Whom a link was mailed to."""

    email: str
    first_name: str
    last_name: str


async def owner_of_link(token: str, purpose: str, *, now: datetime) -> LinkOwner:
    """Who chooses a password by this link. Raises LinkUsed, LinkExpired, also for an account that is closed."""
    row = await _owner(token, purpose, now)
    return LinkOwner(row["email"], row["first_name"] or "", row["last_name"] or "")


async def _owner(token: str, purpose: str, now: datetime) -> dict[str, Any]:
    link = await open_link(token, purpose, now=now)
    row: dict[str, Any] | None = await Recruiter.select().where(Recruiter.id == link["recruiter"]).first()
    if row is None or not row["active"]:
        raise LinkExpired
    return row


async def choose_password(
    token: str, purpose: str, data: Mapping[str, Any], *, arrival: Arrival, now: datetime
) -> Login:
    """Use a link up and log in with the password that was chosen; all other sessions and links end.

    `data`: `password`, and `password_again` where it is given. Who was invited joins by it; who had forgotten
    their password is told that it changed. The second factor is asked for all the same (`Login.lacks`).
    Raises InvalidInput, LinkUsed, LinkExpired.
    """
    owner = await _owner(token, purpose, now)
    checks = Checks(data)
    password = checked_password(checks, data, owner)
    checks.finish()
    password_hash = await hashed(password)
    async with write_transaction():
        row = await held_recruiter(owner["id"])
        if row is None or not row["active"]:
            raise LinkExpired
        await use_link(await open_link(token, purpose, now=now), now=now)
        joins = purpose == INVITATION
        await _write_password(row, password_hash, joins=joins, now=now)
        return await begin_login(row, arrival=arrival, lacks=lack_of(row), now=now)


async def change_password(
    recruiter_id: int, data: Mapping[str, Any], *, arrival: Arrival, now: datetime
) -> Login:
    """Another password for who knows the present one (`current_password`); all sessions end, and a new one begins.

    Raises CurrentPasswordWrong (also where something else is wrong besides), InvalidInput, AuthenticationRequired.
    """
    seen = await Recruiter.select().where(Recruiter.id == recruiter_id).first()
    checks = Checks(data)
    password = checked_password(checks, data, seen or {})
    known = await proven_by_password(recruiter_id, data, checks)
    if await password_fits(password, known):
        checks.fail("password", N_("This is the password that you had. Choose another one."))
    checks.finish()
    password_hash = await hashed(password)
    async with write_transaction():
        row = await hold_proven_recruiter(recruiter_id, known)
        await _write_password(row, password_hash, joins=False, now=now)
        return await begin_login(row, arrival=arrival, lacks=None, now=now)


async def proven_by_password(recruiter_id: int, data: Mapping[str, Any], checks: Checks | None = None) -> str:
    """An open session is not enough for whoever changes what guards an account; the hash that `current_password` fits.

    Raises CurrentPasswordWrong, and InvalidInput where it is missing, both with what else `checks` found.
    """
    checks = checks or Checks(data)
    row = await Recruiter.select(Recruiter.password).where(Recruiter.id == recruiter_id).first()
    given = str(data.get("current_password") or "")
    if not given:
        checks.fail("current_password", N_("Fill in this field."))
        raise InvalidInput(checks.errors)
    fits = await password_fits(given, row["password"] if row else None)
    if row is None or not fits:
        checks.fail("current_password", N_("This is not your present password."))
        raise CurrentPasswordWrong(checks.errors)
    checks.finish()
    return str(row["password"])


async def _write_password(row: Mapping[str, Any], password_hash: str, *, joins: bool, now: datetime) -> None:
    """Inside the caller's transaction. What the old password let in ends."""
    values: dict[Any, Any] = {Recruiter.password: password_hash}
    if joins:
        values[Recruiter.joined_at] = now
    await Recruiter.update(values).where(Recruiter.id == row["id"])
    for purpose in LIMITS:
        await end_links(row["id"], purpose, now=now)
    await end_sessions(row["id"])
    action = "recruiter.joined" if joins else "recruiter.password_changed"
    await note_change(actor_of(row), action, ("recruiter", row["id"]), now=now)
    if not joins:
        await tell(row, "recruiter_password_changed", now=now)
