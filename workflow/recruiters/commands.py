"""Making recruiters' accounts at the command line: without an invitation, with a password that is given."""

from collections.abc import Sequence
from datetime import datetime

from workflow.account_checks import checked_password
from workflow.audit.recording import note_change
from workflow.checks import Checks
from workflow.database.connection import hold_name, write_transaction
from workflow.errors import FieldError, InvalidInput
from workflow.language import N_
from workflow.passwords import hashed
from workflow.recruiters.holding import TEAM
from workflow.recruiters.tables import Recruiter, RecruiterUnit, Unit
from workflow.roles import CLOCK


async def create_recruiter(
    *,
    email: str,
    password: str,
    first_name: str,
    last_name: str,
    unit_codes: Sequence[str],
    now: datetime,
    is_administrator: bool = False,
) -> int:
    """Make an account that can log in to the console at once; the new id.

    Raises InvalidInput for a known or odd address, a password that is short or easy to guess, an
    unknown unit, or a recruiter without a unit.
    """
    data = {"email": email, "first_name": first_name, "last_name": last_name, "password": password}
    checks = Checks(data)
    address = checks.email("email").lower()
    names = [checks.line(name, maximum=100, required=True) for name in ("first_name", "last_name")]
    checked_password(checks, data, data)
    if not unit_codes and not is_administrator:
        checks.fail("units", N_("Name the units whose offers this recruiter sees."))
    checks.finish()
    password_hash = await hashed(password)
    async with write_transaction():
        await hold_name(TEAM)
        if await Recruiter.exists().where(Recruiter.username == address):
            raise InvalidInput([FieldError("email", N_("There is an account with this address already."))])
        unit_ids = await _unit_ids(unit_codes)
        inserted = await Recruiter.insert(
            Recruiter(
                username=address,
                email=address,
                password=password_hash,
                first_name=names[0],
                last_name=names[1],
                active=True,
                admin=True,
                superuser=is_administrator,
                joined_at=now,
            )
        )
        recruiter_id = int(inserted[0]["id"])
        if unit_ids:
            await RecruiterUnit.insert(
                *(RecruiterUnit(recruiter=recruiter_id, unit=unit) for unit in unit_ids)
            )
        after = {
            "email": address,
            "first_name": names[0],
            "last_name": names[1],
            "superuser": is_administrator,
            "units": sorted(set(unit_codes)),
        }
        await note_change(CLOCK, "recruiter.created", ("recruiter", recruiter_id), now=now, after=after)
    return recruiter_id


async def _unit_ids(codes: Sequence[str]) -> list[int]:
    if not codes:
        return []
    rows = await Unit.select(Unit.id, Unit.code).where(Unit.code.is_in(list(codes)))
    found = {row["code"]: int(row["id"]) for row in rows}
    unknown = sorted(set(codes) - set(found))
    if unknown:
        raise InvalidInput(
            [FieldError("units", N_("There is no unit {codes}."), {"codes": ", ".join(unknown)})]
        )
    return [found[code] for code in dict.fromkeys(codes)]
