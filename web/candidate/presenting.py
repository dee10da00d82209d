"""An application as its candidate sees it: only what was told, in the candidate's words and language."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from web.kit.offers import ShownOffer, shown_offer
from workflow.applications.machine import ApplicationMachine
from workflow.applications.queries import CandidateApplication
from workflow.documents.commands import COVERING_LETTER, CV
from workflow.language import N_, say

KIND_LABELS = {COVERING_LETTER: N_("Covering letter"), CV: N_("CV")}

_TOLD = {
    "submit": N_("You sent it, and the laboratory has it."),
    "consider": N_("The laboratory has begun to look at it."),
    "accept": N_("The laboratory would like to work with you."),
    "reject": N_("The laboratory has decided otherwise."),
    "reopen": N_("The laboratory has taken it up again."),
    "withdraw": N_("You withdrew it."),
    "cancel": N_("The offer was cancelled."),
}
"""What each step meant for the candidate."""


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One line of the history: the instant is the one at which it could be known, `note` what it meant.

    `words`: what the candidate wrote to the laboratory with it.
    """

    status: str
    label: str
    at: datetime
    note: str
    words: str


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A file that went with an application; `size` in bytes."""

    href: str
    filename: str
    kind_label: str
    size: int


@dataclass(frozen=True, slots=True)
class ShownApplication:
    """What templates read of an application; the history is told from the beginning."""

    id: UUID
    offer: ShownOffer
    status: str
    status_label: str
    ahead: str
    submitted_at: datetime
    history: tuple[ShownStep, ...]
    documents: tuple[ShownDocument, ...]
    letter_text: str
    cv_url: str
    actions: tuple[str, ...]


def application_address(application_id: UUID) -> str:
    """The path of an application's page."""
    return f"/candidate/applications/{application_id}"


def status_label(status: str, language: str) -> str:
    """What candidates call a status."""
    return say(language, ApplicationMachine.state_message(status, "candidate"))


def shown_application(
    application: CandidateApplication, language: str, *, now: datetime, zone: ZoneInfo, message: str = ""
) -> ShownApplication:
    """The application for its candidate. `message`: with which it was withdrawn."""
    files = [file for file in (application.covering_letter, application.cv) if file]
    return ShownApplication(
        id=application.id,
        offer=shown_offer(application.offer, language, now=now, zone=zone),
        status=application.status,
        status_label=status_label(application.status, language),
        ahead=say(language, ApplicationMachine.ahead_message(application.status)),
        submitted_at=application.submitted_at,
        history=tuple(
            ShownStep(
                step.to_state,
                status_label(step.to_state, language),
                step.announce_at or step.at,
                say(language, _TOLD[step.event]) if step.event in _TOLD else "",
                message if step.event == "withdraw" else "",
            )
            for step in application.history
        ),
        documents=tuple(
            ShownDocument(
                f"{application_address(application.id)}/documents/{file.id}",
                file.filename,
                say(language, KIND_LABELS[file.kind]),
                file.size,
            )
            for file in files
        ),
        letter_text=application.covering_letter_text,
        cv_url=application.cv_url,
        actions=application.actions,
    )
