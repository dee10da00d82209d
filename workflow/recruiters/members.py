"""Who works here, as administrators see it: each person with units, role, second factor and last login."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from piccolo.custom_types import Combinable

from workflow.checks import ROW_IDS
from workflow.recruiters.links import INVITATION
from workflow.recruiters.passwords import is_invited
from workflow.recruiters.queries import UnitView, units
from workflow.recruiters.tables import Recruiter, RecruiterLink, RecruiterUnit

INVITED = "invited"
ACTIVE = "active"
CLOSED = "closed"
STATES = (ACTIVE, INVITED, CLOSED)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works here. `invitation_ends`: until when the link of who has not joined works."""

    id: int
    email: str
    first_name: str
    last_name: str
    language: str
    is_administrator: bool
    state: str
    units: tuple[UnitView, ...]
    has_second_factor: bool
    needs_second_factor: bool
    last_login: datetime | None
    invitation_ends: datetime | None

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


async def members() -> tuple[Member, ...]:
    """Everybody, by last name; people are few."""
    return await _members(None)


async def member(recruiter_id: int) -> Member | None:
    """One of them."""
    if recruiter_id not in ROW_IDS:
        return None
    found = await _members(Recruiter.id == recruiter_id)
    return found[0] if found else None


async def _members(which: Combinable | None) -> tuple[Member, ...]:
    query = Recruiter.select().order_by(Recruiter.last_name, Recruiter.first_name, Recruiter.id)
    rows = await (query if which is None else query.where(which))
    ids = [row["id"] for row in rows]
    belongings = await _units_of(ids)
    ends = await _ends_of_invitations([row["id"] for row in rows if _state_of(row) == INVITED])
    return tuple(
        Member(
            id=row["id"],
            email=row["email"],
            first_name=row["first_name"] or "",
            last_name=row["last_name"] or "",
            language=row["language"],
            is_administrator=row["superuser"],
            state=_state_of(row),
            units=tuple(belongings[row["id"]]),
            has_second_factor=row["totp_since"] is not None,
            needs_second_factor=row["needs_second_factor"],
            last_login=row["last_login"].replace(tzinfo=UTC) if row["last_login"] else None,
            invitation_ends=ends.get(row["id"]),
        )
        for row in rows
    )


def _state_of(row: Mapping[str, Any]) -> str:
    if not row["active"]:
        return CLOSED
    return INVITED if is_invited(row) else ACTIVE


async def _units_of(recruiter_ids: Iterable[int]) -> dict[int, list[UnitView]]:
    """Recruiter → units, by code."""
    ids = sorted(recruiter_ids)
    found: dict[int, list[UnitView]] = defaultdict(list)
    if not ids:
        return found
    rows = await RecruiterUnit.select(RecruiterUnit.recruiter, RecruiterUnit.unit).where(
        RecruiterUnit.recruiter.is_in(ids)
    )
    pairs = {(row["unit"], row["recruiter"]) for row in rows}
    for unit in await units({unit_id for unit_id, _ in pairs}):
        for recruiter_id in ids:
            if (unit.id, recruiter_id) in pairs:
                found[recruiter_id].append(unit)
    return found


async def _ends_of_invitations(recruiter_ids: list[int]) -> dict[int, datetime]:
    """Recruiter → when the newest invitation ends or ended."""
    if not recruiter_ids:
        return {}
    rows = (
        await RecruiterLink.select(RecruiterLink.recruiter, RecruiterLink.expires_at)
        .where(RecruiterLink.recruiter.is_in(recruiter_ids) & (RecruiterLink.purpose == INVITATION))
        .order_by(RecruiterLink.id)
    )
    return {row["recruiter"]: row["expires_at"] for row in rows}
