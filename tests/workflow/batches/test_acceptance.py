"""Naming one successful, with the others rejected and the offer closed: all of it or nothing."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.workflow.batches.conftest import Lab, items_of, standing
from workflow.audit.tables import AuditEntry
from workflow.batches.acceptance import Accepted, Rejecting, accept_application
from workflow.batches.commands import MOVE_BATCH, Item
from workflow.batches.tables import Batch
from workflow.engine.tables import Outbox
from workflow.errors import DomainError, IllegalEvent, InvalidInput, NotFound, StaleVersion
from workflow.offers.commands import move_offer
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember


async def accept(lab: Lab, application: UUID, staff: StaffMember | None = None, **facts: Any) -> Accepted:
    return await accept_application(
        staff or lab.staff, application, terms=lab.house.terms, now=lab.house.now, **facts
    )


async def offer_states() -> list[str]:
    return [row["status"] for row in await Offer.select(Offer.status).order_by(Offer.reference)]


async def test_one_confirmation_accepts_rejects_and_closes(lab: Lab) -> None:
    one, two, three = await lab.applications(3, considered=True)
    rejecting = Rejecting(uuid4(), [Item(two, 2), Item(three, 2)], "Another one", {"fr": "Merci"})
    accepted = await accept(lab, one, expected_version=2, rejecting=rejecting, closes=True)
    assert (accepted.step.to_state, accepted.rejecting, accepted.is_closed) == ("successful", 2, True)
    assert await standing([one, two, three]) == [("successful", 3), *[("under_consideration", 2)] * 2]
    assert await offer_states() == ["closed"]
    started = await AuditEntry.select(AuditEntry.subject_id).where(AuditEntry.action == "batch.started")
    assert [row["subject_id"] for row in started] == [str(rejecting.batch_id)]
    assert await Outbox.count().where(Outbox.kind == MOVE_BATCH) == 1
    await lab.carry_out(rejecting.batch_id)
    assert await standing([one, two, three]) == [("successful", 3), *[("rejected", 3)] * 2]
    rows = await Outbox.select(Outbox.params).where(Outbox.kind == "application_rejected")
    assert ["Merci" in row["params"] for row in rows] == [True, True]
    with pytest.raises(StaleVersion):
        await accept(lab, one, expected_version=2, rejecting=rejecting, closes=True)


async def test_if_it_cannot_be_accepted_nothing_else_happens(lab: Lab) -> None:
    one, two = await lab.applications(2)
    await lab.move(two, "consider")
    stranger = await lab.house.recruiter(await lab.house.unit("LAB9"), name="Ivan")
    reasons: list[tuple[type[DomainError], dict[str, Any]]] = [
        (IllegalEvent, {}),
        (StaleVersion, {"expected_version": 1, "application": two}),
        (NotFound, {"staff": stranger, "application": two}),
        (InvalidInput, {"application": two, "note_of_others": ""}),
        (InvalidInput, {"application": two, "paragraph": "é" * 3001}),
    ]
    for error, facts in reasons:
        application = facts.pop("application", one)
        other = Item(one, 1, is_via=True) if application == two else Item(two, 2)
        rejecting = Rejecting(uuid4(), [other], facts.pop("note_of_others", "Full"))
        with pytest.raises(error):
            await accept(lab, application, rejecting=rejecting, closes=True, **facts)
    assert await standing([one, two]) == [("submitted", 1), ("under_consideration", 2)]
    assert (await offer_states(), await Batch.count()) == (["published"], 0)
    assert await Outbox.count().where(Outbox.kind == MOVE_BATCH) == 0


async def test_only_others_to_the_same_offer_are_rejected_and_a_closed_offer_stays_closed(lab: Lab) -> None:
    one, two = await lab.applications(2, considered=True)
    await lab.house.offer(lab.staff, lab.unit, reference="REF-2")
    elsewhere = await lab.house.application(await lab.house.candidate(), "REF-2")
    await move_offer(lab.staff, "REF-1", "close", terms=lab.house.terms, now=lab.house.now)
    items = [Item(one, 2), Item(two, 2), Item(elsewhere, 1, is_via=True)]
    rejecting = Rejecting(uuid4(), items, "Another one")
    accepted = await accept(lab, one, rejecting=rejecting, closes=True)
    assert (accepted.rejecting, accepted.is_closed, await offer_states()) == (
        1,
        False,
        ["closed", "published"],
    )
    assert await items_of(rejecting.batch_id) == {two: ("waiting", "")}
    with pytest.raises(NotFound):
        await accept(lab, two, rejecting=Rejecting(uuid4(), [Item(elsewhere, 1)], "Nobody"))
    assert await standing([two]) == [("under_consideration", 2)]


async def test_without_others_it_is_a_move_like_any_other(lab: Lab) -> None:
    (one,) = await lab.applications(1, considered=True)
    accepted = await accept(lab, one, expected_version=2)
    assert (accepted.step.version, accepted.rejecting, accepted.is_closed) == (3, 0, False)
    assert (await offer_states(), await Batch.count()) == (["published"], 0)
