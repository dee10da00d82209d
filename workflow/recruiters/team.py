"""Who works here, kept by the administrators: invited, changed, closed and opened again, each told in the audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.account_checks import checked_language
from workflow.audit.recording import note_change
from workflow.checks import ROW_IDS, Checks
from workflow.database.connection import write_transaction
from workflow.errors import AlreadyJoined, FieldError, InvalidInput, NotFound, OwnAccount
from workflow.language import N_
from workflow.recruiters.holding import held_recruiter, hold_team
from workflow.recruiters.links import INVITATION, PASSWORD, end_links, send_link
from workflow.recruiters.mails import tell
from workflow.recruiters.passwords import is_invited
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.second_factor import drop_authenticator
from workflow.recruiters.sessions import ENROLMENT, end_sessions
from workflow.recruiters.tables import Recruiter, RecruiterSession, RecruiterUnit, Unit


@dataclass(frozen=True, slots=True)
class MemberForm:
    """What an administrator says of somebody, checked. `unit_ids`: whose offers they see, for recruiters."""

    first_name: str
    last_name: str
    language: str
    is_administrator: bool
    needs_second_factor: bool
    unit_ids: frozenset[int]

    def columns(self) -> dict[Any, Any]:
        """What is written to the recruiter's row."""
        return {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "language": self.language,
            "superuser": self.is_administrator,
            "needs_second_factor": self.needs_second_factor,
        }


def _checked_member(checks: Checks, data: Mapping[str, Any]) -> MemberForm:
    """`data`: the names, `language`, `role`, `needs_second_factor`, and `units`, a sequence of ids."""
    role = str(data.get("role") or "")
    if role not in {"recruiter", "administrator"}:
        checks.fail("role", N_("Choose one of the list."))
    given = [str(unit) for unit in data.get("units") or ()]
    unit_ids = {int(unit) for unit in given if unit.isdecimal() and len(unit) < 10}
    if len(unit_ids) != len(set(given)):
        checks.fail("units", N_("Choose one of the list."))
    if role == "recruiter" and not given:
        checks.fail("units", N_("Choose the units whose offers this person sees."))
    return MemberForm(
        checks.name("first_name", maximum=100),
        checks.name("last_name", maximum=100),
        checked_language(checks, data),
        role == "administrator",
        bool(data.get("needs_second_factor")),
        frozenset(unit_ids),
    )


async def invite_recruiter(
    staff: StaffMember, data: Mapping[str, Any], *, secret_key: str, now: datetime
) -> int:
    """Make an account without a password, and mail its invitation; the new id.

    Raises InvalidInput, also for an address that has an account; NotFound for who is no administrator.
    """
    checks = Checks(data)
    email = checks.email("email").lower()
    if len(email) > 100:  # Piccolo's column of the name that one logs in with
        checks.fail("email", N_("Use {most} characters at most."), most=100)
    form = _checked_member(checks, data)
    checks.finish()
    async with write_transaction():
        await hold_team(staff.id)
        await _require_units(form)
        if await Recruiter.exists().where(Recruiter.username == email):
            raise InvalidInput([FieldError("email", N_("There is an account with this address already."))])
        inserted = await Recruiter.insert(
            Recruiter(
                username=email,
                email=email,
                password="",
                active=True,
                admin=True,
                invited_at=now,
                **form.columns(),
            )
        )
        recruiter_id = int(inserted[0]["id"])
        await _write_units(recruiter_id, form.unit_ids)
        await _note(staff, "invited", recruiter_id, now, after={"email": email, **await _said(form)})
        row = await _member(recruiter_id)
        await send_link(row, INVITATION, secret_key=secret_key, now=now, inviter=_name(staff))
    return recruiter_id


async def _require_units(form: MemberForm) -> None:
    if form.unit_ids and await Unit.count().where(Unit.id.is_in(sorted(form.unit_ids))) != len(form.unit_ids):
        raise InvalidInput([FieldError("units", N_("Choose one of the list."))])


async def _write_units(recruiter_id: int, unit_ids: frozenset[int]) -> None:
    await RecruiterUnit.delete().where(RecruiterUnit.recruiter == recruiter_id)
    if unit_ids:
        await RecruiterUnit.insert(
            *(RecruiterUnit(recruiter=recruiter_id, unit=unit) for unit in sorted(unit_ids))
        )


async def _said(form: MemberForm) -> dict[str, Any]:
    """What the audit keeps of somebody: the units by their codes, which stay."""
    return {**form.columns(), "units": await _codes(form.unit_ids)}


async def _codes(unit_ids: frozenset[int]) -> list[str]:
    if not unit_ids:
        return []
    rows = await Unit.select(Unit.code).where(Unit.id.is_in(sorted(unit_ids))).order_by(Unit.code)
    return [row["code"] for row in rows]


def _name(staff: StaffMember) -> str:
    return f"{staff.first_name} {staff.last_name}".strip()


async def _note(
    staff: StaffMember,
    what: str,
    recruiter_id: int,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    await note_change(
        staff.actor,
        f"recruiter.{what}",
        ("recruiter", recruiter_id),
        now=now,
        before=before or {},
        after=after or {},
    )


async def _member(recruiter_id: int) -> dict[str, Any]:
    """Raises NotFound."""
    row = await held_recruiter(recruiter_id) if recruiter_id in ROW_IDS else None
    if row is None:
        raise NotFound
    return row


async def invite_again(staff: StaffMember, recruiter_id: int, *, secret_key: str, now: datetime) -> None:
    """Mail a new invitation; the link before it ends. Raises NotFound, AlreadyJoined."""
    async with write_transaction():
        await hold_team(staff.id)
        row = await _member(recruiter_id)
        if not is_invited(row) or not row["active"]:
            raise AlreadyJoined
        await Recruiter.update({Recruiter.invited_at: now}).where(Recruiter.id == recruiter_id)
        await send_link(row, INVITATION, secret_key=secret_key, now=now, inviter=_name(staff))
        await _note(staff, "invited_again", recruiter_id, now)


async def change_member(
    staff: StaffMember, recruiter_id: int, data: Mapping[str, Any], *, now: datetime
) -> None:
    """Change names, language, role, units, and whether a second factor is wanted; all counts at once.

    Where one is wanted anew and not set up, logins go on with setting it up. Nobody takes the role of an
    administrator from themselves: so there is always one. Raises InvalidInput, NotFound, OwnAccount.
    """
    checks = Checks(data)
    form = _checked_member(checks, data)
    checks.finish()
    async with write_transaction():
        await hold_team(staff.id)
        row = await _member(recruiter_id)
        if recruiter_id == staff.id and not form.is_administrator:
            raise OwnAccount
        await _require_units(form)
        before = await _present(row)
        await Recruiter.update(form.columns()).where(Recruiter.id == recruiter_id)
        await _write_units(recruiter_id, form.unit_ids)
        await _follow_requirement(row, is_required=form.needs_second_factor)
        await _note(staff, "changed", recruiter_id, now, before=before, after=await _said(form))


async def _present(row: Mapping[str, Any]) -> dict[str, Any]:
    units = await RecruiterUnit.select(RecruiterUnit.unit).where(RecruiterUnit.recruiter == row["id"])
    names = ("first_name", "last_name", "language", "superuser", "needs_second_factor")
    return {name: row[name] for name in names} | {
        "units": await _codes(frozenset(each["unit"] for each in units))
    }


async def _follow_requirement(row: Mapping[str, Any], *, is_required: bool) -> None:
    """Who is logged in by the password alone is asked for the second factor now, or is not asked any more."""
    if row["totp_since"] or is_required == row["needs_second_factor"]:
        return
    mine = RecruiterSession.user_id == row["id"]
    if is_required:
        await RecruiterSession.update({RecruiterSession.lacks: ENROLMENT}).where(mine)
    else:
        await RecruiterSession.delete().where(mine & (RecruiterSession.lacks == ENROLMENT))


async def close_account(staff: StaffMember, recruiter_id: int, *, now: datetime) -> None:
    """Let somebody in no more; their sessions and links end. What they did stays. Raises NotFound, OwnAccount."""
    async with write_transaction():
        await hold_team(staff.id)
        row = await _member(recruiter_id)
        if recruiter_id == staff.id:
            raise OwnAccount
        if not row["active"]:
            return
        await Recruiter.update({Recruiter.active: False}).where(Recruiter.id == recruiter_id)
        await end_sessions(recruiter_id)
        for purpose in (INVITATION, PASSWORD):
            await end_links(recruiter_id, purpose, now=now)
        await _note(staff, "closed", recruiter_id, now, before={"active": True}, after={"active": False})


async def reopen_account(staff: StaffMember, recruiter_id: int, *, now: datetime) -> None:
    """Let somebody in again, with the password and second factor that they had. Raises NotFound."""
    async with write_transaction():
        await hold_team(staff.id)
        row = await _member(recruiter_id)
        if row["active"]:
            return
        await Recruiter.update({Recruiter.active: True}).where(Recruiter.id == recruiter_id)
        await _note(staff, "reopened", recruiter_id, now, before={"active": False}, after={"active": True})


async def reset_second_factor(staff: StaffMember, recruiter_id: int, *, now: datetime) -> None:
    """Forget somebody's authenticator and recovery codes, when both are lost; their sessions end, and they are told.

    Where one is wanted they set up a new one at their next login. Raises NotFound, OwnAccount.
    """
    async with write_transaction():
        await hold_team(staff.id)
        row = await _member(recruiter_id)
        if recruiter_id == staff.id:
            raise OwnAccount
        if not row["totp_since"]:
            return
        await drop_authenticator(recruiter_id)
        await end_sessions(recruiter_id)
        await tell(row, "recruiter_second_factor", now=now, change="reset")
        await _note(staff, "second_factor_reset", recruiter_id, now)
