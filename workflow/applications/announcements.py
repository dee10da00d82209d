"""Who is told what by which step of an application: the outbox rows of a move (P3, P6, P7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from workflow.applications.machine import LIVE
from workflow.applications.tables import Application
from workflow.engine.history import Step
from workflow.engine.outbox import Announcement
from workflow.errors import NotFound
from workflow.offers.queries import OfferView, offer_by_id

EMPLOYER_LANGUAGE = "fr"
"""The employer's contacts are written to in French, the language of the house."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the mails about one application speak of."""

    application_id: UUID
    candidate: dict[str, Any]
    offer: OfferView

    def params(self, language: str) -> dict[str, str]:
        """The parameters that every mail about an application has."""
        return {
            "title": self.candidate["title"],
            "first_name": self.candidate["first_name"],
            "last_name": self.candidate["last_name"],
            "offer_title": self.offer.title(language),
            "offer_reference": self.offer.reference,
            "unit_name": self.offer.unit_name,
            "application_id": str(self.application_id),
        }


async def facts_of(application_id: UUID) -> Facts | None:
    """Read what the mails need, inside the transaction of the move; None where there is no such application."""
    person = Application.candidate
    row = (
        await Application.select(Application.offer, *person.all_columns())
        .where(Application.id == application_id)
        .output(nested=True)
        .first()
    )
    if row is None:
        return None
    offer = await offer_by_id(row["offer"])
    return Facts(application_id, row["candidate"], offer) if offer else None


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
    """Makes the outbox rows of a step. `message`: the candidate's words to the employer, None for none (P7)."""

    message: str | None = None
    facts: Facts | None = None

    async def __call__(self, step: Step, tells: Mapping[str, str]) -> Sequence[Announcement]:
        if not tells:
            return ()
        facts = self.facts or await facts_of(step.subject_id)
        if facts is None:
            raise NotFound
        told = [self._announcement(step, facts, audience, kind) for audience, kind in tells.items()]
        return [announcement for announcement in told if announcement]

    def _announcement(self, step: Step, facts: Facts, audience: str, kind: str) -> Announcement | None:
        to_employer = audience == "employer"
        about_message = kind.startswith("withdrawal_message")
        if about_message and self.message is None:
            return None
        if kind == "application_received" and not facts.offer.tells_contact:
            return None
        language = EMPLOYER_LANGUAGE if to_employer else facts.candidate["language"]
        return Announcement(
            kind=kind,
            dedup_key=f"{kind}/{step.subject_id}/{step.version}",
            recipient=facts.offer.contact if to_employer else facts.candidate["email"],
            language=language,
            params=facts.params(language) | ({"message": self.message or ""} if about_message else {}),
        )
