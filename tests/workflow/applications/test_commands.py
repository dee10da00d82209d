"""Applying, withdrawing, cancelling: the rules of P2–P7, decisions 2 and 11."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.support.house import ZONE, House
from workflow.applications.board import Filters, matching_applications
from workflow.applications.commands import (
    cancel_offer,
    move_application,
    withdraw_application,
)
from workflow.applications.drafts import save_draft
from workflow.applications.queries import (
    application_for_staff,
    application_of_candidate,
    applications_of_candidate,
)
from workflow.applications.sending import submit_application, submit_draft
from workflow.applications.submission import ApplicationForm
from workflow.applications.tables import Application
from workflow.documents.commands import Upload
from workflow.documents.tables import Document
from workflow.engine.tables import Outbox
from workflow.errors import (
    AlreadyApplied,
    FieldError,
    IllegalEvent,
    InvalidInput,
    NotFound,
    OfferNotOpen,
    StaleVersion,
)
from workflow.offers.commands import move_offer
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember


async def mails(kind_like: str = "%") -> list[tuple[str, str | None, str]]:
    rows = await Outbox.select().where(Outbox.kind.like(kind_like)).order_by(Outbox.id)
    return [(row["kind"], row["recipient"], row["state"]) for row in rows if row["recipient"]]


async def test_applying_tells_candidate_and_employer(staff: StaffMember, house: House, now: datetime) -> None:
    candidate = await house.candidate(email="chloe@example.org")
    application_id = await house.application(candidate, cv_url="https://example.org/me")
    application = await application_of_candidate(candidate, application_id, now=now)
    assert application is not None
    assert (application.status, application.version, application.actions) == ("submitted", 1, ("withdraw",))
    assert (application.covering_letter_text, application.cv_url) == (
        "I would like to join you.",
        "https://example.org/me",
    )
    assert await mails() == [
        ("application_submitted", "chloe@example.org", "pending"),
        ("application_received", "lab1@example.org", "pending"),
    ]


async def test_an_offer_may_keep_its_contact_untold(database: str, house: House) -> None:
    unit = await house.unit()
    staff = await house.recruiter(unit)
    await house.offer(staff, unit, tells_contact=False)
    await house.application(await house.candidate(email="c@example.org"))
    assert await mails() == [("application_submitted", "c@example.org", "pending")]


async def test_a_covering_letter_is_required_and_every_mistake_is_told(
    staff: StaffMember, house: House
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await house.application(
            await house.candidate(),
            covering_letter_text=" ",
            cv_url="javascript:alert(1)",
            cv=Upload("cv.pdf", b"not a pdf at all"),
        )
    assert [error.field for error in caught.value.errors] == ["covering_letter", "cv_url", "cv"]
    assert (await Document.count(), await Outbox.count().where(Outbox.recipient.is_not_null())) == (0, 0)


NOTHING = ["\u200b", "\u2060\n\u2060", "\u00ad", "\u3164", "\u2800", "- \n-", "•\n•", "*\n\u200b"]
"""Letters in which nothing stands."""


@pytest.mark.parametrize("text", NOTHING, ids=ascii)
async def test_a_letter_that_says_nothing_is_none(
    staff: StaffMember, house: House, now: datetime, text: str
) -> None:
    candidate = await house.candidate()
    with pytest.raises(InvalidInput) as caught:
        await house.application(candidate, covering_letter_text=text)
    errors = (FieldError("covering_letter", "Attach a covering letter, or write one."),)
    assert caught.value.errors == errors
    form = ApplicationForm(covering_letter_text=text)
    saved = await save_draft(
        candidate, "REF-1", form, documents=house.documents, zone=house.terms.zone, now=now
    )
    assert saved.draft is not None
    assert saved.unfinished == errors
    with pytest.raises(InvalidInput):
        await submit_draft(candidate, "REF-1", saved.draft.mark, terms=house.terms, now=now)
    assert not await Application.exists()


async def test_of_simultaneous_applications_one_is_accepted(staff: StaffMember, house: House) -> None:
    candidate = await house.candidate()

    async def attempt() -> str:
        try:
            await house.application(candidate)
        except AlreadyApplied:
            return "refused"
        return "accepted"

    outcomes = await asyncio.gather(*(attempt() for _ in range(10)))
    assert sorted(outcomes) == ["accepted"] + ["refused"] * 9


async def test_after_withdrawing_one_may_apply_again(staff: StaffMember, house: House, now: datetime) -> None:
    candidate = await house.candidate()
    first = await house.application(candidate)
    await withdraw_application(candidate, first, None, terms=house.terms, now=now)
    second = await house.application(candidate)
    found = await applications_of_candidate(candidate, now=now)
    assert {a.id: a.status for a in found} == {first: "withdrawn", second: "submitted"}


async def test_a_closed_offer_takes_no_applications(staff: StaffMember, house: House, now: datetime) -> None:
    candidate = await house.candidate()
    await move_offer(staff, "REF-1", "close", terms=house.terms, now=now)
    with pytest.raises(OfferNotOpen):
        await house.application(candidate)


async def test_an_offer_is_open_until_the_end_of_its_last_day(
    staff: StaffMember, house: House, now: datetime
) -> None:
    last_day = await Offer.select(Offer.closes_on).first()
    assert last_day is not None
    evening = datetime.combine(last_day["closes_on"], datetime.min.time(), ZONE) + timedelta(
        hours=23, minutes=59
    )

    async def apply_at(instant: datetime) -> None:
        await submit_application(
            await house.candidate(),
            "REF-1",
            ApplicationForm(covering_letter_text="Hello"),
            documents=house.documents,
            terms=house.terms,
            now=instant,
        )

    await apply_at(evening)
    with pytest.raises(OfferNotOpen):
        await apply_at(evening + timedelta(minutes=1))


async def test_withdrawing_with_a_message_tells_the_employer_and_copies_the_candidate(
    staff: StaffMember, house: House, now: datetime
) -> None:
    candidate = await house.candidate(email="c@example.org")
    application_id = await house.application(candidate)
    await withdraw_application(candidate, application_id, "I found another post.", terms=house.terms, now=now)
    assert (await mails())[2:] == [
        ("application_withdrawn", "c@example.org", "pending"),
        ("withdrawal_message", "lab1@example.org", "pending"),
        ("withdrawal_message_copy", "c@example.org", "pending"),
    ]


async def test_withdrawing_without_a_message_tells_the_candidate_alone(
    staff: StaffMember, house: House, now: datetime
) -> None:
    candidate = await house.candidate(email="c@example.org")
    application_id = await house.application(candidate)
    await withdraw_application(candidate, application_id, None, terms=house.terms, now=now)
    assert (await mails())[2:] == [("application_withdrawn", "c@example.org", "pending")]
    with pytest.raises(IllegalEvent):
        await withdraw_application(candidate, application_id, None, terms=house.terms, now=now)


async def test_nobody_withdraws_the_application_of_another(
    staff: StaffMember, house: House, now: datetime
) -> None:
    application_id = await house.application(await house.candidate())
    other = await house.candidate("Bob")
    with pytest.raises(NotFound):
        await withdraw_application(other, application_id, None, terms=house.terms, now=now)
    assert await application_of_candidate(other, application_id, now=now) is None


async def test_a_held_decision_is_invisible_until_it_is_told(
    staff: StaffMember, house: House, now: datetime
) -> None:
    candidate = await house.candidate()
    application_id = await house.application(candidate)
    await move_application(staff, application_id, "consider", terms=house.terms, now=now)
    await move_application(staff, application_id, "reject", note="No", terms=house.terms, now=now)

    async def seen(minutes: int) -> Any:
        found = await application_of_candidate(
            candidate, application_id, now=now + timedelta(minutes=minutes)
        )
        assert found is not None
        return found.status, found.version, found.actions, len(found.history)

    assert await seen(14) == ("under_consideration", 2, ("withdraw",), 2)
    assert await seen(15) == ("rejected", 3, (), 3)


async def test_withdrawing_during_the_grace_undoes_the_decision_first(
    staff: StaffMember, house: House, now: datetime
) -> None:
    candidate = await house.candidate(email="c@example.org")
    application_id = await house.application(candidate)
    await move_application(staff, application_id, "consider", terms=house.terms, now=now)
    await move_application(staff, application_id, "accept", terms=house.terms, now=now)
    await withdraw_application(
        candidate, application_id, None, terms=house.terms, now=now, expected_version=2
    )
    own = await application_of_candidate(candidate, application_id, now=now + timedelta(days=1))
    whole = await application_for_staff(staff, application_id, now=now)
    assert own is not None
    assert whole is not None
    assert [step.event for step in own.history] == ["submit", "consider", "withdraw"]
    assert [step.event for step in whole.history] == ["submit", "consider", "accept", "undo", "withdraw"]
    assert ("application_successful", "c@example.org", "cancelled") in await mails()


async def test_a_stale_withdrawal_is_refused(staff: StaffMember, house: House, now: datetime) -> None:
    candidate = await house.candidate()
    application_id = await house.application(candidate)
    await move_application(staff, application_id, "consider", terms=house.terms, now=now)
    with pytest.raises(StaleVersion):
        await withdraw_application(
            candidate, application_id, None, terms=house.terms, now=now, expected_version=1
        )


async def test_cancelling_an_offer_rejects_live_applications_with_their_own_message(
    staff: StaffMember, house: House, now: datetime
) -> None:
    live, gone = (
        await house.candidate(email="live@example.org"),
        await house.candidate(email="gone@example.org"),
    )
    live_id, gone_id = await house.application(live), await house.application(gone)
    await withdraw_application(gone, gone_id, None, terms=house.terms, now=now)
    assert await cancel_offer(staff, "REF-1", terms=house.terms, now=now) == 1
    told = await application_of_candidate(live, live_id, now=now)
    assert told is not None
    assert told.status == "rejected"
    assert await mails("application_offer_cancelled") == [
        ("application_offer_cancelled", "live@example.org", "pending")
    ]


async def test_recruiters_see_and_move_only_what_is_of_their_units(
    house: House, database: str, now: datetime
) -> None:
    own_unit, other_unit = await house.unit("LAB1"), await house.unit("LAB2")
    staff, other = await house.recruiter(own_unit), await house.recruiter(other_unit, name="Otto")
    administrator = await house.recruiter(name="Ada", is_administrator=True)
    await house.offer(staff, own_unit)
    application_id = await house.application(await house.candidate())
    assert await matching_applications(staff, Filters(), now=now) == (application_id,)
    assert await matching_applications(administrator, Filters(), now=now) == (application_id,)
    assert await matching_applications(other, Filters(), now=now) == ()
    assert await application_for_staff(other, application_id, now=now) is None
    for unknown in (application_id, uuid4()):
        with pytest.raises(NotFound):
            await move_application(other, unknown, "consider", terms=house.terms, now=now)


async def test_undo_is_offered_while_held_and_reopen_after(
    staff: StaffMember, house: House, now: datetime
) -> None:
    application_id = await house.application(await house.candidate())
    await move_application(staff, application_id, "consider", terms=house.terms, now=now)
    await move_application(staff, application_id, "accept", terms=house.terms, now=now)

    async def moves(minutes: int) -> tuple[str, ...]:
        found = await application_for_staff(staff, application_id, now=now + timedelta(minutes=minutes))
        assert found is not None
        return found.moves

    assert await moves(1) == ("undo",)
    assert await moves(15) == ("reopen",)
