"""Taking a decision back before it is told, and reopening it afterwards (C5, decision 2)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.support.house import House
from workflow.applications.commands import cancel_offer, move_application, withdraw_application
from workflow.applications.queries import (
    application_for_staff,
    application_of_candidate,
    undecided_applications,
)
from workflow.applications.tables import Application
from workflow.engine.tables import History, Outbox
from workflow.errors import (
    DecisionHeld,
    DomainError,
    EventForbidden,
    IllegalEvent,
    NoteMissing,
    StaleVersion,
    UndoTooLate,
)
from workflow.recruiters.queries import StaffMember
from workflow.settings import Settings
from workflow.terms import terms_of

MINUTE = timedelta(minutes=1)
GRACE = 15 * MINUTE
MOMENT = timedelta(microseconds=1)
SEVERAL = pytest.mark.parametrize("decision", ["reject", "accept"])


class Case:
    """An application under consideration."""

    def __init__(self, house: House, staff: StaffMember, candidate: UUID, application: UUID) -> None:
        self.house, self.staff, self.candidate, self.id = house, staff, candidate, application

    async def move(self, event: str, at: datetime, note: str = "Why", **more: Any) -> None:
        await move_application(self.staff, self.id, event, terms=self.house.terms, now=at, note=note, **more)

    async def refusal(
        self, event: str, at: datetime, note: str = "Why", **more: Any
    ) -> type[DomainError] | None:
        """The kind of error; asserts that it changed nothing."""
        before = await written()
        try:
            await self.move(event, at, note, **more)
        except DomainError as error:
            assert await written() == before
            return type(error)
        return None

    async def told(self, at: datetime) -> tuple[str, int, tuple[str, ...], list[str]]:
        """Status, version, actions and history as the candidate knows them."""
        seen = await application_of_candidate(self.candidate, self.id, now=at)
        assert seen is not None
        return seen.status, seen.version, seen.actions, [step.to_state for step in seen.history]

    async def events(self) -> list[str]:
        """The whole history."""
        seen = await application_for_staff(self.staff, self.id, now=self.house.now)
        assert seen is not None
        return [step.event for step in seen.history]


async def written() -> list[Sequence[Any]]:
    return [
        await table.select().order_by(table._meta.primary_key) for table in (Application, History, Outbox)
    ]


async def mails() -> list[tuple[str, str, datetime]]:
    """Kind, state and due instant of what the candidate gets, without the first two steps."""
    rows = await Outbox.select().where(Outbox.kind.like("application_%")).order_by(Outbox.id)
    early = ("application_submitted", "application_received", "application_considered")
    return [(row["kind"], row["state"], row["due_at"]) for row in rows if row["kind"] not in early]


@pytest.fixture
async def case(database: str, house: House, now: datetime) -> Case:
    unit = await house.unit()
    staff = await house.recruiter(unit)
    await house.offer(staff, unit)
    candidate = await house.candidate()
    case = Case(house, staff, candidate, await house.application(candidate))
    await case.move("consider", now)
    return case


CONSIDERED = ("under_consideration", 2, ("withdraw",), ["submitted", "under_consideration"])


@SEVERAL
async def test_undo_until_the_last_moment(case: Case, now: datetime, decision: str) -> None:
    await case.move(decision, now)
    assert await case.told(now + GRACE - MOMENT) == CONSIDERED
    await case.move("undo", now + GRACE - MOMENT, note="")
    for later in (GRACE - MOMENT, GRACE, timedelta(days=400)):
        assert await case.told(now + later) == CONSIDERED
    assert [(kind, state) for kind, state, _ in await mails()] == [
        ({"reject": "application_rejected", "accept": "application_successful"}[decision], "cancelled")
    ]
    assert await case.events() == ["submit", "consider", decision, "undo"]


@SEVERAL
async def test_from_its_minute_on_a_decision_is_reopened_and_not_undone(
    case: Case, now: datetime, decision: str
) -> None:
    await case.move(decision, now)
    assert await case.refusal("reopen", now + GRACE - MOMENT) is DecisionHeld
    told_at = now + GRACE
    assert await case.refusal("undo", told_at) is UndoTooLate
    assert await case.refusal("reopen", told_at, note="") is NoteMissing
    assert await case.refusal("reopen", told_at, note=" \n ") is NoteMissing
    assert await case.refusal("reopen", told_at) is None
    status = {"reject": "rejected", "accept": "successful"}[decision]
    path = ["submitted", "under_consideration", status, "under_consideration"]
    assert await case.told(told_at) == ("under_consideration", 4, ("withdraw",), path)
    assert [(kind, state, due) for kind, state, due in await mails()][1:] == [
        ("application_reopened", "pending", told_at)
    ]


async def test_only_the_last_and_held_step_is_undone(case: Case, now: datetime) -> None:
    assert await case.refusal("undo", now) is IllegalEvent
    await case.move("reject", now)
    assert await case.refusal("undo", now, expected_version=2) is StaleVersion
    await case.move("undo", now, expected_version=3)
    assert await case.refusal("undo", now) is IllegalEvent
    await case.move("accept", now + MINUTE)
    assert await case.refusal("reject", now + MINUTE) is IllegalEvent
    await case.move("reopen", now + MINUTE + GRACE)
    assert await case.refusal("undo", now + MINUTE + GRACE) is IllegalEvent


async def test_a_decision_after_one_that_was_taken_back_has_its_own_grace(case: Case, now: datetime) -> None:
    await case.move("reject", now)
    await case.move("undo", now + 4 * MINUTE)
    await case.move("accept", now + 5 * MINUTE)
    assert await mails() == [
        ("application_rejected", "cancelled", now + GRACE),
        ("application_successful", "pending", now + 5 * MINUTE + GRACE),
    ]
    assert await case.told(now + GRACE) == CONSIDERED
    path = ["submitted", "under_consideration", "successful"]
    assert await case.told(now + 5 * MINUTE + GRACE) == ("successful", 3, (), path)


async def test_an_undo_leaves_no_gap_for_whoever_withdraws_later(case: Case, now: datetime) -> None:
    await case.move("accept", now)
    await case.move("undo", now)
    with pytest.raises(StaleVersion):
        await withdraw_application(
            case.candidate, case.id, None, terms=case.house.terms, now=now, expected_version=1
        )
    await withdraw_application(
        case.candidate, case.id, None, terms=case.house.terms, now=now, expected_version=2
    )
    path = ["submitted", "under_consideration", "withdrawn"]
    assert await case.told(now) == ("withdrawn", 3, (), path)


@SEVERAL
async def test_cancelling_an_offer_takes_back_what_is_held(case: Case, now: datetime, decision: str) -> None:
    await case.move(decision, now)
    offer = (await Application.select(Application.offer))[0]["offer"]
    assert await undecided_applications(offer, now=now) == (case.id,)
    assert await cancel_offer(case.staff, "REF-1", terms=case.house.terms, now=now + MINUTE) == 1
    path = ["submitted", "under_consideration", "rejected"]
    assert await case.told(now + MINUTE) == ("rejected", 3, (), path)
    assert await case.events() == ["submit", "consider", decision, "undo", "cancel"]
    assert [(kind, state) for kind, state, _ in await mails()][1:] == [
        ("application_offer_cancelled", "pending")
    ]
    assert await case.refusal("undo", now + MINUTE) is UndoTooLate


@SEVERAL
async def test_cancelling_an_offer_leaves_what_was_told(case: Case, now: datetime, decision: str) -> None:
    await case.move(decision, now)
    before = await case.told(now + GRACE)
    offer = (await Application.select(Application.offer))[0]["offer"]
    assert await undecided_applications(offer, now=now + GRACE) == ()
    assert await cancel_offer(case.staff, "REF-1", terms=case.house.terms, now=now + GRACE) == 0
    assert await case.told(now + GRACE) == before


async def test_cancelling_an_offer_leaves_what_a_worker_has_in_hand(case: Case, now: datetime) -> None:
    """Its clock is ahead of ours: the mail may be out, though here the decision is still held."""
    await case.move("reject", now)
    await Outbox.update({Outbox.state: "claimed"}).where(Outbox.kind == "application_rejected")
    assert await cancel_offer(case.staff, "REF-1", terms=case.house.terms, now=now + MINUTE) == 0
    assert await case.events() == ["submit", "consider", "reject"]
    assert [(kind, state) for kind, state, _ in await mails()] == [("application_rejected", "claimed")]


async def test_a_machine_whose_clock_lags_knows_what_was_told_at_once(case: Case, now: datetime) -> None:
    earlier = now - 5 * timedelta(seconds=1)
    assert await case.told(earlier) == CONSIDERED
    await withdraw_application(case.candidate, case.id, None, terms=case.house.terms, now=earlier)
    path = ["submitted", "under_consideration", "withdrawn"]
    assert await case.told(earlier - MINUTE) == ("withdrawn", 3, (), path)


@SEVERAL
async def test_without_a_grace_a_decision_is_told_at_once(case: Case, now: datetime, decision: str) -> None:
    at_once = Case(
        replace(case.house, terms=replace(case.house.terms, grace=timedelta(0))),
        case.staff,
        case.candidate,
        case.id,
    )
    await at_once.move(decision, now)
    assert (await at_once.told(now))[1] == 3
    assert [(state, due) for _, state, due in await mails()] == [("pending", now)]
    assert await at_once.refusal("undo", now) is UndoTooLate
    assert await at_once.refusal("reopen", now) is None


async def test_another_grace_does_not_change_what_is_held(case: Case, now: datetime) -> None:
    """Each decision keeps the instant that it was given, whatever is set meanwhile."""
    await case.move("reject", now)
    shorter = replace(case.house, terms=replace(case.house.terms, grace=timedelta(0)))
    assert await case.told(now + GRACE - MOMENT) == CONSIDERED
    await Case(shorter, case.staff, case.candidate, case.id).move("undo", now + GRACE - MOMENT)
    assert await case.told(now + GRACE) == CONSIDERED


async def test_a_candidate_cannot_undo_and_a_recruiter_cannot_withdraw(case: Case, now: datetime) -> None:
    assert await case.refusal("withdraw", now) is EventForbidden
    assert await case.refusal("cancel", now) is EventForbidden


PRODUCTION = {
    "VIVIER_ENVIRONMENT": "production",
    "VIVIER_SECRET_KEY": "s" * 40,
    "VIVIER_HISTORY_KEY": "h" * 40,
    "VIVIER_SMTP_URL": "smtp://mail.example.org",
    "VIVIER_BASE_URL": "https://careers.example.org",
}


@pytest.mark.parametrize(("minutes", "grace"), [(None, GRACE), ("0", timedelta(0)), ("1", MINUTE)])
def test_the_grace_is_a_setting(minutes: str | None, grace: timedelta) -> None:
    environment = PRODUCTION | ({"VIVIER_UNDO_MINUTES": minutes} if minutes else {})
    assert terms_of(Settings.from_environment(environment)).grace == grace
