"""What recruiters write about applications among themselves: notes and ratings (C7). No candidate is shown them."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

from workflow.applications.tables import Application
from workflow.audit.recording import note_change
from workflow.candidates.holding import held_candidate
from workflow.checks import Checks
from workflow.database.connection import write_transaction
from workflow.errors import CandidateLeft, FieldError, InvalidInput, NotFound
from workflow.language import N_
from workflow.recruiters.queries import StaffMember
from workflow.reviews.tables import ApplicationNote, ApplicationRating

NOTE_LENGTH = 5_000
MOST_STARS = 5

_SUBJECT = "application"


async def write_note(
    staff: StaffMember,
    application_id: UUID,
    words: str,
    *,
    now: datetime,
    new_id: Callable[[], UUID] = uuid4,
) -> UUID:
    """Write a note for one's colleagues; its id.

    Raises NotFound for an application of others, CandidateLeft, InvalidInput for no words or too many.
    """
    checks = Checks({"words": words})
    written = checks.text("words", maximum=NOTE_LENGTH, required=True)
    checks.finish()
    async with write_transaction():
        unit = await _hold(staff, application_id)
        note_id = new_id()
        await ApplicationNote.insert(
            ApplicationNote(
                id=note_id, application=application_id, recruiter=staff.id, words=written, written_at=now
            )
        )
        # Not its words: the audit is for good, and what is written of a candidate goes with the account.
        await note_change(staff.actor, "note.written", (_SUBJECT, application_id), now=now, unit_id=unit)
    return note_id


async def delete_note(staff: StaffMember, application_id: UUID, note_id: UUID, *, now: datetime) -> None:
    """Delete a note of one's own. Raises NotFound for one of others, or that is gone, and CandidateLeft."""
    mine = (
        (ApplicationNote.id == note_id)
        & (ApplicationNote.application == application_id)
        & (ApplicationNote.recruiter == staff.id)
    )
    async with write_transaction():
        unit = await _hold(staff, application_id)
        if not await ApplicationNote.exists().where(mine):
            raise NotFound
        await ApplicationNote.delete().where(mine)
        await note_change(staff.actor, "note.deleted", (_SUBJECT, application_id), now=now, unit_id=unit)


async def rate_application(
    staff: StaffMember, application_id: UUID, stars: int | None, *, now: datetime
) -> None:
    """Give an application one to five stars, other ones than before, or take one's own back (None).

    Raises NotFound for an application of others, CandidateLeft, InvalidInput for another number of stars.
    """
    if stars is not None and not 1 <= stars <= MOST_STARS:
        raise InvalidInput([FieldError("stars", N_("Give one to five stars."))])
    mine = (ApplicationRating.application == application_id) & (ApplicationRating.recruiter == staff.id)
    async with write_transaction():
        unit = await _hold(staff, application_id)
        before = await ApplicationRating.select(ApplicationRating.stars).where(mine).first()
        if (before["stars"] if before else None) == stars:
            return
        await ApplicationRating.delete().where(mine)
        if stars is not None:
            await ApplicationRating.insert(
                ApplicationRating(application=application_id, recruiter=staff.id, stars=stars, rated_at=now)
            )
        action = "rating.given" if stars is not None else "rating.cleared"
        await note_change(staff.actor, action, (_SUBJECT, application_id), now=now, unit_id=unit)


async def _hold(staff: StaffMember, application_id: UUID) -> int:
    """Hold the candidate, as whoever writes anything of theirs does: an erasure comes before, or after. The unit."""
    row = (
        await Application.select(Application.candidate, Application.offer.unit.as_alias("unit"))
        .where(Application.id == application_id)
        .first()
    )
    if row is None or not staff.sees_unit(row["unit"]):
        raise NotFound
    if await held_candidate(row["candidate"]) is None:
        raise CandidateLeft
    return int(row["unit"])
