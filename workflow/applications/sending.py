"""Sending an application (P2–P4): in one step, or as the draft that was looked over."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from workflow.applications.announcements import ApplicationAnnouncer, Facts
from workflow.applications.commands import candidate_actor
from workflow.applications.draft_queries import draft_of_candidate
from workflow.applications.drafts import forget_draft
from workflow.applications.machine import ApplicationMachine
from workflow.applications.queries import has_applied
from workflow.applications.submission import (
    ApplicationForm,
    Documents,
    accept_form,
    open_offer,
    require_none,
    require_open,
    word_errors,
)
from workflow.applications.tables import Application
from workflow.candidates.holding import hold_candidate
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction
from workflow.documents.commands import COVERING_LETTER, CV, record_document
from workflow.engine.machine import Terms
from workflow.engine.moves import lock, start
from workflow.errors import AlreadyApplied, DraftChanged, NotFound
from workflow.offers.queries import OfferView, offer_by_id
from workflow.offers.tables import Offer
from workflow.webhooks.events import STATUS_CHANGED, is_wanted


async def submit_application(
    candidate_id: UUID,
    reference: str,
    form: ApplicationForm,
    *,
    documents: Documents,
    terms: Terms,
    now: datetime,
    new_id: Callable[[], UUID] = uuid4,
) -> UUID:
    """Apply to an open offer in one step; the new application's id. A draft that there was is forgotten.

    One live application per candidate and offer: the unique index decides, also between two machines.
    Raises NotFound, OfferNotOpen, AlreadyApplied, InvalidInput, AuthenticationRequired.
    """
    offer = await open_offer(reference, now=now, zone=terms.zone)
    accepted = await accept_form(form, documents)
    async with write_transaction():
        candidate = await _hold(candidate_id, offer, terms=terms, now=now)
        values = {
            "covering_letter_text": accepted.letter_text,
            "cv_url": accepted.cv_url,
            CV: candidate["profile_cv"],
        }
        for file in accepted.files:
            values[file.kind] = new_id()
            await record_document(file, document_id=values[file.kind], candidate_id=candidate_id, now=now)
        return await _send(candidate, offer, values, terms=terms, now=now, new_id=new_id)


async def submit_draft(
    candidate_id: UUID,
    reference: str,
    mark: str,
    *,
    terms: Terms,
    now: datetime,
    new_id: Callable[[], UUID] = uuid4,
) -> UUID:
    """Send a draft as it was looked at: `mark` is that of the draft then. The new application's id.

    Raises NotFound (no draft), OfferNotOpen, AlreadyApplied, DraftChanged, InvalidInput,
    AuthenticationRequired.
    """
    offer = await open_offer(reference, now=now, zone=terms.zone)
    async with write_transaction():
        candidate = await _hold(candidate_id, offer, terms=terms, now=now)
        draft = await draft_of_candidate(candidate_id, offer.id, now=now)
        if draft is None:
            raise NotFound
        if draft.mark != mark:
            raise DraftChanged
        require_none(word_errors(draft.covering_letter_text, draft.cv_url, draft.covering_letter is not None))
        values = {
            "covering_letter_text": draft.covering_letter_text,
            "cv_url": draft.cv_url,
            COVERING_LETTER: draft.covering_letter and draft.covering_letter.id,
            CV: draft.sent_cv and draft.sent_cv.id,
        }
        return await _send(candidate, offer, values, terms=terms, now=now, new_id=new_id)


async def _hold(candidate_id: UUID, offer: OfferView, *, terms: Terms, now: datetime) -> Mapping[str, Any]:
    """Wait for whatever else this candidate does and happens to this offer, and look once more; the candidate's row."""
    candidate = await hold_candidate(candidate_id, now=now)
    await lock(Offer, offer.id)
    if await has_applied(candidate_id, offer.id):
        raise AlreadyApplied
    require_open(await offer_by_id(offer.id), now=now, zone=terms.zone)
    return candidate


async def _send(
    candidate: Mapping[str, Any],
    offer: OfferView,
    values: Mapping[str, Any],
    *,
    terms: Terms,
    now: datetime,
    new_id: Callable[[], UUID],
) -> UUID:
    """Write the application and its first step, and tell of it (P3)."""
    application_id = new_id()
    has_listeners = await is_wanted(STATUS_CHANGED)
    step = await start(
        ApplicationMachine,
        application_id,
        candidate_actor(candidate["id"]),
        terms=terms,
        now=now,
        announce=ApplicationAnnouncer(
            facts=Facts.of(application_id, candidate, offer, has_listeners=has_listeners)
        ),
    )
    await Application.insert(
        Application(
            id=application_id,
            candidate=candidate["id"],
            offer=offer.id,
            status=step.to_state,
            version=step.version,
            submitted_at=now,
            **values,
        )
    )
    await forget_draft(candidate["id"], offer.id)
    await Candidate.update({Candidate.return_to: None}).where(Candidate.id == candidate["id"])
    return application_id
