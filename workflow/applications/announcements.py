"""Who is told what by which step of an application: the outbox rows of a move (P3, P6, P7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from piccolo.query import SelectRaw

from workflow.applications.machine import LIVE
from workflow.applications.tables import Application
from workflow.engine.history import Step
from workflow.engine.outbox import Announcement
from workflow.engine.statements import Prepared
from workflow.errors import CandidateLeft, NotFound
from workflow.offers.queries import OfferView, offer_by_id
from workflow.webhooks.events import (
    PROGRAMS,
    STATUS_CHANGED,
    event_announcement,
    told_of_offer,
    wanted_sql,
)

EMPLOYER_LANGUAGE = "fr"
"""The employer's contacts are written to in French, the language of the house."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is told about one application. `contact`: the employer's address; `has_listeners`: whether programs
    want to know of its status.
    """

    application_id: UUID
    title: str
    first_name: str
    last_name: str
    email: str
    language: str
    offer_title_fr: str
    offer_title_en: str
    offer_reference: str
    tells_contact: bool
    contact: str
    unit_name: str
    has_listeners: bool

    @classmethod
    def of(
        cls,
        application_id: UUID,
        candidate: Mapping[str, Any],
        offer: OfferView,
        *,
        has_listeners: bool = False,
    ) -> "Facts":
        """The facts of an application that is only being made."""
        return cls(
            application_id=application_id,
            **{name: candidate[name] for name in ("title", "first_name", "last_name", "email", "language")},
            offer_title_fr=offer.title("fr"),
            offer_title_en=offer.title("en"),
            offer_reference=offer.reference,
            tells_contact=offer.tells_contact,
            contact=offer.contact,
            unit_name=offer.unit_name,
            has_listeners=has_listeners,
        )

    def params(self, language: str) -> dict[str, str]:
        """The parameters that every mail about an application has."""
        return {
            "title": self.title,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "offer_title": self.offer_title_fr if language == "fr" else self.offer_title_en,
            "offer_reference": self.offer_reference,
            "unit_name": self.unit_name,
            "application_id": str(self.application_id),
        }


_LISTENERS = SelectRaw(f"{wanted_sql(STATUS_CHANGED)} AS has_listeners")
"""Asked along with the facts, so that it costs a move no question of its own."""


def _facts(application_id: UUID) -> Any:
    person: Any = Application.candidate
    offer: Any = Application.offer
    return Application.select(
        person.title.as_alias("title"),
        person.first_name.as_alias("first_name"),
        person.last_name.as_alias("last_name"),
        person.email.as_alias("email"),
        person.language.as_alias("language"),
        offer.title_fr.as_alias("title_fr"),
        offer.title_en.as_alias("title_en"),
        offer.reference.as_alias("offer_reference"),
        offer.tells_contact.as_alias("tells_contact"),
        offer.contact_email.as_alias("contact_email"),
        offer.unit.name.as_alias("unit_name"),
        offer.unit.contact_email.as_alias("unit_contact_email"),
        _LISTENERS,
    ).where(Application.id == application_id)


_FACTS = Prepared(_facts)


async def facts_of(application_id: UUID) -> Facts | None:
    """Read what the mails need, inside the transaction of the move; None where there is no such application."""
    rows = await _FACTS.rows(application_id)
    if not rows:
        return None
    (row,) = rows
    title_fr, title_en = row.pop("title_fr"), row.pop("title_en")
    own, of_unit = row.pop("contact_email"), row.pop("unit_contact_email")
    has_listeners = bool(row.pop("has_listeners"))
    return Facts(
        application_id=application_id,
        offer_title_fr=title_fr or title_en,
        offer_title_en=title_en or title_fr,
        contact=own or of_unit,
        has_listeners=has_listeners,
        **row,
    )


async def remind_of_waiting(step: Step, tells: Mapping[str, str]) -> Sequence[Announcement]:
    """Remind an offer's contact of the applications that still wait; nobody when none does (W5)."""
    if "employer" not in tells:
        return ()
    live = (Application.offer == step.subject_id) & Application.status.is_in(sorted(LIVE))
    offer, waiting = await offer_by_id(step.subject_id), await Application.count().where(live)
    if offer is None or not waiting:
        return ()
    return [
        Announcement(
            kind=tells["employer"],
            dedup_key=f"{tells['employer']}/{step.subject_id}/{step.version}",
            recipient=offer.contact,
            language=EMPLOYER_LANGUAGE,
            params={
                "offer_title": offer.title(EMPLOYER_LANGUAGE),
                "offer_reference": offer.reference,
                "unit_name": offer.unit_name,
                "waiting": waiting,
            },
        )
    ]


@dataclass(frozen=True, slots=True)
class ApplicationAnnouncer:
    """Makes the outbox rows of a step. `message`: the candidate's words to the employer, None for none (P7).

    `paragraphs`: a recruiter's own words for the candidate, by the language that they are read in (C6).
    `facts` of an application that is only being made; of all others they are read here, when it is held: what was
    read before may be of somebody who has left meanwhile. Raises CandidateLeft where the account is erased: nobody
    is there to be told.
    """

    message: str | None = None
    facts: Facts | None = None
    paragraphs: Mapping[str, str] = field(default_factory=dict)

    async def __call__(self, step: Step, tells: Mapping[str, str]) -> Sequence[Announcement]:
        if not tells:
            return ()
        facts = self.facts or await facts_of(step.subject_id)
        if facts is None:
            raise NotFound
        if not facts.email:
            raise CandidateLeft
        told = [
            _event(step, facts, kind)
            if audience == PROGRAMS
            else self._announcement(step, facts, audience, kind)
            for audience, kind in tells.items()
        ]
        return [announcement for announcement in told if announcement]

    def _announcement(self, step: Step, facts: Facts, audience: str, kind: str) -> Announcement | None:
        to_employer = audience == "employer"
        about_message = kind.startswith("withdrawal_message")
        if about_message and self.message is None:
            return None
        if kind == "application_received" and not facts.tells_contact:
            return None
        return Announcement(
            kind=kind,
            dedup_key=f"{kind}/{step.subject_id}/{step.version}",
            recipient=facts.contact if to_employer else facts.email,
            language=_language(facts, audience),
            params=self.params(facts, audience, kind),
        )

    def params(self, facts: Facts, audience: str, kind: str) -> dict[str, str]:
        """What a kind of mail to an audience says of an application."""
        language = _language(facts, audience)
        params = facts.params(language)
        if kind.startswith("withdrawal_message"):
            params["message"] = self.message or ""
        if audience == "candidate" and (paragraph := self.paragraphs.get(language)):
            params["paragraph"] = paragraph
        return params


def _event(step: Step, facts: Facts, kind: str) -> Announcement | None:
    """What programs are told of a step, of nobody's person (I3); None where none wants to know."""
    if not facts.has_listeners:
        return None
    application = {
        "id": str(step.subject_id),
        "status": step.to_state,
        "previous_status": step.from_state or None,
        "version": step.version,
    }
    offer = told_of_offer(facts.offer_reference, facts.offer_title_fr, facts.offer_title_en)
    return event_announcement(kind, step, {"application": application, "offer": offer})


def _language(facts: Facts, audience: str) -> str:
    return EMPLOYER_LANGUAGE if audience == "employer" else facts.language
