"""Notes and ratings: by whom, of what, what the audit keeps of them, and that they go with the account."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.support.house import House
from tests.support.locks import ON_POSTGRES
from tests.workflow.reviews.conftest import Scene
from workflow.audit.tables import AuditEntry
from workflow.database.connection import write_transaction
from workflow.errors import CandidateLeft, InvalidInput, NotFound
from workflow.privacy.erasure import erase_candidate
from workflow.reviews.commands import NOTE_LENGTH, delete_note, rate_application, write_note
from workflow.reviews.queries import Reviews, reviews_of
from workflow.reviews.tables import ApplicationNote, ApplicationRating


async def erase(house: House, candidate: UUID) -> bool:
    return await erase_candidate(
        candidate, is_due=lambda _: True, reason="wish", terms=house.terms, now=house.now
    )


async def audited() -> list[tuple[str, str, str, str]]:
    rows = await AuditEntry.select().where(AuditEntry.subject_type == "application").order_by(AuditEntry.id)
    return [(row["actor_id"], row["action"], row["before"], row["after"]) for row in rows]


async def test_notes_are_read_newest_first_and_deleted_by_whoever_wrote_them(scene: Scene) -> None:
    now = scene.house.now
    first = await write_note(scene.rose, scene.application, " Well read.\r\nTwice. ", now=now)
    second = await write_note(scene.ada, scene.application, "Agreed", now=now + timedelta(minutes=1))
    notes = (await reviews_of(scene.application)).notes
    assert [(note.id, note.who, note.words) for note in notes] == [
        (second, "Ada Recruiter", "Agreed"),
        (first, "Rose Recruiter", "Well read.\nTwice."),
    ]
    with pytest.raises(NotFound):
        await delete_note(scene.ada, scene.application, first, now=now)
    await delete_note(scene.rose, scene.application, first, now=now)
    with pytest.raises(NotFound):
        await delete_note(scene.rose, scene.application, first, now=now)
    assert [note.id for note in (await reviews_of(scene.application)).notes] == [second]
    rose, ada = scene.rose.actor.id, scene.ada.actor.id
    assert await audited() == [
        (rose, "note.written", "{}", "{}"),
        (ada, "note.written", "{}", "{}"),
        (rose, "note.deleted", "{}", "{}"),
    ]


async def test_everybody_gives_stars_once_and_may_take_them_back(scene: Scene) -> None:
    now = scene.house.now
    for staff, stars in ((scene.rose, 2), (scene.ada, 5), (scene.rose, 4), (scene.rose, 4)):
        await rate_application(staff, scene.application, stars, now=now)
    reviews = await reviews_of(scene.application)
    assert [(each.who, each.stars) for each in reviews.ratings] == [
        ("Ada Recruiter", 5),
        ("Rose Recruiter", 4),
    ]
    assert (reviews.average, reviews.stars_of(scene.rose.id), reviews.stars_of(scene.ivan.id)) == (
        4.5,
        4,
        None,
    )
    await rate_application(scene.ada, scene.application, None, now=now)
    assert (await reviews_of(scene.application)).average == 4.0
    assert [action for _, action, _, _ in await audited()] == ["rating.given"] * 3 + ["rating.cleared"]


@pytest.mark.parametrize("stars", [0, 6, -1])
async def test_other_numbers_of_stars_are_refused(scene: Scene, stars: int) -> None:
    with pytest.raises(InvalidInput):
        await rate_application(scene.rose, scene.application, stars, now=scene.house.now)


@pytest.mark.parametrize("words", ["", "  \n", "\u200b", "x" * (NOTE_LENGTH + 1)])
async def test_notes_without_words_or_with_too_many_are_refused(scene: Scene, words: str) -> None:
    with pytest.raises(InvalidInput):
        await write_note(scene.rose, scene.application, words, now=scene.house.now)
    assert await ApplicationNote.count() == 0


async def test_applications_of_others_are_not_there(scene: Scene) -> None:
    now = scene.house.now
    note = await write_note(scene.rose, scene.application, "Ours", now=now)
    for application in (scene.application, uuid4()):
        with pytest.raises(NotFound):
            await write_note(scene.ivan, application, "Hello", now=now)
        with pytest.raises(NotFound):
            await rate_application(scene.ivan, application, 3, now=now)
        with pytest.raises(NotFound):
            await delete_note(scene.ivan, application, note, now=now)
    assert (await ApplicationNote.count(), await ApplicationRating.count()) == (1, 0)


async def test_all_of_it_goes_with_the_account_and_nothing_comes_after(scene: Scene) -> None:
    now = scene.house.now
    note = await write_note(scene.rose, scene.application, "A word", now=now)
    await rate_application(scene.rose, scene.application, 3, now=now)
    assert await erase(scene.house, scene.candidate)
    assert await reviews_of(scene.application) == Reviews((), ())
    for late in (
        write_note(scene.rose, scene.application, "Late", now=now),
        rate_application(scene.rose, scene.application, 1, now=now),
        delete_note(scene.rose, scene.application, note, now=now),
    ):
        with pytest.raises(CandidateLeft):
            await late
    with pytest.raises(Exception, match="application_note: this candidate has left"):
        await _go_around(scene)
    assert await ApplicationNote.count() == 0


async def _go_around(scene: Scene) -> None:
    async with write_transaction():
        await ApplicationNote.insert(
            ApplicationNote(
                id=uuid4(),
                application=scene.application,
                recruiter=scene.rose.id,
                words="By SQL",
                written_at=scene.house.now,
            )
        )


@ON_POSTGRES
async def test_notes_beside_an_erasure_come_before_it_or_are_refused(scene: Scene) -> None:
    now = scene.house.now
    work = [write_note(scene.rose, scene.application, f"Note {number}", now=now) for number in range(6)]
    rating = rate_application(scene.rose, scene.application, 2, now=now)
    results = await asyncio.gather(
        *work[:3], erase(scene.house, scene.candidate), *work[3:], rating, return_exceptions=True
    )
    assert results[3] is True
    refused = [each for each in results if isinstance(each, BaseException)]
    assert [type(each) for each in refused] == [CandidateLeft] * len(refused)
    assert (await ApplicationNote.count(), await ApplicationRating.count()) == (0, 0)
