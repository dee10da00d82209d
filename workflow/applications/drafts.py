"""Applications that are being prepared: kept as they are written, so that nothing is typed or attached twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from workflow.applications.draft_queries import DRAFTS_KEPT, DraftView, draft_of_candidate, words_mark
from workflow.applications.queries import has_applied
from workflow.applications.submission import (
    LONGEST_WORDS,
    URL_LENGTH,
    AcceptedForm,
    ApplicationForm,
    Documents,
    open_offer,
    take_form,
    word_errors,
)
from workflow.applications.tables import Draft
from workflow.candidates.holding import held_candidate, hold_candidate
from workflow.checks import clean_line, clean_text
from workflow.database.connection import write_transaction
from workflow.documents.commands import COVERING_LETTER, CV, record_document
from workflow.engine.statements import delete_unheld
from workflow.errors import AlreadyApplied, FieldError
from workflow.offers.queries import OfferView


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """What became of a form. `draft`: None where nothing is left in it.

    `refused`: files that were not taken; `unfinished`: what stands in the way of sending it. `clash`: the words
    were changed elsewhere after the form had been made; those are still in the draft, and the form's are not.
    """

    draft: DraftView | None
    refused: tuple[FieldError, ...]
    unfinished: tuple[FieldError, ...]
    clash: bool


async def save_draft(
    candidate_id: UUID,
    reference: str,
    form: ApplicationForm,
    *,
    seen: str = "",
    on_its_way: str = "",
    removed: frozenset[str] = frozenset(),
    documents: Documents,
    zone: ZoneInfo,
    now: datetime,
    new_id: Callable[[], UUID] = uuid4,
) -> SavedDraft:
    """Keep what a form holds, finished or not; each accepted file stays, whatever else is wrong.

    `seen`: the `words_mark` of the draft that the form was made from, or "" for none; `on_its_way`: that of words
    which the same form sent before, without knowing whether they arrived; `removed`: kinds of files to take away.
    Raises NotFound, OfferNotOpen, AlreadyApplied, AuthenticationRequired, and InvalidInput for words without end.
    """
    offer = await open_offer(reference, now=now, zone=zone)
    taken = await take_form(form, documents)
    async with write_transaction():
        await hold_candidate(candidate_id, now=now)
        if await has_applied(candidate_id, offer.id):
            raise AlreadyApplied
        before = await draft_of_candidate(candidate_id, offer.id, now=now)
        clash = _is_clash(before, taken, {seen, on_its_way})
        values = _kept_words(before, taken, clash) | _kept_files(before, removed)
        for file in taken.files:
            values[file.kind] = new_id()
            await record_document(file, document_id=values[file.kind], candidate_id=candidate_id, now=now)
        await _write(candidate_id, offer, values, now=now, new_id=new_id)
        draft = await draft_of_candidate(candidate_id, offer.id, now=now)
    return SavedDraft(draft, taken.refused, _unfinished(draft, taken), clash)


def mark_of_typed(letter_text: str, cv_url: str) -> str:
    """The `words_mark` that a draft has once these words are saved."""
    return words_mark(clean_text(letter_text[:LONGEST_WORDS]), clean_line(cv_url[:LONGEST_WORDS]))


def _is_clash(before: DraftView | None, taken: AcceptedForm, seen: set[str]) -> bool:
    """Nobody's words are overwritten unseen; the same words, or none there before, harm nobody."""
    mine = words_mark(taken.letter_text, taken.cv_url)
    return before is not None and before.has_words and before.words_mark not in seen | {mine}


def _kept_words(before: DraftView | None, taken: AcceptedForm, clash: bool) -> dict[str, Any]:
    text, url = (before.covering_letter_text, before.cv_url) if before else ("", "")
    if not clash:
        text = taken.letter_text
    if not clash and len(taken.cv_url) <= URL_LENGTH:
        url = taken.cv_url
    return {"covering_letter_text": text, "cv_url": url}


def _kept_files(before: DraftView | None, removed: frozenset[str]) -> dict[str, Any]:
    files = {COVERING_LETTER: before.covering_letter, CV: before.cv} if before else {}
    return {kind: file.id for kind, file in files.items() if file and kind not in removed}


def _unfinished(draft: DraftView | None, taken: AcceptedForm) -> tuple[FieldError, ...]:
    """A letter that was refused is told as that alone; nobody is asked for one besides."""
    was_refused = any(error.field == COVERING_LETTER for error in taken.refused)
    has_letter = was_refused or (draft is not None and draft.covering_letter is not None)
    return tuple(word_errors(taken.letter_text, taken.cv_url, has_letter))


async def _write(
    candidate_id: UUID,
    offer: OfferView,
    values: Mapping[str, Any],
    *,
    now: datetime,
    new_id: Callable[[], UUID],
) -> None:
    """A draft is written anew each time; one without anything in it is none."""
    await forget_draft(candidate_id, offer.id)
    if any(values.values()):
        await Draft.insert(
            Draft(id=new_id(), candidate=candidate_id, offer=offer.id, changed_at=now, **values)
        )


async def discard_draft(candidate_id: UUID, offer_id: UUID) -> None:
    """Throw a draft away; nothing happens where there is none. Its files go with the next clean-up."""
    async with write_transaction():
        await held_candidate(candidate_id)
        await forget_draft(candidate_id, offer_id)


async def forget_draft(candidate_id: UUID, offer_id: UUID) -> None:
    """Delete a draft, inside the caller's transaction."""
    await Draft.delete().where((Draft.candidate == candidate_id) & (Draft.offer == offer_id))


async def drop_old_drafts(*, now: datetime) -> None:
    """Delete the drafts that nobody has touched for 30 days, inside the caller's transaction."""
    await delete_unheld(Draft, Draft.changed_at <= now - DRAFTS_KEPT)
