"""What a candidate sees and gets before, while and after a decision is held, minute by minute (C5, decision 2).

Two candidates with the same story go side by side. To one of them something happens that must not show: until
it is told, or for ever where it was taken back, all pages, JSON answers and mails of the two are the same.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from jobs.relay import Relay
from jobs.smtp import MailServer
from tests.support.effort import effort
from tests.support.smtp import SmtpSink, smtp_sink
from tests.web.site import Site
from tests.web.twins import REFERENCE, Seen, Twin, twin
from web.commands import up
from workflow.applications.commands import cancel_offer, move_application
from workflow.messages.rendering import House
from workflow.offers.commands import move_offer
from workflow.recruiters.queries import StaffMember
from workflow.settings import Settings

GRACE = 15
MOMENT = timedelta(microseconds=1)
SEVERAL = pytest.mark.parametrize("decision", ["reject", "accept"])


@pytest.fixture
async def staff(site: Site) -> StaffMember:
    unit = await site.house.unit()
    staff = await site.house.recruiter(unit)
    await site.house.offer(staff, unit, REFERENCE)
    await site.index()
    return staff


@pytest.fixture
async def sink() -> AsyncIterator[SmtpSink]:
    async with smtp_sink() as running:
        yield running


class Stage:
    """Two candidates under consideration, the recruiter who decides, and the worker that sends the mails."""

    def __init__(self, site: Site, staff: StaffMember, sink: SmtpSink, twins: tuple[Twin, Twin]) -> None:
        self.site, self.staff, self.sink, self.twins = site, staff, sink, twins
        self.begin = site.now
        self.relay = Relay(
            MailServer.from_url(sink.url),
            sender="Vivier <no-reply@example.org>",
            house=House("https://careers.example.org", "Example Research", "careers@example.org"),
            secret_key=site.settings.secret_key,
            journals=sink.journals,
            clock=lambda: site.now,
        )
        sink.closing.append(self.relay.close)

    async def goes_on(self, minute: float, moment: timedelta = timedelta(0)) -> None:
        """Let the clock come to an instant, and the worker send what is due."""
        self.site.now = self.begin + timedelta(minutes=minute) + moment
        while await self.relay.sweep():
            pass

    async def moves(self, application: UUID, event: str) -> None:
        """One of the recruiter's moves."""
        note = f"Why we {event}"
        await move_application(
            self.staff, application, event, terms=self.site.house.terms, now=self.site.now, note=note
        )


@pytest.fixture(params=[False], ids=["no file"])
async def stage(request: pytest.FixtureRequest, site: Site, staff: StaffMember, sink: SmtpSink) -> Stage:
    """Its parameter: whether the two have sent a file."""
    castor, pollux = [await twin(site, number, with_file=request.param) for number in (1, 2)]
    stage = Stage(site, staff, sink, (castor, pollux))
    for one in stage.twins:
        await stage.moves(one.application, "consider")
    await stage.goes_on(0)
    return stage


async def assert_nobody_can_tell(stage: Stage, *, everything: bool = True) -> None:
    when = f"at {stage.site.now - stage.begin}"
    shown, shown_to_other = [await one.shown(everything=everything) for one in stage.twins]
    letters, letters_to_other = [one.letters(stage.sink) for one in stage.twins]
    for request, answer in shown.items():
        assert answer == shown_to_other[request], f"{request} {when}"
    assert shown.keys() == shown_to_other.keys(), when
    assert letters == letters_to_other, when


def application_of(seen: Seen) -> dict[str, Any]:
    """The JSON answer about the one application."""
    [(_, _, body)] = [
        answer for request, answer in seen.items() if request.endswith("/me/applications/APPLICATION")
    ]
    application: dict[str, Any] = json.loads(body)
    return application


@SEVERAL
@pytest.mark.parametrize("stage", [True], indirect=True, ids=["with a file"])
async def test_a_decision_shows_from_its_minute_on_and_not_before(stage: Stage, decision: str) -> None:
    castor, _ = stage.twins
    await stage.moves(castor.application, decision)
    for minute in effort((0, 1, 8, GRACE - 1), range(GRACE)):
        await stage.goes_on(minute)
        await assert_nobody_can_tell(stage)
    await stage.goes_on(GRACE, -MOMENT)
    await assert_nobody_can_tell(stage)
    before = application_of(await castor.shown())
    status, label, subject = {
        "reject": ("rejected", "Application rejected", "Decision on your application: Chemist (REF-1)"),
        "accept": ("successful", "Application successful", "Application successful: Chemist (REF-1)"),
    }[decision]
    told_at = (stage.begin + timedelta(minutes=GRACE)).isoformat().replace("+00:00", "Z")
    for minute in (GRACE, GRACE + 1, 60, 24 * 60):
        await stage.goes_on(minute)
        shown, letters = await castor.shown(), castor.letters(stage.sink)
        assert application_of(shown) == before | {
            "status": status,
            "status_label": label,
            "version": 3,
            "actions": [],
            "history": [*before["history"], {"status": status, "label": label, "at": told_at}],
        }
        assert [letter["Subject"] for letter in letters][2:] == [subject]
        assert letters[2]["Date"] == "Mon, 02 Mar 2026 09:45:00 +0000"
        pages = [
            body for request, (_, _, body) in shown.items() if request.endswith("/applications/APPLICATION")
        ]
        assert all(label in page for page in pages)
        assert "Why we" not in str(shown) + str(letters)


Happening = Callable[[Stage, Twin], Awaitable[Any]]


def fires(event: str) -> Happening:
    async def happens(stage: Stage, one: Twin) -> None:
        await stage.moves(one.application, event)

    return happens


async def withdraws(_stage: Stage, one: Twin) -> Seen:
    return await one.withdraws()


async def applies(_stage: Stage, one: Twin) -> Seen:
    return await one.applies()


async def offer_is_cancelled(stage: Stage, _one: Twin) -> None:
    await cancel_offer(stage.staff, REFERENCE, terms=stage.site.house.terms, now=stage.site.now)


async def offer_closes(stage: Stage, _one: Twin) -> None:
    await move_offer(stage.staff, REFERENCE, "close", terms=stage.site.house.terms, now=stage.site.now)


Story = Mapping[int, tuple[Happening, ...]]

REJECTED: Story = {0: (fires("reject"),)}
ACCEPTED: Story = {0: (fires("accept"),)}
TAKEN_BACK: Story = {**REJECTED, 14: (fires("undo"),)}

STORIES: dict[str, tuple[Story, Story, Story, int]] = {
    # what happens to one alone, to the other alone, to both; until which minute nobody can tell them apart
    "taken back": (TAKEN_BACK, {}, {}, 60),
    "taken back at once": ({0: (fires("accept"), fires("undo"))}, {}, {}, 60),
    "taken back twice": ({**REJECTED, 3: (fires("undo"), fires("accept")), 12: (fires("undo"),)}, {}, {}, 60),
    "another decision": ({**REJECTED, 4: (fires("undo"),)}, {}, {5: (fires("accept"),)}, 60),
    "the same decision again": (TAKEN_BACK, {}, {16: (fires("reject"),)}, 60),
    "reopened later": (TAKEN_BACK, {}, {16: (fires("accept"),), 40: (fires("reopen"), fires("reject"))}, 60),
    "withdrawn while rejected": (REJECTED, {}, {5: (withdraws,)}, 60),
    "withdrawn while accepted": (ACCEPTED, {}, {14: (withdraws,)}, 60),
    "applies while held": (ACCEPTED, {}, {3: (applies,)}, 14),
    "withdraws and applies again": (REJECTED, {}, {5: (withdraws,), 6: (applies,)}, 60),
    "the offer closes": ({0: (fires("reject"),), 5: (offer_closes,)}, {}, {6: (applies,)}, 14),
    "the offer is cancelled while one is rejected": ({**REJECTED, 5: (offer_is_cancelled,)}, {}, {}, 60),
    "the offer is cancelled while one is accepted": ({**ACCEPTED, 5: (offer_is_cancelled,)}, {}, {}, 60),
}
LOOKS = frozenset({0, 6, 14, 15, 31, 60})
"""The minutes in which the stories are looked at; of a decision alone, every minute is."""


@pytest.mark.parametrize("story", STORIES)
async def test_nobody_can_tell(stage: Stage, story: str) -> None:
    *alone, both, last = STORIES[story]
    for minute in range(last + 1):
        await stage.goes_on(minute)
        for one, own in zip(stage.twins, alone, strict=True):
            for happens in own.get(minute, ()):
                await happens(stage, one)
        for happens in both.get(minute, ()):
            answers = [await happens(stage, one) for one in stage.twins]
            assert answers[0] == answers[1], f"in minute {minute}"
        await stage.goes_on(minute)
        if minute in LOOKS:
            await assert_nobody_can_tell(stage, everything=minute == last)


@pytest.mark.parametrize(("given", "minutes"), [({}, 1), ({"VIVIER_UNDO_MINUTES": "7"}, 7)])
def test_the_demonstration_waits_a_minute(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], minutes: int
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    children = up._environment(demo=True, redis_url="")
    known = {name: value for name, value in children.items() if name.startswith("VIVIER_")}
    assert Settings.from_environment(known).undo_minutes == minutes
    assert "VIVIER_UNDO_MINUTES" not in up._environment(demo=False, redis_url="") or given
