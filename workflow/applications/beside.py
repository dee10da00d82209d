"""What stands beside an application: the same candidate's others, and others to the same offer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from piccolo.custom_types import Combinable

from workflow.applications.machine import LIVE
from workflow.applications.queries import StaffApplication
from workflow.applications.tables import Application
from workflow.offers.titles import title_in
from workflow.recruiters.queries import StaffMember

_SUCCESSFUL = "successful"


@dataclass(frozen=True, slots=True)
class OtherApplication:
    """Another application of a candidate, to an offer that the recruiter sees."""

    id: UUID
    offer_reference: str
    offer_title_fr: str
    offer_title_en: str
    status: str
    submitted_at: datetime

    def title(self, language: str) -> str:
        """The offer's title in a language, or in the other where there is none."""
        return title_in(language, self.offer_title_fr, self.offer_title_en)


async def others_of_candidate(
    staff: StaffMember, application: StaffApplication
) -> tuple[OtherApplication, ...]:
    """Newest first; of offers of others it is not told that there are any (C1)."""
    if application.candidate.has_left:
        return ()
    rows = (
        await Application.select(
            Application.id,
            Application.offer.reference.as_alias("offer_reference"),
            Application.offer.title_fr.as_alias("offer_title_fr"),
            Application.offer.title_en.as_alias("offer_title_en"),
            Application.offer.unit.as_alias("unit"),
            Application.status,
            Application.submitted_at,
        )
        .where((Application.candidate == application.candidate.id) & (Application.id != application.id))
        .order_by(Application.submitted_at, Application.id, ascending=False)
    )
    seen = [row for row in rows if staff.sees_unit(row.pop("unit"))]
    return tuple(OtherApplication(**row) for row in seen)


async def successful_rivals(application: StaffApplication) -> int:
    """How many others to the same offer were named successful."""
    return int(await Application.count().where(_rivals(application, {_SUCCESSFUL})))


async def live_rivals(application: StaffApplication, *, limit: int) -> tuple[UUID, ...]:
    """Those that are still to be decided, the oldest first."""
    rows = (
        await Application.select(Application.id)
        .where(_rivals(application, LIVE))
        .order_by(Application.submitted_at, Application.id)
        .limit(limit)
    )
    return tuple(row["id"] for row in rows)


def _rivals(application: StaffApplication, states: Collection[str]) -> Combinable:
    return (
        (Application.offer == application.offer.id)
        & (Application.id != application.id)
        & Application.status.is_in(sorted(states))
    )
