"""Making recruiters' accounts at the command line: without an invitation, with a password that is given."""

from collections.abc import Sequence

from workflow.checks import Checks
from workflow.database.connection import write_transaction
from workflow.errors import FieldError, InvalidInput
from workflow.language import N_
from workflow.passwords import MINIMUM_LENGTH, hashed
from workflow.recruiters.tables import Recruiter, RecruiterUnit, Unit


async def create_recruiter(
    *,
    email: str,
    password: str,
    first_name: str,
    last_name: str,
    unit_codes: Sequence[str],
    is_administrator: bool = False,
) -> int:
    """Make an account that can log in to the console at once; the new id.

    Raises InvalidInput for a known or odd address, a short password, an unknown unit, or a
    recruiter without a unit.
    """
    checks = Checks({"email": email, "first_name": first_name, "last_name": last_name})
    address = checks.email("email").lower()
    names = [checks.line(name, maximum=100, required=True) for name in ("first_name", "last_name")]
    if len(password) < MINIMUM_LENGTH:
        checks.fail("password", N_("Use {least} characters or more."), least=MINIMUM_LENGTH)
    if not unit_codes and not is_administrator:
        checks.fail("units", N_("Name the units whose offers this recruiter sees."))
    checks.finish()
    password_hash = await hashed(password)
    async with write_transaction():
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
            )
        )
        recruiter_id = int(inserted[0]["id"])
        if unit_ids:
            await RecruiterUnit.insert(
                *(RecruiterUnit(recruiter=recruiter_id, unit=unit) for unit in unit_ids)
            )
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
