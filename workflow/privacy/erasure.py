"""Leaving: live applications are withdrawn and everybody is told, and with that all that is personal goes.

Only the mails that tell of it, and those before them, are left; `workflow.privacy.traces` forgets them as they are
sent. docs/privacy.md lists what remains.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from workflow.alerts.tables import Alert, AlertTold
from workflow.applications.announcements import EMPLOYER_LANGUAGE, ApplicationAnnouncer
from workflow.applications.commands import candidate_actor
from workflow.applications.machine import LIVE, ApplicationMachine
from workflow.applications.tables import Application, Draft
from workflow.candidates.holding import held_candidate
from workflow.candidates.mails import adopt_mails
from workflow.candidates.tables import (
    Candidate,
    CandidateLink,
    CandidateSession,
    Registration,
    TemporaryPassword,
)
from workflow.checks import clean_line
from workflow.database.connection import write_transaction
from workflow.documents.tables import Document
from workflow.engine import history
from workflow.engine.history import Step
from workflow.engine.machine import UNDO, Terms
from workflow.engine.moves import fire
from workflow.engine.outbox import CANCELLED, HELD, PENDING, Announcement
from workflow.engine.tables import History, HistoryNote, IdempotencyKey, Outbox
from workflow.errors import Conflict, UndoTooLate
from workflow.language import N_, say
from workflow.offers.queries import offers_by_ids
from workflow.privacy.holding import held_applications
from workflow.privacy.mails import tell_of_data
from workflow.privacy.tables import Archive
from workflow.reviews.erasing import erase_reviews
from workflow.roles import CLOCK
from workflow.webhooks.events import PROGRAMS

Reason = Literal["wish", "unused"]

_MESSAGE = N_(
    "My account on this site is being deleted, and so I withdraw my application. "
    "Thank you for the time that you have given to it."
)

_NOBODY: dict[Any, Any] = {
    Candidate.email: "",
    Candidate.password_hash: "",
    Candidate.title: "",
    Candidate.first_name: "",
    Candidate.last_name: "",
    Candidate.name_key: "",
    Candidate.secret_question: "",
    Candidate.secret_answer_hash: "",
    Candidate.return_to: None,
    Candidate.address: "",
    Candidate.postal_code: "",
    Candidate.city: "",
    Candidate.country: "",
    Candidate.phone: "",
    Candidate.nationality: "",
    Candidate.level: "",
    Candidate.situation: "",
    Candidate.languages: "",
    Candidate.profile_cv: None,
    Candidate.deletes_at: None,
    Candidate.warned_at: None,
    Candidate.bounced_at: None,
    Candidate.bounce_said: "",
}


async def erase_candidate(
    candidate_id: UUID,
    *,
    is_due: Callable[[Mapping[str, Any]], bool],
    reason: Reason,
    terms: Terms,
    now: datetime,
) -> bool:
    """Withdraw what is live, tell everybody, and erase; all of it or nothing. False when it is not due (any more).

    `is_due` is asked about the row once it is held. A decision that has not been told yet is undone first.
    Raises Conflict while a decision is on its way to its candidate: try again a little later.
    """
    async with write_transaction():
        candidate = await held_candidate(candidate_id)
        if candidate is None or not is_due(candidate):
            return False
        applications = await held_applications(candidate_id)
        await adopt_mails(candidate)
        await _cancel_waiting_mails(candidate_id, now)
        withdrawn = await _withdraw_all(candidate_id, applications, terms=terms, now=now)
        await _say_farewell(candidate, withdrawn, reason, now)
        await _erase_rows(candidate_id, [row["id"] for row in applications])
        await Candidate.update(
            _NOBODY | {Candidate.email_key: f"erased:{candidate_id}", Candidate.erased_at: now}
        ).where(Candidate.id == candidate_id)
    return True


async def _cancel_waiting_mails(candidate_id: UUID, now: datetime) -> None:
    """Links, passwords and news about an account that is gone are of use to nobody."""
    waiting = (
        (Outbox.subject_type == "candidate")
        & (Outbox.subject_id == candidate_id)
        & Outbox.state.is_in([PENDING, HELD])
    )
    await Outbox.update({Outbox.state: CANCELLED, Outbox.settled_at: now, Outbox.secret: None}).where(waiting)


@dataclass(frozen=True, slots=True)
class _LeavingAnnouncer:
    """The employer gets a message; the candidate hears of all applications in one mail, the farewell."""

    async def __call__(self, step: Step, tells: Mapping[str, str]) -> Sequence[Announcement]:
        others = {audience: kind for audience, kind in tells.items() if audience in ("employer", PROGRAMS)}
        return await ApplicationAnnouncer(message=say(EMPLOYER_LANGUAGE, _MESSAGE))(step, others)


async def _withdraw_all(
    candidate_id: UUID, applications: Sequence[Mapping[str, Any]], *, terms: Terms, now: datetime
) -> list[UUID]:
    """Withdraw every application whose candidate knows of no end; which they were."""
    ids = [row["id"] for row in applications]
    steps = await history.steps_of(ApplicationMachine.subject, ids)
    withdrawn = []
    for application_id in ids:
        last = steps[application_id][-1]
        if last.is_held(now):
            await _take_back(application_id, terms=terms, now=now)
        elif last.to_state not in LIVE:
            continue
        await fire(
            ApplicationMachine,
            application_id,
            "withdraw",
            candidate_actor(candidate_id),
            terms=terms,
            now=now,
            announce=_LeavingAnnouncer(),
        )
        withdrawn.append(application_id)
    return withdrawn


async def _take_back(application_id: UUID, *, terms: Terms, now: datetime) -> None:
    try:
        await fire(ApplicationMachine, application_id, UNDO, CLOCK, terms=terms, now=now)
    except UndoTooLate:
        raise Conflict from None


async def _say_farewell(
    candidate: Mapping[str, Any], withdrawn: Sequence[UUID], reason: Reason, now: datetime
) -> None:
    rows = (
        await Application.select(Application.offer).where(Application.id.is_in(list(withdrawn)))
        if withdrawn
        else []
    )
    offers = await offers_by_ids([row["offer"] for row in rows])
    titles = sorted(
        clean_line(f"{offer.title(candidate['language'])} ({offer.reference})") for offer in offers
    )
    await tell_of_data(
        candidate, "account_deleted", str(candidate["id"]), now=now, reason=reason, withdrawn=titles
    )


async def _erase_rows(candidate_id: UUID, application_ids: Sequence[UUID]) -> None:
    """In the order that the references ask for: who points at a document goes before it."""
    await erase_words(application_ids)
    await erase_reviews(application_ids)
    await Application.update(
        {
            Application.covering_letter: None,
            Application.covering_letter_text: "",
            Application.cv: None,
            Application.cv_url: "",
        }
    ).where(Application.candidate == candidate_id)
    await Draft.delete().where(Draft.candidate == candidate_id)
    await Document.delete().where(Document.candidate == candidate_id)
    await Archive.delete().where(Archive.candidate == candidate_id)
    await AlertTold.delete().where(AlertTold.candidate == candidate_id)
    await Alert.delete().where(Alert.candidate == candidate_id)
    await CandidateSession.delete().where(CandidateSession.candidate == candidate_id)
    await CandidateLink.delete().where(CandidateLink.candidate == candidate_id)
    await TemporaryPassword.delete().where(TemporaryPassword.candidate == candidate_id)
    await Registration.delete().where(Registration.candidate_id == candidate_id)
    await IdempotencyKey.delete().where(IdempotencyKey.actor_id == candidate_actor(candidate_id).id)


async def erase_words(application_ids: Sequence[UUID]) -> None:
    """Erase the words and salts of all notes about some applications; their histories still verify."""
    if not application_ids:
        return
    about = (History.subject_type == ApplicationMachine.subject) & History.subject_id.is_in(
        list(application_ids)
    )
    await HistoryNote.delete().where(HistoryNote.history.is_in(History.select(History.id).where(about)))
