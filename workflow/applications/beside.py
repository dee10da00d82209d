"""What stands beside an application: the same candidate's others, and others to the same offer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from piccolo.custom_types import Combinable

from workflow.applications.machine import LIVE
from workflow.applications.queries import StaffApplication
from workflow.applications.tables import Application
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
        own, other = self.offer_title_en, self.offer_title_fr
        if language == "fr":
            own, other = other, own
        return own or other


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


@dataclass(frozen=True, slots=True)
class Rivals:
    """The other applications to an offer: `live` are still to be decided, `successful` have been."""

    live: int
    successful: int


async def rivals_of(application: StaffApplication) -> Rivals:
    """How many there are beside this one."""
    return Rivals(
        live=await Application.count().where(_rivals(application, LIVE)),
        successful=await Application.count().where(_rivals(application, {_SUCCESSFUL})),
    )


async def live_rivals(application: StaffApplication) -> tuple[UUID, ...]:
    """Those that are still to be decided, the oldest first."""
    rows = (
        await Application.select(Application.id)
        .where(_rivals(application, LIVE))
        .order_by(Application.submitted_at, Application.id)
    )
    return tuple(row["id"] for row in rows)


def _rivals(application: StaffApplication, states: Collection[str]) -> Combinable:
    return (
        (Application.offer == application.offer.id)
        & (Application.id != application.id)
        & Application.status.is_in(sorted(states))
    )
