"""What a batch would do: who moves, who cannot and why."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tests.workflow.batches.conftest import Lab
from workflow.applications.commands import withdraw_application
from workflow.applications.machine import ApplicationMachine
from workflow.applications.tables import Application
from workflow.batches.queries import EVENTS, ON_THE_WAY, Plan, chosen_applications, plan_of
from workflow.batches.reasons import in_words
from workflow.language import translations
from workflow.privacy.erasure import erase_candidate
from workflow.recruiters.queries import StaffMember
from workflow.roles import CLOCK, STAFF

Sorted = tuple[list[UUID], list[UUID], dict[str, list[UUID]]]


def sorted_out(plan: Plan) -> Sorted:
    """Who moves, who moves in two steps, and who does not for which reason."""
    return (
        [each.id for each in plan.movable],
        [each.id for each in plan.via],
        {reason: [each.id for each in own] for reason, own in plan.refused.items()},
    )


async def planned(staff: StaffMember, ids: Sequence[UUID], event: str, *, now: datetime) -> Plan:
    return plan_of(await chosen_applications(staff, ids), event, staff, now=now)


async def test_plan_says_who_moves_and_why_others_cannot(lab: Lab) -> None:
    (submitted,) = await lab.applications(1)
    considered, rejected, accepted, withdrawn = await lab.applications(4, considered=True)
    await lab.move(rejected, "reject", "No.")
    await lab.move(accepted, "accept")
    owner = (await Application.select(Application.candidate).where(Application.id == withdrawn))[0]
    await withdraw_application(owner["candidate"], withdrawn, None, terms=lab.house.terms, now=lab.house.now)
    ids = [submitted, considered, rejected, accepted, withdrawn]
    now = lab.house.now
    later = now + lab.house.terms.grace

    async def plan(event: str, at: datetime = now) -> Sorted:
        return sorted_out(await planned(lab.staff, ids, event, now=at))

    gone = {"withdrawn": [withdrawn]}
    assert await plan("consider") == (
        [submitted],
        [],
        {"there": [considered], "held": [rejected, accepted]} | gone,
    )
    assert await plan("reject") == (
        [considered],
        [submitted],
        {"there": [rejected], "held": [accepted]} | gone,
    )
    assert await plan("accept", later) == (
        [considered],
        [submitted],
        {"told": [rejected], "there": [accepted]} | gone,
    )
    assert await plan("undo") == ([rejected, accepted], [], {"undecided": [submitted, considered]} | gone)
    assert await plan("undo", later) == (
        [],
        [],
        {"undecided": [submitted, considered], "undo-too-late": [rejected, accepted]} | gone,
    )
    assert await plan("reopen") == (
        [],
        [],
        {"undecided": [submitted], "there": [considered], "decision-held": [rejected, accepted]} | gone,
    )
    assert (await plan("reopen", later))[0] == [rejected, accepted]
    assert sorted_out(await planned(lab.staff, ids, "cancel", now=now))[:2] == ([], [])


async def test_plan_leaves_out_what_others_own_and_what_is_not_there(lab: Lab) -> None:
    other = await lab.house.unit("LAB2")
    otto = await lab.house.recruiter(other, name="Otto")
    await lab.house.offer(otto, other, "REF-2")
    foreign = await lab.house.application(await lab.house.candidate(), "REF-2")
    (mine,) = await lab.applications(1)
    plan = await planned(lab.staff, [foreign, mine, uuid4(), mine], "consider", now=lab.house.now)
    assert sorted_out(plan) == ([mine], [], {})
    assert sorted_out(await planned(otto, [mine, foreign], "consider", now=lab.house.now)) == (
        [foreign],
        [],
        {},
    )


async def test_plan_names_an_example_of_each_language(lab: Lab) -> None:
    (french,) = await lab.applications(1)
    english = await lab.applications(2, language="en")
    plan = await planned(lab.staff, [*english, french], "reject", now=lab.house.now)
    assert {language: each.id for language, each in plan.examples.items()} == {
        "en": english[0],
        "fr": french,
    }


async def test_plan_says_that_a_candidate_has_left(lab: Lab) -> None:
    (application,) = await lab.applications(1)
    owner = (await Application.select(Application.candidate).where(Application.id == application))[0]
    await erase_candidate(
        owner["candidate"], is_due=lambda _row: True, reason="wish", terms=lab.house.terms, now=lab.house.now
    )
    plan = await planned(lab.staff, [application], "reopen", now=lab.house.now + timedelta(days=1))
    assert sorted_out(plan) == ([], [], {"candidate-left": [application]})


def test_events_are_those_of_recruiters_and_ways_lead_on() -> None:
    assert EVENTS == ("consider", "accept", "reject", "undo", "reopen")
    first = ApplicationMachine.initial_state_id()
    for event, way in ON_THE_WAY.items():
        target = ApplicationMachine.target(first, way, actor=CLOCK)
        assert target
        assert event in ApplicationMachine.events_from(target)
        assert {event, way} <= set(EVENTS)
        assert ApplicationMachine.rules[way].by == STAFF


def test_every_reason_has_words_in_both_languages() -> None:
    codes = ["there", "withdrawn", "held", "told", "undecided", "stopped", "account-closed", "given-up"]
    codes += ["stale-version", "illegal-event", "not-found", "candidate-left", "undo-too-late", "no such"]
    said = [in_words(code) for code in codes]
    assert len(set(said)) == len(codes) - 1  # the last one says what an illegal event says
    assert all(translations("fr").gettext(words) != words for words in said)
