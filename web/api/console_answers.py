"""Applications as recruiters' programs read them: everything, held decisions included."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from web.api.documents import DocumentAnswer, document_answer
from web.api.offer_answers import OfferMention, mention
from workflow.applications.cards import Card
from workflow.applications.machine import ApplicationMachine
from workflow.applications.queries import StaffApplication, moves_after
from workflow.engine.history import Step
from workflow.language import say
from workflow.recruiters.queries import StaffMember, recruiter_id_of
from workflow.roles import ROLES

_PATH = "/api/v1/console/applications"
_ANNOUNCE_AT = Meta(description="When a held decision will be told; null when none is held.")


class Applicant(Struct, frozen=True):
    """A candidate's name."""

    first_name: str
    last_name: str


class CandidateAnswer(Applicant, frozen=True, kw_only=True):
    """A candidate as recruiters know them; codes are those of the reference lists."""

    title: str
    email: str
    phone: str
    address: str
    postal_code: str
    city: str
    country: str
    nationality: str
    level: str
    situation: str
    languages: str


class StaffStep(Struct, frozen=True, kw_only=True):
    """One step, told or not."""

    version: int
    event: str
    from_status: Annotated[str | None, Meta(description="Where it left from; null for the first step.")]
    status: str
    label: str
    at: datetime
    by: Annotated[
        str | None,
        Meta(description="The recruiter's name; null for the candidate and the portal, which `role` tells."),
    ]
    role: Annotated[str, Meta(description=f"As whom: one of {', '.join(ROLES)}.")]
    announce_at: Annotated[datetime | None, Meta(description="From when it counts as told; null: never.")]
    undoes: Annotated[int | None, Meta(description="The version that it takes back; null: none.")]
    note: str | None


class CardAnswer(Struct, frozen=True, kw_only=True):
    """An application in a list."""

    id: UUID
    offer: OfferMention
    candidate: Applicant
    status: str
    status_label: str
    version: int
    submitted_at: datetime
    since: Annotated[
        datetime,
        Meta(description="When it came into this status; a decision that was taken back does not count."),
    ]
    announce_at: Annotated[datetime | None, _ANNOUNCE_AT]
    actions: Annotated[list[str], Meta(description="The events that may be fired now.")]


class Cards(Struct, frozen=True):
    """A page of applications, those submitted first at the top."""

    items: list[CardAnswer]
    total: Annotated[int, Meta(description="How many applications there are on all pages.")]
    page: int
    page_size: int


class StaffApplicationAnswer(Struct, frozen=True, kw_only=True):
    """An application with all that recruiters know of it."""

    id: UUID
    offer: OfferMention
    candidate: CandidateAnswer
    status: str
    status_label: str
    version: int
    submitted_at: datetime
    announce_at: Annotated[datetime | None, _ANNOUNCE_AT]
    documents: list[DocumentAnswer]
    covering_letter_text: str | None
    cv_url: str | None
    actions: Annotated[list[str], Meta(description="The events that may be fired now.")]
    history: Annotated[list[StaffStep], Meta(description="Oldest first.")]


class MovedApplication(Struct, frozen=True, kw_only=True):
    """An application as a move left it; a repeat of the move gets the same."""

    id: UUID
    offer: OfferMention
    event: str
    status: str
    status_label: str
    version: int
    at: datetime
    announce_at: Annotated[datetime | None, _ANNOUNCE_AT]
    actions: Annotated[list[str], Meta(description="The events that may be fired next.")]


def card_answer(card: Card, language: str) -> CardAnswer:
    """One application of a list."""
    titles = (card.offer_title_fr, card.offer_title_en)
    title = next(filter(None, titles if language == "fr" else reversed(titles)))
    return CardAnswer(
        id=card.id,
        offer=OfferMention(card.offer_reference, title),
        candidate=Applicant(card.first_name, card.last_name),
        status=card.status,
        status_label=_label(card.status, language),
        version=card.version,
        submitted_at=card.submitted_at,
        since=card.since,
        announce_at=card.announce_at,
        actions=list(card.moves),
    )


def staff_answer(
    application: StaffApplication, names: Mapping[int, str], language: str
) -> StaffApplicationAnswer:
    """One application; `names` are those of the recruiters in its history."""
    url = f"{_PATH}/{application.id}/documents"
    files = (application.covering_letter, application.cv)
    known = CandidateAnswer.__struct_fields__
    return StaffApplicationAnswer(
        id=application.id,
        offer=mention(application.offer, language),
        candidate=CandidateAnswer(**{name: getattr(application.candidate, name) for name in known}),
        status=application.status,
        status_label=_label(application.status, language),
        version=application.version,
        submitted_at=application.submitted_at,
        announce_at=application.announce_at,
        documents=[document_answer(file, f"{url}/{file.id}") for file in files if file],
        covering_letter_text=application.covering_letter_text or None,
        cv_url=application.cv_url or None,
        actions=list(application.moves),
        history=[_step(step, names, language) for step in application.history],
    )


def moved_answer(
    application: StaffApplication, step: Step, staff: StaffMember, language: str
) -> MovedApplication:
    """What a step made of an application, whatever has happened since."""
    return MovedApplication(
        id=application.id,
        offer=mention(application.offer, language),
        event=step.event,
        status=step.to_state,
        status_label=_label(step.to_state, language),
        version=step.version,
        at=step.at,
        announce_at=step.announce_at if step.is_held(step.at) else None,
        actions=list(moves_after(step, staff, step.at)),
    )


def _step(step: Step, names: Mapping[int, str], language: str) -> StaffStep:
    return StaffStep(
        version=step.version,
        event=step.event,
        from_status=step.from_state or None,
        status=step.to_state,
        label=_label(step.to_state, language),
        at=step.at,
        by=names.get(recruiter_id_of(step.actor) or 0) or None,
        role=step.actor.role,
        announce_at=step.announce_at,
        undoes=step.undoes,
        note=step.note or None,
    )


def _label(status: str, language: str) -> str:
    return say(language, ApplicationMachine.state_message(status, "recruiter"))
