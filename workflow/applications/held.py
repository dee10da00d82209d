"""A decision that its candidate does not know of yet: what the bar offers to undo (C5)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from workflow.applications.machine import ApplicationMachine
from workflow.applications.tables import Application
from workflow.engine.history import last_step
from workflow.recruiters.queries import StaffMember


@dataclass(frozen=True, slots=True)
class HeldDecision:
    """One's own last move of an application, which can still be undone."""

    application_id: UUID
    version: int
    event: str
    status: str
    first_name: str
    last_name: str
    told_at: datetime


async def held_decision(
    staff: StaffMember, application_id: UUID, version: int, *, now: datetime
) -> HeldDecision | None:
    """The step with this version, if it is theirs, is still held, and nothing has come after it."""
    step = await last_step(ApplicationMachine.subject, application_id)
    if step is None or step.version != version or step.actor != staff.actor or not step.is_held(now):
        return None
    row = (
        await Application.select(
            Application.candidate.first_name.as_alias("first_name"),
            Application.candidate.last_name.as_alias("last_name"),
            Application.offer.unit.as_alias("unit"),
        )
        .where(Application.id == application_id)
        .first()
    )
    if row is None or step.announce_at is None or not staff.sees_unit(row["unit"]):
        return None
    return HeldDecision(
        application_id=application_id,
        version=version,
        event=step.event,
        status=step.to_state,
        first_name=row["first_name"],
        last_name=row["last_name"],
        told_at=step.announce_at,
    )
