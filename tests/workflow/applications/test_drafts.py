"""Applications that are being prepared: nothing is typed or attached twice, nothing is overwritten unseen."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.support.house import ZONE, House
from tests.support.locks import ON_POSTGRES, somebody_else
from tests.workflow.documents.making import pdf
from workflow.applications.draft_queries import DRAFTS_KEPT, DraftView, drafts_of_candidate
from workflow.applications.drafts import SavedDraft, discard_draft, drop_old_drafts, mark_of_typed, save_draft
from workflow.applications.queries import applications_of_candidate
from workflow.applications.sending import submit_draft
from workflow.applications.submission import LETTER_LENGTH, LONGEST_WORDS, ApplicationForm
from workflow.applications.tables import Application, Draft
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction
from workflow.documents.commands import COVERING_LETTER, CV, Upload, remove_profile_cv, set_profile_cv
from workflow.errors import (
    AlreadyApplied,
    AuthenticationRequired,
    DraftChanged,
    InvalidInput,
    NotFound,
    OfferNotOpen,
)
from workflow.offers.commands import move_offer
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember

LETTER = "I would like to join you."


@pytest.fixture
async def chloe(house: House, staff: StaffMember) -> UUID:
    return await house.candidate()


async def saved(house: House, candidate: UUID, now: datetime, **form: Any) -> SavedDraft:
    how = {name: form.pop(name) for name in ("seen", "on_its_way", "removed") if name in form}
    return await save_draft(
        candidate, "REF-1", ApplicationForm(**form), documents=house.documents, zone=ZONE, now=now, **how
    )


async def only_draft(candidate: UUID, now: datetime) -> DraftView:
    (draft,) = await drafts_of_candidate(candidate, now=now)
    return draft


async def test_a_form_is_kept_as_it_is(house: House, chloe: UUID, now: datetime) -> None:
    form = {
        "covering_letter": Upload("Letter.pdf", pdf()),
        "covering_letter_text": f"  {LETTER}\r\n",
        "cv": Upload("CV.pdf", pdf()),
        "cv_url": " https://example.org/me ",
    }
    result = await saved(house, chloe, now, **form)
    draft = await only_draft(chloe, now)
    assert result == SavedDraft(draft, (), (), clash=False)
    assert [file.filename for file in draft.documents] == ["Letter.pdf", "CV.pdf"]
    assert (draft.covering_letter_text, draft.cv_url) == (LETTER, "https://example.org/me")
    assert (draft.sent_cv, draft.changed_at, draft.offer.reference) == (draft.cv, now, "REF-1")


async def test_an_accepted_file_stays_whatever_else_is_wrong(
    house: House, chloe: UUID, now: datetime
) -> None:
    first = await saved(
        house,
        chloe,
        now,
        covering_letter=Upload("Letter.pdf", b"no PDF at all"),
        cv=Upload("CV.pdf", pdf()),
        cv_url="nowhere",
    )
    assert [error.field for error in first.refused] == ["covering_letter"]
    assert [error.field for error in first.unfinished] == ["cv_url"]
    assert first.draft is not None
    again = await saved(house, chloe, now, covering_letter_text=LETTER, seen=first.draft.words_mark)
    assert again.draft is not None
    assert (again.draft.cv, again.draft.covering_letter_text) == (first.draft.cv, LETTER)
    assert (again.refused, again.unfinished, again.clash) == ((), (), False)


async def test_files_can_be_taken_out_and_replaced(house: House, chloe: UUID, now: datetime) -> None:
    await saved(house, chloe, now, covering_letter=Upload("A.pdf", pdf()), cv=Upload("B.pdf", pdf()))
    removed = frozenset({COVERING_LETTER, CV})
    result = await saved(house, chloe, now, cv=Upload("C.pdf", pdf()), removed=removed)
    assert result.draft is not None
    assert [file.filename for file in result.draft.documents] == ["C.pdf"]


async def test_a_form_without_anything_in_it_is_no_draft(house: House, chloe: UUID, now: datetime) -> None:
    first = await saved(house, chloe, now, covering_letter_text=LETTER)
    assert first.draft is not None
    emptied = await saved(house, chloe, now, seen=first.draft.words_mark)
    assert (emptied.draft, emptied.clash) == (None, False)
    assert not await Draft.exists()


async def test_a_letter_that_is_too_long_is_kept_to_be_shortened(
    house: House, chloe: UUID, now: datetime
) -> None:
    text = "x" * (LETTER_LENGTH + 1)
    result = await saved(house, chloe, now, covering_letter_text=text)
    assert [error.field for error in result.unfinished] == ["covering_letter_text"]
    draft = await only_draft(chloe, now)
    assert draft.covering_letter_text == text
    with pytest.raises(InvalidInput):
        await submit_draft(chloe, "REF-1", draft.mark, terms=house.terms, now=now)


async def test_words_without_end_are_refused_before_anything_is_done(
    house: House, chloe: UUID, now: datetime
) -> None:
    begun = await saved(house, chloe, now, covering_letter_text="Begun")
    assert begun.draft is not None
    endless = {"covering_letter_text": "y" * (LONGEST_WORDS + 1), "cv_url": "z" * (LONGEST_WORDS + 1)}
    with pytest.raises(InvalidInput) as refused:
        await saved(house, chloe, now, cv=Upload("CV.pdf", pdf()), seen=begun.draft.words_mark, **endless)
    assert [(error.field, error.facts["length"]) for error in refused.value.errors] == [
        ("covering_letter_text", LONGEST_WORDS + 1),
        ("cv_url", LONGEST_WORDS + 1),
    ]
    assert (await only_draft(chloe, now)).covering_letter_text == "Begun"
    assert not list(house.folder.rglob("documents/*"))


async def test_words_whose_arrival_was_not_heard_of_are_no_clash(
    house: House, chloe: UUID, now: datetime
) -> None:
    await saved(house, chloe, now, covering_letter_text=" First words\r\n")
    lost = mark_of_typed(" First words\r\n", "")
    again = await saved(house, chloe, now, covering_letter_text="First words, and more", on_its_way=lost)
    assert (again.clash, (await only_draft(chloe, now)).covering_letter_text) == (
        False,
        "First words, and more",
    )


async def test_words_of_another_tab_are_not_overwritten_unseen(
    house: House, chloe: UUID, now: datetime
) -> None:
    begun = await saved(house, chloe, now, covering_letter_text="Begun")
    assert begun.draft is not None
    seen = begun.draft.words_mark
    await saved(house, chloe, now, covering_letter_text="First tab", seen=seen)
    second = await saved(
        house, chloe, now, covering_letter_text="Second tab", cv=Upload("CV.pdf", pdf()), seen=seen
    )
    assert second.clash
    draft = await only_draft(chloe, now)
    assert (draft.covering_letter_text, draft.cv is not None) == ("First tab", True)
    both = await saved(house, chloe, now, covering_letter_text="Both", seen=draft.words_mark)
    assert (both.clash, (await only_draft(chloe, now)).covering_letter_text) == (False, "Both")


async def test_the_same_words_and_a_second_click_are_no_clash(
    house: House, chloe: UUID, now: datetime
) -> None:
    results = await asyncio.gather(
        *(saved(house, chloe, now, covering_letter_text=LETTER) for _ in range(4)), return_exceptions=True
    )
    assert [getattr(result, "clash", result) for result in results] == [False] * 4
    assert await Draft.count() == 1


async def test_a_draft_goes_with_the_application_that_it_becomes(
    house: House, chloe: UUID, now: datetime
) -> None:
    await set_profile_cv(chloe, Upload("Mine.pdf", pdf()), store=house.documents.store, limit=10**6, now=now)
    await saved(house, chloe, now, covering_letter=Upload("L.pdf", pdf()), covering_letter_text=LETTER)
    draft = await only_draft(chloe, now)
    await submit_draft(chloe, "REF-1", draft.mark, terms=house.terms, now=now)
    (sent,) = await applications_of_candidate(chloe, now=now)
    assert (sent.covering_letter, sent.cv) == (draft.covering_letter, draft.sent_cv)
    assert (sent.covering_letter_text, sent.cv_url, sent.status) == (LETTER, "", "submitted")
    assert not await Draft.exists()


async def test_an_application_in_one_step_takes_the_draft_along(
    house: House, chloe: UUID, now: datetime
) -> None:
    await saved(house, chloe, now, covering_letter_text="Begun")
    await house.application(chloe)
    assert not await Draft.exists()


async def test_what_was_looked_at_is_what_is_sent(house: House, chloe: UUID, now: datetime) -> None:
    async def refused(mark: str) -> bool:
        with pytest.raises(DraftChanged):
            await submit_draft(chloe, "REF-1", mark, terms=house.terms, now=now)
        return not await Application.exists()

    first = await saved(house, chloe, now, covering_letter_text=LETTER)
    assert first.draft is not None
    second = await saved(house, chloe, now, covering_letter_text="Other", seen=first.draft.words_mark)
    assert await refused(first.draft.mark)
    assert second.draft is not None
    await set_profile_cv(chloe, Upload("New.pdf", pdf()), store=house.documents.store, limit=10**6, now=now)
    assert await refused(second.draft.mark)
    await remove_profile_cv(chloe)
    await submit_draft(chloe, "REF-1", second.draft.mark, terms=house.terms, now=now)


async def test_ten_clicks_send_one_application(house: House, chloe: UUID, now: datetime) -> None:
    result = await saved(house, chloe, now, covering_letter_text=LETTER)
    assert result.draft is not None
    mark = result.draft.mark

    async def click(number: int) -> str:
        try:
            if number % 2:
                await submit_draft(chloe, "REF-1", mark, terms=house.terms, now=now)
            else:
                await house.application(chloe)
        except AlreadyApplied:
            return "refused"
        return "sent"

    outcomes = await asyncio.gather(*(click(number) for number in range(10)))
    assert sorted(outcomes) == ["refused"] * 9 + ["sent"]
    assert (await Application.count(), await Draft.count()) == (1, 0)


async def test_saving_beside_sending_leaves_no_draft_behind(house: House, chloe: UUID, now: datetime) -> None:
    result = await saved(house, chloe, now, covering_letter_text=LETTER)
    assert result.draft is not None
    mark, seen = result.draft.mark, result.draft.words_mark
    outcomes = await asyncio.gather(
        submit_draft(chloe, "REF-1", mark, terms=house.terms, now=now),
        saved(house, chloe, now, covering_letter_text="More", seen=seen),
        return_exceptions=True,
    )
    kinds = [type(outcome) for outcome in outcomes]
    sent = kinds == [UUID, AlreadyApplied]
    assert sent or kinds == [DraftChanged, SavedDraft]
    assert (await Application.count(), await Draft.count()) == ((1, 0) if sent else (0, 1))


@ON_POSTGRES
@pytest.mark.parametrize("is_closed_first", [True, False])
async def test_of_closing_and_sending_at_once_the_first_counts(
    staff: StaffMember, house: House, chloe: UUID, now: datetime, database: str, is_closed_first: bool
) -> None:
    result = await saved(house, chloe, now, covering_letter_text=LETTER)
    assert result.draft is not None
    closing = move_offer(staff, "REF-1", "close", terms=house.terms, now=now)
    sending = submit_draft(chloe, "REF-1", result.draft.mark, terms=house.terms, now=now)
    async with somebody_else(database) as other:
        await other.hold("offer", "reference = 'REF-1'")
        first = asyncio.create_task(closing if is_closed_first else sending)
        await other.see_waiting(1)
        second = asyncio.create_task(sending if is_closed_first else closing)
        await other.see_waiting(2)
    outcomes = await asyncio.gather(first, second, return_exceptions=True)
    assert [isinstance(each, OfferNotOpen) for each in outcomes] == [False, is_closed_first]
    assert not isinstance(outcomes[0], Exception)
    counts = await Application.count(), await Draft.count()
    assert counts == ((0, 1) if is_closed_first else (1, 0))
    assert await Offer.select(Offer.status).output(as_list=True) == ["closed"]


async def test_nothing_is_saved_or_sent_once_the_offer_is_closed(
    staff: StaffMember, house: House, chloe: UUID, now: datetime
) -> None:
    result = await saved(house, chloe, now, covering_letter_text=LETTER)
    assert result.draft is not None
    await move_offer(staff, "REF-1", "close", terms=house.terms, now=now)
    with pytest.raises(OfferNotOpen):
        await saved(house, chloe, now, covering_letter_text="Other", seen=result.draft.words_mark)
    with pytest.raises(OfferNotOpen):
        await submit_draft(chloe, "REF-1", result.draft.mark, terms=house.terms, now=now)
    assert (await only_draft(chloe, now)).covering_letter_text == LETTER


async def test_a_draft_is_over_after_thirty_days(house: House, chloe: UUID, now: datetime) -> None:
    await saved(house, chloe, now, covering_letter_text=LETTER)
    last = now + DRAFTS_KEPT - timedelta(seconds=1)
    assert len(await drafts_of_candidate(chloe, now=last)) == 1
    assert await drafts_of_candidate(chloe, now=now + DRAFTS_KEPT) == ()
    for instant, left in ((last, 1), (now + DRAFTS_KEPT, 0)):
        async with write_transaction():
            await drop_old_drafts(now=instant)
        assert await Draft.count() == left


async def test_a_draft_is_thrown_away_by_its_own_candidate(house: House, chloe: UUID, now: datetime) -> None:
    result = await saved(house, chloe, now, covering_letter_text=LETTER)
    assert result.draft is not None
    await discard_draft(await house.candidate("Bob"), result.draft.offer.id)
    assert await Draft.count() == 1
    await discard_draft(chloe, result.draft.offer.id)
    await discard_draft(chloe, result.draft.offer.id)
    assert await Draft.count() == 0
    with pytest.raises(NotFound):
        await submit_draft(chloe, "REF-1", result.draft.mark, terms=house.terms, now=now)


async def test_somebody_who_left_saves_and_sends_nothing(house: House, chloe: UUID, now: datetime) -> None:
    async with write_transaction():
        await Candidate.update({Candidate.erased_at: now}).where(Candidate.id == chloe)
    with pytest.raises(AuthenticationRequired):
        await saved(house, chloe, now, covering_letter_text=LETTER)
    with pytest.raises(AuthenticationRequired):
        await house.application(chloe)
    assert (await Application.count(), await Draft.count()) == (0, 0)
