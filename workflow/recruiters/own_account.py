"""What recruiters change of their own account: name, language of mails, the weekly mail, the second factor."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.account_checks import checked_language
from workflow.audit.recording import note_change
from workflow.checks import Checks
from workflow.database.connection import write_transaction
from workflow.errors import AuthenticationRequired, Forbidden
from workflow.recruiters.holding import hold_proven_recruiter, hold_recruiter
from workflow.recruiters.login import note_second_factor
from workflow.recruiters.passwords import proven_by_password
from workflow.recruiters.queries import actor_of
from workflow.recruiters.recovery_codes import new_recovery_codes
from workflow.recruiters.second_factor import (
    confirm_authenticator,
    drop_authenticator,
    prepare_enrolment,
    require_code,
)
from workflow.recruiters.sessions import end_sessions
from workflow.recruiters.tables import Recruiter

_DETAILS = ("first_name", "last_name", "language", "wants_weekly")


@dataclass(frozen=True, slots=True)
class OwnDetails:
    """What somebody may change of their account without being asked for the password."""

    email: str
    first_name: str
    last_name: str
    language: str
    wants_weekly: bool


async def own_details(recruiter_id: int) -> OwnDetails:
    """Those of a recruiter. Raises AuthenticationRequired for an account that is gone."""
    row = await Recruiter.select().where(Recruiter.id == recruiter_id).first()
    if row is None:
        raise AuthenticationRequired
    return OwnDetails(
        row["email"],
        row["first_name"] or "",
        row["last_name"] or "",
        row["language"],
        row["wants_weekly"],
    )


async def change_own_details(recruiter_id: int, data: Mapping[str, Any], *, now: datetime) -> None:
    """Change name, language of mails, and whether the weekly mail comes. Raises InvalidInput."""
    checks = Checks(data)
    after: dict[Any, Any] = {
        "first_name": checks.name("first_name", maximum=100),
        "last_name": checks.name("last_name", maximum=100),
        "language": checked_language(checks, data),
        "wants_weekly": bool(data.get("wants_weekly")),
    }
    checks.finish()
    async with write_transaction():
        row = await hold_recruiter(recruiter_id)
        await Recruiter.update(after).where(Recruiter.id == recruiter_id)
        before = {name: row[name] for name in _DETAILS}
        await note_change(
            actor_of(row),
            "recruiter.details_changed",
            ("recruiter", recruiter_id),
            now=now,
            before=before,
            after=after,
        )


async def begin_enrolment(
    recruiter_id: int, data: Mapping[str, Any], *, secret_key: str, now: datetime
) -> None:
    """Prepare an authenticator; `data`: `current_password`, and a `code` of the present one where there is one.

    Raises CurrentPasswordWrong, InvalidInput, CodeRequired, CodeWrong.
    """
    known = await proven_by_password(recruiter_id, data)
    async with write_transaction():
        row = await _proven(recruiter_id, known, data, secret_key, now)
        await prepare_enrolment(row, secret_key=secret_key, now=now)


async def _proven(
    recruiter_id: int, known: str, data: Mapping[str, Any], secret_key: str, now: datetime
) -> dict[str, Any]:
    """Held, and asked for a code where there is a second factor to ask."""
    row = await hold_proven_recruiter(recruiter_id, known)
    if row["totp_since"]:
        await require_code(row, str(data.get("code") or ""), secret_key=secret_key, now=now)
    return row


async def confirm_enrolment(
    recruiter_id: int, code: str, *, token: str, secret_key: str, now: datetime
) -> tuple[str, ...]:
    """Let the prepared authenticator count, in the place of the one before; the new recovery codes.

    All sessions end but the one of `token`. Raises CodeWrong.
    """
    async with write_transaction():
        row = await hold_recruiter(recruiter_id)
        codes = await confirm_authenticator(row, code, secret_key=secret_key, now=now)
        await end_sessions(recruiter_id, but=token)
        await note_second_factor(row, "moved" if row["totp_since"] else "on", now=now)
    return codes


async def turn_off_second_factor(
    recruiter_id: int, data: Mapping[str, Any], *, secret_key: str, now: datetime
) -> None:
    """Go on with the password alone; `data`: `current_password` and `code`.

    Raises Forbidden where an administrator wants a second factor, CurrentPasswordWrong, InvalidInput,
    CodeRequired, CodeWrong.
    """
    known = await proven_by_password(recruiter_id, data)
    async with write_transaction():
        row = await _proven(recruiter_id, known, data, secret_key, now)
        if row["needs_second_factor"]:
            raise Forbidden
        if row["totp_since"]:
            await drop_authenticator(recruiter_id)
            await note_second_factor(row, "off", now=now)


async def renew_recovery_codes(
    recruiter_id: int, data: Mapping[str, Any], *, secret_key: str, now: datetime
) -> tuple[str, ...]:
    """Ten new codes; those before open nothing any more. `data`: `current_password` and `code`.

    Raises Forbidden without a second factor, CurrentPasswordWrong, InvalidInput, CodeRequired, CodeWrong.
    """
    known = await proven_by_password(recruiter_id, data)
    async with write_transaction():
        row = await _proven(recruiter_id, known, data, secret_key, now)
        if not row["totp_since"]:
            raise Forbidden
        codes = await new_recovery_codes(recruiter_id, secret_key=secret_key)
        await note_change(
            actor_of(row), "recruiter.recovery_codes_renewed", ("recruiter", recruiter_id), now=now
        )
    return codes
