"""Who works in the console, and what they may see (C1)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from piccolo.custom_types import Combinable

from workflow.checks import clean_line
from workflow.engine.machine import Actor
from workflow.errors import NotFound
from workflow.known_browsers import Account
from workflow.recruiters.tables import KEPT_ALIVE, Recruiter, RecruiterSession, RecruiterUnit, Unit
from workflow.roles import ADMINISTRATOR, RECRUITER


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A recruiter or an administrator. `unit_ids`: whose offers they see; None for an administrator: all."""

    id: int
    email: str
    first_name: str
    last_name: str
    unit_ids: frozenset[int] | None

    @property
    def is_administrator(self) -> bool:
        return self.unit_ids is None

    @property
    def actor(self) -> Actor:
        """How the history names them."""
        return Actor(f"recruiter:{self.id}", ADMINISTRATOR if self.is_administrator else RECRUITER)

    def sees_unit(self, unit_id: int) -> bool:
        """Whether the offers of a unit are theirs to see."""
        return self.unit_ids is None or unit_id in self.unit_ids

    def units_within(self, unit_id: int | None) -> frozenset[int] | None:
        """What a filter for one unit leaves of theirs; all of them where it asks for none; None: every unit."""
        if unit_id is None:
            return self.unit_ids
        return frozenset({unit_id}) if self.sees_unit(unit_id) else frozenset()

    def require_administrator(self) -> None:
        """To others there is nothing here. Raises NotFound."""
        if not self.is_administrator:
            raise NotFound


def for_sql(unit_ids: Collection[int]) -> list[int]:
    """Units for a condition `unit IN …`, which takes no empty list; no unit has the number 0."""
    return sorted(unit_ids) or [0]


async def staff_member(recruiter_id: int) -> StaffMember | None:
    """The active recruiter with this id."""
    row = await Recruiter.select().where((Recruiter.id == recruiter_id) & Recruiter.active.eq(True)).first()
    if row is None:
        return None
    own = await RecruiterUnit.select(RecruiterUnit.unit).where(RecruiterUnit.recruiter == recruiter_id)
    return StaffMember(
        id=row["id"],
        email=row["username"],
        first_name=row["first_name"] or "",
        last_name=row["last_name"] or "",
        unit_ids=None if row["superuser"] else frozenset(each["unit"] for each in own),
    )


async def staff_of_session(token: str) -> StaffMember | None:
    """Whose session of the console this is, if it still runs. Using it keeps it alive."""
    recruiter_id = await RecruiterSession.get_user_id(token, increase_expiry=KEPT_ALIVE)
    return await staff_member(recruiter_id) if recruiter_id is not None else None


async def account_at(email: str) -> Account | None:
    """What browsers know the account of an active recruiter by, if there is one at this address."""
    return await _account(Recruiter.username == clean_line(email).lower())


async def account_of(recruiter_id: int) -> Account | None:
    """The same of a recruiter."""
    return await _account(Recruiter.id == recruiter_id)


async def _account(which: Combinable) -> Account | None:
    row = (
        await Recruiter.select(Recruiter.id, Recruiter.password)
        .where(which & Recruiter.active.eq(True))
        .first()
    )
    return Account(f"{RECRUITER} {row['id']}", row["password"]) if row else None


def actor_of(recruiter: Mapping[str, Any]) -> Actor:
    """How the history names somebody of whom there is the row alone."""
    role = ADMINISTRATOR if recruiter["superuser"] else RECRUITER
    return Actor(f"recruiter:{recruiter['id']}", role)


def recruiter_id_of(actor: Actor) -> int | None:
    """The id of the recruiter whom the history names so; None for anybody else."""
    kind, _, number = actor.id.partition(":")
    return int(number) if kind == "recruiter" and number.isdecimal() else None


async def names_of_recruiters(recruiter_ids: Collection[int]) -> dict[int, str]:
    """First and last names, also of those whose accounts are closed."""
    if not recruiter_ids:
        return {}
    rows = await Recruiter.select(Recruiter.id, Recruiter.first_name, Recruiter.last_name).where(
        Recruiter.id.is_in(sorted(recruiter_ids))
    )
    return {row["id"]: f"{row['first_name'] or ''} {row['last_name'] or ''}".strip() for row in rows}


@dataclass(frozen=True, slots=True)
class UnitView:
    """One unit."""

    id: int
    code: str
    name: str
    city: str
    region: str
    contact_email: str
    waiting_days: int


async def units(unit_ids: Collection[int] | None) -> tuple[UnitView, ...]:
    """Some units, or all (None), by code."""
    query = Unit.select().order_by(Unit.code)
    if unit_ids is not None:
        if not unit_ids:
            return ()
        query = query.where(Unit.id.is_in(list(unit_ids)))
    return tuple(UnitView(**row) for row in await query)


async def colleagues(staff: StaffMember) -> tuple[tuple[str, str], ...]:
    """Whose deeds this viewer may read of, by name: everybody for an administrator, else who shares a unit with
    them, and the administrators; as the history names them, and their names.
    """
    query = Recruiter.select(Recruiter.id, Recruiter.first_name, Recruiter.last_name)
    if staff.unit_ids is not None:
        beside = RecruiterUnit.select(RecruiterUnit.recruiter).where(
            RecruiterUnit.unit.is_in(sorted(staff.unit_ids) or [0])
        )
        query = query.where(Recruiter.superuser.eq(True) | Recruiter.id.is_in(beside))
    rows = await query.order_by(Recruiter.last_name, Recruiter.first_name, Recruiter.id)
    return tuple(
        (f"recruiter:{row['id']}", f"{row['first_name'] or ''} {row['last_name'] or ''}".strip())
        for row in rows
    )
