"""Batches from their confirmation to their report: started once, each application for itself, stopped, undone."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.workflow.batches.conftest import Lab, items_of, standing
from workflow.applications.commands import move_applications
from workflow.audit.tables import AuditEntry
from workflow.batches import moving
from workflow.batches.commands import (
    KEPT_FOR,
    MOST,
    Item,
    forget_batches,
    start_batch,
    stop_batch,
    undo_batch,
)
from workflow.batches.moving import carry_out, give_up
from workflow.batches.reports import (
    BatchView,
    Telling,
    batch_view,
    latest_batches,
    moved_items,
    refusal_counts,
    refused_items,
    telling_of,
)
from workflow.batches.tables import Batch, BatchItem
from workflow.database.connection import hold_name, write_transaction
from workflow.engine.errors import NoteRefused
from workflow.engine.history import steps_of
from workflow.engine.many import Move
from workflow.engine.tables import Outbox
from workflow.errors import InvalidInput, NotFound, UndoTooLate, UnknownEvent
from workflow.recruiters.tables import Recruiter, RecruiterUnit


async def mails(kind: str) -> list[str]:
    rows = await Outbox.select(Outbox.state).where(Outbox.kind == kind).order_by(Outbox.id)
    return [row["state"] for row in rows]


async def test_batch_moves_each_and_says_which_it_could_not(lab: Lab) -> None:
    one, other, meanwhile = await lab.applications(3)
    batch_id = await lab.start([Item(each, 1) for each in (one, other, meanwhile)], "consider")
    await lab.move(meanwhile, "consider")
    assert await lab.carry_out(batch_id)
    assert await standing([one, other, meanwhile]) == [("under_consideration", 2)] * 3
    assert await items_of(batch_id) == {
        one: ("moved", ""),
        other: ("moved", ""),
        meanwhile: ("refused", "stale-version"),
    }
    assert await batch_view(lab.staff, batch_id) == BatchView(
        id=batch_id,
        event="consider",
        recruiter_id=lab.staff.id,
        recruiter="Rose Recruiter",
        created_at=lab.house.now,
        finished_at=lab.house.now,
        waiting=0,
        moved=2,
        refused=1,
        via=0,
    )
    assert await refusal_counts(batch_id) == {"stale-version": 1}
    refused = await refused_items(lab.staff, batch_id, most=10)
    assert {reason: [each.id for each in own] for reason, own in refused.items()} == {
        "stale-version": [meanwhile]
    }
    assert [each.id for each in await moved_items(lab.staff, batch_id, offset=0, limit=10)] == [one, other]
    assert await mails("application_considered") == ["pending"] * 3


async def test_two_steps_are_both_made_and_both_told(lab: Lab) -> None:
    (submitted,) = await lab.applications(1)
    (considered,) = await lab.applications(1, considered=True)
    batch_id = await lab.start(
        [Item(considered, 2), Item(submitted, 1, is_via=True)],
        "reject",
        note="The place is taken.",
        paragraphs={"fr": "Merci encore.", "en": "Thanks again."},
    )
    assert await lab.carry_out(batch_id)
    assert await standing([considered, submitted]) == [("rejected", 3)] * 2
    steps = (await steps_of("application", [submitted]))[submitted]
    assert [(step.event, step.note) for step in steps[1:]] == [
        ("consider", ""),
        ("reject", "The place is taken."),
    ]
    told = await Outbox.select(Outbox.kind, Outbox.params).where(Outbox.subject_id == submitted)
    with_words = {row["kind"] for row in told if "Merci encore." in str(row["params"])}
    assert with_words == {"application_rejected"}
    assert (await batch_view(lab.staff, batch_id)).via == 1
    assert await telling_of(batch_id, now=lab.house.now) == Telling(
        held=2, told_at=lab.house.now + lab.house.terms.grace, told=0, undone=0
    )


async def test_words_are_wiped_when_it_is_over(lab: Lab) -> None:
    applications = await lab.applications(2, considered=True)
    words: dict[str, Any] = {"note": "Not now.", "paragraphs": {"fr": "Merci.", "en": "Thanks."}}
    carried, given_up = [await lab.start([Item(each, 2)], "reject", **words) for each in applications]
    columns = (Batch.note, Batch.paragraph_fr, Batch.paragraph_en)
    before = {"note": "Not now.", "paragraph_fr": "Merci.", "paragraph_en": "Thanks."}
    assert await Batch.select(*columns) == [before] * 2
    await lab.carry_out(carried)
    await give_up(given_up, now=lab.house.now)
    assert await Batch.select(*columns) == [dict.fromkeys(before, "")] * 2
    assert await items_of(given_up) == {applications[1]: ("refused", "given-up")}


async def test_started_once_however_often_it_is_sent(lab: Lab) -> None:
    applications = await lab.applications(3)
    items = [Item(each, 1) for each in applications]
    batch_id = uuid4()
    started = [start_batch(lab.staff, batch_id, items, "consider", now=lab.house.now) for _ in range(4)]
    assert await asyncio.gather(*started) == [3] * 4
    assert await Batch.count() == 1
    assert len(await mails("move_batch")) == 1
    entries = await AuditEntry.select(AuditEntry.action, AuditEntry.unit, AuditEntry.after)
    of_batches = [entry for entry in entries if entry["action"] == "batch.started"]
    assert of_batches == [
        {"action": "batch.started", "unit": lab.unit, "after": '{"event": "consider", "applications": 3}'}
    ]
    otto = await lab.house.recruiter(lab.unit, name="Otto")
    with pytest.raises(NotFound):
        await start_batch(otto, batch_id, items, "consider", now=lab.house.now)


async def test_what_others_own_is_left_out(lab: Lab) -> None:
    other = await lab.house.unit("LAB2")
    await lab.house.offer(await lab.house.recruiter(other, name="Otto"), other, "REF-2")
    foreign = await lab.house.application(await lab.house.candidate(), "REF-2")
    (mine,) = await lab.applications(1)
    batch_id = await lab.start([Item(foreign, 1), Item(mine, 1), Item(uuid4(), 1)], "consider")
    await lab.carry_out(batch_id)
    assert await items_of(batch_id) == {mine: ("moved", "")}
    assert await standing([foreign]) == [("submitted", 1)]
    with pytest.raises(NotFound):
        await lab.start([Item(foreign, 1)], "consider")


async def test_words_are_checked_before_anything_is_recorded(lab: Lab) -> None:
    (application,) = await lab.applications(1, considered=True)
    items = [Item(application, 2)]
    with pytest.raises(UnknownEvent):
        await lab.start(items, "cancel")
    with pytest.raises(NoteRefused):
        await lab.start(items, "reject", note="\0")
    with pytest.raises(InvalidInput) as caught:
        await lab.start(items, "reject", paragraphs={"fr": "x" * 3001})
    assert [error.field for error in caught.value.errors] == ["paragraph_fr", "note"]
    with pytest.raises(InvalidInput):
        await lab.start([Item(uuid4(), 1)] * (MOST + 1), "accept")
    assert (await Batch.count(), len(await mails("move_batch"))) == (0, 0)


async def test_rights_are_those_at_the_time_of_the_move(lab: Lab) -> None:
    applications = await lab.applications(2)
    first, second = [await lab.start([Item(each, 1)], "consider") for each in applications]
    async with write_transaction():
        await RecruiterUnit.delete().where(RecruiterUnit.recruiter == lab.staff.id)
    await lab.carry_out(first)
    async with write_transaction():
        await Recruiter.update({Recruiter.active: False}).where(Recruiter.id == lab.staff.id)
    await lab.carry_out(second)
    assert await items_of(first) == {applications[0]: ("refused", "not-found")}
    assert await items_of(second) == {applications[1]: ("refused", "account-closed")}
    assert await standing(applications) == [("submitted", 1)] * 2
    nobody = await lab.house.recruiter(name="Nina")
    assert await refused_items(nobody, first, most=5) == {"not-found": ()}


async def test_repeats_nothing_when_it_died_before_writing_down(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    applications = await lab.applications(3)
    items = [Item(each, 1, is_via=True) for each in applications]
    batch_id = await lab.start(items, "reject", note="Full.")

    with monkeypatch.context() as patch:
        patch.setattr(moving, "_write_down", die)
        with pytest.raises(RuntimeError):
            await lab.carry_out(batch_id)
    assert set((await items_of(batch_id)).values()) == {("waiting", "")}
    assert await lab.carry_out(batch_id, now=lab.house.now + timedelta(hours=1))
    assert set((await items_of(batch_id)).values()) == {("moved", "")}
    assert await standing(applications) == [("rejected", 3)] * 3
    assert (await mails("application_considered"), await mails("application_rejected")) == (
        ["pending"] * 3,
        ["pending"] * 3,
    )


async def die(*_given: Any, **_named: Any) -> None:
    raise RuntimeError


@pytest.mark.parametrize("is_half_way", [False, True])
async def test_knows_its_own_steps_when_their_keys_are_forgotten(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, is_half_way: bool
) -> None:
    own, before, since = await lab.applications(3)
    begun, batch_id = lab.house.now + timedelta(minutes=1), uuid4()
    await lab.move(before, "consider")
    items = [Item(each, 1, is_via=True) for each in (own, before, since)]
    await start_batch(lab.staff, batch_id, items, "reject", note="No.", now=begun)
    rounds = iter([1] if is_half_way else [1, 2])

    def briefly(staff: Any, moves: Sequence[Move], **named: Any) -> Any:
        if next(rounds, None) is None:
            raise RuntimeError
        return move_applications(staff, [move for move in moves if move.subject_id == own], **named)

    with monkeypatch.context() as patch:
        patch.setattr(moving, "move_applications", briefly)
        patch.setattr(moving, "_write_down", die)
        with pytest.raises(RuntimeError):
            await lab.carry_out(batch_id, now=begun)
    later = begun + timedelta(hours=25)
    await lab.move(since, "consider", now=later)
    await lab.carry_out(batch_id, now=later)
    by_hand = ("refused", "stale-version")
    assert await items_of(batch_id) == {own: ("moved", ""), before: by_hand, since: by_hand}
    assert await standing([own, before, since]) == [("rejected", 3)] + [("under_consideration", 2)] * 2


@pytest.mark.parametrize(
    "write",
    [
        lambda lab, batch_id: stop_batch(lab.staff, batch_id, now=lab.house.now),
        lambda lab, batch_id: give_up(batch_id, now=lab.house.now),
        lambda lab, batch_id: lab.carry_out(batch_id),
    ],
)
async def test_who_writes_down_results_waits_for_who_does(
    lab: Lab, write: Callable[[Lab, UUID], Coroutine[Any, Any, object]]
) -> None:
    (application,) = await lab.applications(1)
    batch_id = await lab.start([Item(application, 1)], "consider")
    async with write_transaction():
        await hold_name(f"batch/{batch_id}")
        writing = asyncio.create_task(write(lab, batch_id), context=Context())
        await asyncio.wait([writing], timeout=0.5)
        assert await items_of(batch_id) == {application: ("waiting", "")}
        assert not writing.done()
    await writing


async def test_two_workers_beside_each_other_do_it_once(lab: Lab) -> None:
    applications = await lab.applications(60)
    batch_id = await lab.start([Item(each, 1) for each in applications], "consider")
    assert set(await asyncio.gather(lab.carry_out(batch_id), lab.carry_out(batch_id))) == {True}
    assert set((await items_of(batch_id)).values()) == {("moved", "")}
    assert await mails("application_considered") == ["pending"] * 60


async def test_goes_on_where_it_was_enough(lab: Lab) -> None:
    applications = await lab.applications(30)
    batch_id = await lab.start([Item(each, 1) for each in applications], "consider")
    looks = iter([False, True])

    def is_enough() -> bool:
        return next(looks)

    terms, clock = lab.house.terms, lambda: lab.house.now
    assert not await carry_out(batch_id, terms=terms, clock=clock, is_enough=is_enough)
    view = await batch_view(lab.staff, batch_id)
    assert (view.done, view.total, view.finished_at) == (25, 30, None)
    assert await lab.carry_out(batch_id)
    assert await lab.carry_out(batch_id)
    assert (await batch_view(lab.staff, batch_id)).moved == 30


async def test_stopped_in_the_middle(lab: Lab) -> None:
    applications = await lab.applications(30)
    batch_id = await lab.start([Item(each, 1) for each in applications], "consider")
    looks = iter([False, True])
    await carry_out(
        batch_id, terms=lab.house.terms, clock=lambda: lab.house.now, is_enough=lambda: next(looks)
    )
    assert await stop_batch(lab.staff, batch_id, now=lab.house.now)
    assert not await stop_batch(lab.staff, batch_id, now=lab.house.now)
    await lab.carry_out(batch_id)
    assert await refusal_counts(batch_id) == {"stopped": 5}
    assert (await batch_view(lab.staff, batch_id)).moved == 25
    assert await AuditEntry.count().where(AuditEntry.action == "batch.stopped") == 1


async def test_undoing_takes_back_what_nobody_knows_of(lab: Lab) -> None:
    kept, changed, taken = await lab.applications(3, considered=True)
    batch_id = await lab.start([Item(each, 2) for each in (kept, changed, taken)], "reject", note="No.")
    await lab.carry_out(batch_id)
    await lab.move(changed, "undo")
    await lab.move(changed, "accept")
    undoing = uuid4()
    counts = await asyncio.gather(
        *[undo_batch(lab.staff, batch_id, undoing, now=lab.house.now) for _ in range(2)]
    )
    assert counts == [2, 2]
    await lab.carry_out(undoing)
    assert await undo_batch(lab.staff, batch_id, undoing, now=lab.house.now) == 2
    assert await standing([kept, taken, changed]) == [("under_consideration", 4)] * 2 + [("successful", 5)]
    assert await mails("application_rejected") == ["cancelled"] * 3
    with pytest.raises(UndoTooLate):
        await undo_batch(lab.staff, batch_id, uuid4(), now=lab.house.now)
    assert await telling_of(batch_id, now=lab.house.now) == Telling(held=0, told_at=None, told=0, undone=3)


async def test_what_was_told_is_not_taken_back(lab: Lab) -> None:
    (application,) = await lab.applications(1, considered=True)
    batch_id = await lab.start([Item(application, 2)], "accept")
    await lab.carry_out(batch_id)
    later = lab.house.now + lab.house.terms.grace
    assert await telling_of(batch_id, now=later) == Telling(held=0, told_at=None, told=1, undone=0)
    with pytest.raises(UndoTooLate):
        await undo_batch(lab.staff, batch_id, uuid4(), now=later)


async def test_batches_of_others_are_not_there(lab: Lab) -> None:
    (application,) = await lab.applications(1)
    batch_id = await lab.start([Item(application, 1)], "consider")
    otto = await lab.house.recruiter(lab.unit, name="Otto")
    ada = await lab.house.recruiter(name="Ada", is_administrator=True)
    for forbidden in (
        batch_view(otto, batch_id),
        stop_batch(otto, batch_id, now=lab.house.now),
        undo_batch(otto, batch_id, uuid4(), now=lab.house.now),
    ):
        with pytest.raises(NotFound):
            await forbidden
    assert [[each.id for each in await latest_batches(who)] for who in (lab.staff, otto, ada)] == [
        [batch_id],
        [],
        [batch_id],
    ]
    assert (await batch_view(ada, batch_id)).waiting == 1


async def test_old_reports_are_forgotten(lab: Lab) -> None:
    (application,) = await lab.applications(1)
    batch_id = await lab.start([Item(application, 1)], "consider")
    await lab.carry_out(batch_id)
    await forget_batches(now=lab.house.now + KEPT_FOR - timedelta(seconds=1))
    assert (await Batch.count(), await BatchItem.count()) == (1, 1)
    await forget_batches(now=lab.house.now + KEPT_FOR)
    assert (await Batch.count(), await BatchItem.count()) == (0, 0)


async def test_a_batch_that_is_gone_is_finished(lab: Lab) -> None:
    nobody: UUID = uuid4()
    assert await lab.carry_out(nobody)
