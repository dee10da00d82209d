"""What can be asked about applications: by their candidate, who sees what was told, and by recruiters, who see all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from workflow.applications.machine import DECIDED, ENDED, LIVE, ApplicationMachine
from workflow.applications.tables import Application
from workflow.candidates.queries import CandidateView, candidate_by_id
from workflow.documents.queries import DocumentView, documents_by_id
from workflow.engine.history import Step, steps_of, told_steps
from workflow.engine.machine import UNDO
from workflow.offers.queries import OfferView, offers_by_ids
from workflow.recruiters.queries import StaffMember
from workflow.roles import CANDIDATE

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class CandidateApplication:
    """An application as its candidate may know it: all of it is projected from the steps that were told.

    `version` counts those steps: a gap would give away a decision that was taken back.
    """

    id: UUID
    offer: OfferView
    status: str
    version: int
    submitted_at: datetime
    history: tuple[Step, ...]
    covering_letter: DocumentView | None
    covering_letter_text: str
    cv: DocumentView | None
    cv_url: str

    @property
    def actions(self) -> tuple[str, ...]:
        """What the candidate may do now (P7)."""
        return ApplicationMachine.moves_from(self.status, CANDIDATE)

    @property
    def is_live(self) -> bool:
        return self.status in LIVE


@dataclass(frozen=True, slots=True)
class StaffApplication:
    """An application as recruiters see it. `announce_at`: when a held decision will be told; None if none is held."""

    id: UUID
    offer: OfferView
    candidate: CandidateView
    status: str
    version: int
    submitted_at: datetime
    history: tuple[Step, ...]
    covering_letter: DocumentView | None
    covering_letter_text: str
    cv: DocumentView | None
    cv_url: str
    announce_at: datetime | None
    moves: tuple[str, ...]


async def applications_of_candidate(candidate_id: UUID, *, now: datetime) -> tuple[CandidateApplication, ...]:
    """All of a candidate's applications, newest first (P5)."""
    rows = (
        await Application.select()
        .where(Application.candidate == candidate_id)
        .order_by(Application.submitted_at, Application.id, ascending=False)
    )
    return await _as_candidate(rows, now)


async def application_of_candidate(
    candidate_id: UUID, application_id: UUID, *, now: datetime
) -> CandidateApplication | None:
    """One application, if it is this candidate's."""
    mine = (Application.id == application_id) & (Application.candidate == candidate_id)
    found = await _as_candidate(await Application.select().where(mine), now)
    return found[0] if found else None


async def live_application(
    candidate_id: UUID, offer_id: UUID, *, now: datetime
) -> CandidateApplication | None:
    """The candidate's application to an offer that stands in the way of a new one, if there is one (P4)."""
    return next(
        (
            application
            for application in await applications_of_candidate(candidate_id, now=now)
            if application.offer.id == offer_id and application.status not in ENDED
        ),
        None,
    )


async def has_applied(candidate_id: UUID, offer_id: UUID) -> bool:
    """Whether an application, told of or not, stands in the way of a new one. Ask it under a lock."""
    return bool(
        await Application.exists().where(
            (Application.candidate == candidate_id)
            & (Application.offer == offer_id)
            & Application.status.not_in(sorted(ENDED))
        )
    )


async def _as_candidate(rows: Sequence[dict[str, Any]], now: datetime) -> tuple[CandidateApplication, ...]:
    offers = {offer.id: offer for offer in await offers_by_ids([row["offer"] for row in rows])}
    steps = await steps_of(ApplicationMachine.subject, [row["id"] for row in rows])
    files = await _files_of(rows)
    applications = []
    for row in rows:
        told = told_steps(steps[row["id"]], now)
        applications.append(
            CandidateApplication(
                id=row["id"],
                offer=offers[row["offer"]],
                status=told[-1].to_state,
                version=len(told),
                submitted_at=row["submitted_at"],
                history=told,
                covering_letter=files.get(row["covering_letter"]),
                covering_letter_text=row["covering_letter_text"],
                cv=files.get(row["cv"]),
                cv_url=row["cv_url"],
            )
        )
    return tuple(applications)


async def application_for_staff(
    staff: StaffMember, application_id: UUID, *, now: datetime
) -> StaffApplication | None:
    """One application with all that recruiters know of it, if its offer's unit is theirs (C1)."""
    row = await Application.select().where(Application.id == application_id).first()
    if row is None:
        return None
    offer = (await offers_by_ids([row["offer"]]))[0]
    candidate = await candidate_by_id(row["candidate"])
    if candidate is None or not staff.sees_unit(offer.unit_id):
        return None
    steps = (await steps_of(ApplicationMachine.subject, [row["id"]]))[row["id"]]
    files = await _files_of([row])
    return StaffApplication(
        id=row["id"],
        offer=offer,
        candidate=candidate,
        status=row["status"],
        version=row["version"],
        submitted_at=row["submitted_at"],
        history=steps,
        covering_letter=files.get(row["covering_letter"]),
        covering_letter_text=row["covering_letter_text"],
        cv=files.get(row["cv"]),
        cv_url=row["cv_url"],
        announce_at=_held_until(steps, now),
        moves=() if candidate.has_left else moves_after(steps[-1], staff, now),
    )


def _held_until(steps: Sequence[Step], now: datetime) -> datetime | None:
    return steps[-1].announce_at if steps[-1].is_held(now) else None


def moves_after(step: Step, staff: StaffMember, now: datetime) -> tuple[str, ...]:
    """What this recruiter may do when this step was the last: undo while it is held, reopen once it was told."""
    return legal_moves(step.to_state, staff, is_held=step.is_held(now))


def legal_moves(status: str, staff: StaffMember, *, is_held: bool) -> tuple[str, ...]:
    """The same for one who knows the status, and whether the decision that led there is held."""
    out_of_place = "reopen" if is_held else UNDO
    legal = ApplicationMachine.moves_from(status, staff.actor.role)
    return tuple(event for event in legal if event != out_of_place)


async def undecided_applications(offer_id: UUID, *, now: datetime) -> tuple[UUID, ...]:
    """The applications to an offer whose candidates know of no end yet: live, or decided and not told."""
    rows = (
        await Application.select(Application.id, Application.status)
        .where((Application.offer == offer_id) & Application.status.is_in(sorted(LIVE | DECIDED)))
        .order_by(Application.id)
    )
    decided = [row["id"] for row in rows if row["status"] in DECIDED]
    steps = await steps_of(ApplicationMachine.subject, decided)
    return tuple(row["id"] for row in rows if row["status"] in LIVE or steps[row["id"]][-1].is_held(now))


async def applicants(application_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Whose applications these are; an empty name where the account is erased."""
    if not application_ids:
        return {}
    person: Any = Application.candidate
    rows = await Application.select(
        Application.id, person.first_name.as_alias("first_name"), person.last_name.as_alias("last_name")
    ).where(Application.id.is_in(list(application_ids)))
    return {row["id"]: f"{row['first_name']} {row['last_name']}".strip() for row in rows}


async def visible_applications(staff: StaffMember, application_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those of the applications that this recruiter sees."""
    visible: set[UUID] = set()
    for first in range(0, len(application_ids), _AT_ONCE):
        some = Application.id.is_in(list(application_ids[first : first + _AT_ONCE]))
        rows = await Application.select(Application.id, Application.offer.unit.as_alias("unit")).where(some)
        visible |= {row["id"] for row in rows if staff.sees_unit(row["unit"])}
    return frozenset(visible)


async def document_for_staff(
    staff: StaffMember, application_id: UUID, document_id: UUID
) -> DocumentView | None:
    """A file of an application, if the application is theirs to see."""
    row = (
        await Application.select(
            Application.covering_letter, Application.cv, Application.offer.unit.as_alias("unit")
        )
        .where(Application.id == application_id)
        .first()
    )
    if not row or not staff.sees_unit(row["unit"]) or document_id not in (row["covering_letter"], row["cv"]):
        return None
    return (await documents_by_id([document_id])).get(document_id)


async def _files_of(rows: Sequence[dict[str, Any]]) -> dict[UUID | None, DocumentView]:
    ids = [row[name] for row in rows for name in ("covering_letter", "cv") if row[name]]
    documents = await documents_by_id(ids)
    return dict[UUID | None, DocumentView](documents.items())
