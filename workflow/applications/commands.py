"""What candidates and recruiters do with applications that were sent: withdraw, move."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from workflow.applications.announcements import ApplicationAnnouncer
from workflow.applications.machine import LIVE, ApplicationMachine
from workflow.applications.queries import undecided_applications, visible_applications
from workflow.applications.tables import Application
from workflow.checks import Checks, clean_text
from workflow.database.connection import write_transaction
from workflow.engine import history
from workflow.engine.history import Step, as_told
from workflow.engine.machine import UNDO, Actor, Terms
from workflow.engine.many import Move, Outcome, fire_many
from workflow.engine.moves import fire, lock, require_version
from workflow.errors import (
    Conflict,
    FieldError,
    IllegalEvent,
    InvalidInput,
    NotFound,
    UndoTooLate,
)
from workflow.language import LANGUAGES, N_
from workflow.offers.commands import announce_offer, offer_of_staff
from workflow.offers.machine import OfferMachine
from workflow.recruiters.queries import StaffMember
from workflow.roles import CANDIDATE, CLOCK

MESSAGE_LENGTH = 5_000
PARAGRAPH_LENGTH = 3_000


_NO_PARAGRAPHS: Mapping[str, str] = {}


def candidate_actor(candidate_id: UUID) -> Actor:
    """How the history names a candidate."""
    return Actor(f"candidate:{candidate_id}", CANDIDATE)


async def withdraw_application(
    candidate_id: UUID,
    application_id: UUID,
    message: str | None,
    *,
    terms: Terms,
    now: datetime,
    expected_version: int | None = None,
) -> Step:
    """Withdraw (P7); with a message the employer gets it and the candidate a copy, with None nobody but the candidate.

    A decision that has not been told yet is undone first, in the same transaction: the candidate
    cannot know of it. Raises NotFound, IllegalEvent, StaleVersion, UnknownVersion,
    InvalidInput.
    """
    words = None if message is None else clean_text(message)
    if words is not None and not 1 <= len(words) <= MESSAGE_LENGTH:
        text = N_("Write a message of 1 to {maximum} characters, or withdraw without a message.")
        raise InvalidInput([FieldError("message", text, {"maximum": MESSAGE_LENGTH})])
    async with write_transaction():
        await _require_own(candidate_id, application_id)
        await lock(Application, application_id)
        steps = (await history.steps_of(ApplicationMachine.subject, [application_id]))[application_id]
        told = history.told_steps(steps, now)
        require_version(expected_version, len(told), as_told(told))
        if steps[-1].is_held(now):
            await _take_back(application_id, terms=terms, now=now)
        return await fire(
            ApplicationMachine,
            application_id,
            "withdraw",
            candidate_actor(candidate_id),
            terms=terms,
            now=now,
            announce=ApplicationAnnouncer(message=words),
        )


async def _take_back(application_id: UUID, *, terms: Terms, now: datetime) -> None:
    """Undo a decision that its candidate does not know of; at its very last moment, ask to look again."""
    try:
        await fire(ApplicationMachine, application_id, UNDO, CLOCK, terms=terms, now=now)
    except UndoTooLate:
        raise Conflict from None


async def _require_own(candidate_id: UUID, application_id: UUID) -> None:
    mine = (Application.id == application_id) & (Application.candidate == candidate_id)
    if not await Application.exists().where(mine):
        raise NotFound


async def move_application(
    staff: StaffMember,
    application_id: UUID,
    event: str,
    *,
    terms: Terms,
    now: datetime,
    expected_version: int | None = None,
    note: str = "",
    paragraph: str = "",
    idempotency_key: str | None = None,
) -> Step:
    """Fire one of the recruiters' events on an application of their own units (C1, C3).

    `paragraph`: words of the recruiter's own in the mail to the candidate (C6). With an `idempotency_key` a
    repeat within 24 hours changes nothing and gives the step of the first time (W2). Raises NotFound for an
    application of others, InvalidInput for a paragraph that is too long, IdempotencyMismatch, and the errors
    of `fire`.
    """
    words = checked_paragraph("paragraph", paragraph)
    async with write_transaction():
        return await fire_as_recruiter(
            staff,
            application_id,
            event,
            terms=terms,
            now=now,
            expected_version=expected_version,
            note=note,
            words=words,
            idempotency_key=idempotency_key,
        )


async def fire_as_recruiter(
    staff: StaffMember,
    application_id: UUID,
    event: str,
    *,
    terms: Terms,
    now: datetime,
    expected_version: int | None = None,
    note: str = "",
    words: str = "",
    idempotency_key: str | None = None,
) -> Step:
    """`move_application` within the caller's transaction; `words`: the paragraph, checked already."""
    if not await visible_applications(staff, [application_id]):
        raise NotFound
    return await fire(
        ApplicationMachine,
        application_id,
        event,
        staff.actor,
        terms=terms,
        now=now,
        announce=ApplicationAnnouncer(paragraphs=dict.fromkeys(LANGUAGES, words)),
        expected_version=expected_version,
        note=clean_text(note),
        idempotency_key=idempotency_key,
        also_asked=[words] if words else (),
    )


def checked_paragraph(field: str, paragraph: str) -> str:
    """A recruiter's own words for a mail, cleaned. Raises InvalidInput naming the field when they are too many."""
    checks = Checks({field: paragraph})
    words = checks.text(field, maximum=PARAGRAPH_LENGTH)
    checks.finish()
    return words


async def move_applications(
    staff: StaffMember,
    moves: Sequence[Move],
    *,
    terms: Terms,
    now: datetime,
    paragraphs: Mapping[str, str] = _NO_PARAGRAPHS,
) -> AsyncGenerator[Outcome, None]:
    """Many of `move_application` at once (C3): each succeeds or is reported on its own, as `fire_many` says.

    Applications of others are reported first, as NotFound. `paragraphs`: language → words for the candidates
    who read it, checked already.
    """
    visible = await visible_applications(staff, [move.subject_id for move in moves])
    for move in moves:
        if move.subject_id not in visible:
            yield Outcome(move, error=NotFound())
    async for outcome in fire_many(
        ApplicationMachine,
        [replace(move, note=clean_text(move.note)) for move in moves if move.subject_id in visible],
        staff.actor,
        transaction=write_transaction,
        terms=terms,
        now=now,
        announce=ApplicationAnnouncer(paragraphs=paragraphs),
    ):
        yield outcome


async def cancel_offer(
    staff: StaffMember,
    reference: str,
    *,
    terms: Terms,
    now: datetime,
    expected_version: int | None = None,
    paragraphs: Mapping[str, str] = _NO_PARAGRAPHS,
) -> int:
    """Cancel an offer and reject its undecided applications with a message of their own (C2); how many they were.

    `paragraphs`: language → words that the message adds, checked already. A decision that has not been told yet
    is undone first: its candidate hears what all others hear, at once.
    """
    async with write_transaction():
        offer = await offer_of_staff(staff, reference)
        await fire(
            OfferMachine,
            offer.id,
            "cancel",
            staff.actor,
            terms=terms,
            now=now,
            announce=announce_offer,
            expected_version=expected_version,
        )
        undecided = await undecided_applications(offer.id, now=now)
        announce = ApplicationAnnouncer(paragraphs=paragraphs)
        return sum([await _reject_with_offer(each, announce, terms=terms, now=now) for each in undecided])


async def _reject_with_offer(
    application_id: UUID, announce: ApplicationAnnouncer, *, terms: Terms, now: datetime
) -> bool:
    """False, and nothing done, where the candidate has withdrawn or knows of a decision by now."""
    row = await lock(Application, application_id)
    if row is None or row["status"] not in LIVE:
        try:
            await fire(ApplicationMachine, application_id, UNDO, CLOCK, terms=terms, now=now)
        except (IllegalEvent, UndoTooLate):
            return False
    await fire(ApplicationMachine, application_id, "cancel", CLOCK, terms=terms, now=now, announce=announce)
    return True
