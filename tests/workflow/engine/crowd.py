"""A portal with many applications, and whether every history in it is whole."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from tests.support.house import House
from tests.workflow.engine.hands import Plan
from workflow.applications.tables import Application
from workflow.database.connection import write_transaction
from workflow.engine.checkpoints import extend
from workflow.engine.tables import History
from workflow.engine.verification import verify
from workflow.machines import MACHINES
from workflow.recruiters.queries import StaffMember


@dataclass
class Crowd:
    """Offers of one unit, and applications to them."""

    url: str
    house: House
    staff: StaffMember
    other: StaffMember
    references: tuple[str, ...]
    applications: tuple[UUID, ...]

    def plan(self, seed: int, **more: Any) -> Plan:
        plan = Plan(
            self.url,
            self.staff,
            self.other,
            self.house.terms,
            self.house.now,
            seed,
            self.applications,
            self.references,
        )
        return replace(plan, **more)

    async def events(self) -> Counter[tuple[str, str]]:
        """How many steps of each event there are: (subject, event) → number."""
        rows = await History.select(History.subject_type, History.event)
        return Counter((row["subject_type"], row["event"]) for row in rows)

    async def states(self) -> Counter[tuple[str, int]]:
        rows = await Application.select(Application.status, Application.version)
        return Counter((row["status"], row["version"]) for row in rows)

    async def faults(self) -> list[Any]:
        await extend(transaction=write_transaction, key=self.house.terms.history_key, now=self.house.now)
        parts = verify(MACHINES, self.house.terms.history_key)
        return [fault async for part in parts for fault in part.faults]


async def a_crowd(
    url: str, house: House, *, candidates: int, offers: Sequence[str], publish: bool = True, **data: Any
) -> Crowd:
    """Each of so many candidates applies to every offer."""
    await extend(transaction=write_transaction, key=house.terms.history_key, now=house.now)
    unit = await house.unit()
    staff, other = await house.recruiter(unit), await house.recruiter(unit, name="Ruth")
    for reference in offers:
        await house.offer(staff, unit, reference, publish=publish, **data)
    applications = []
    for _ in range(candidates):
        candidate = await house.candidate()
        applications += [await house.application(candidate, reference) for reference in offers]
    return Crowd(url, house, staff, other, tuple(offers), tuple(applications))
