"""Random actors who do anything at any time, to the portal and to its model at once."""

from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.support.house import House
from tests.workflow.engine import laws
from tests.workflow.engine.model import Portal
from tests.workflow.engine.stage import Stage, all_there_is, all_there_should_be, as_modelled
from workflow.applications.commands import (
    cancel_offer,
    move_application,
    move_applications,
    withdraw_application,
)
from workflow.applications.sending import submit_application
from workflow.applications.submission import ApplicationForm
from workflow.calendar import calendar_of
from workflow.engine.history import Step
from workflow.engine.machine import Actor
from workflow.engine.many import Move
from workflow.errors import DomainError
from workflow.offers.commands import create_offer, edit_offer, move_offer, schedule_offer
from workflow.recruiters.queries import StaffMember

EVENTS = ("consider", "accept", "reject", "undo", "reopen")
IMPOSSIBLE = ("withdraw", "cancel", "submit", "model", "")
OFFER_EVENTS = ("publish", "publish", "publish", "close", "archive", "cancel", "take_over", "create", "hire")
WITHDRAWAL = 4
STRANGE = 11
STRANGER = UUID("00000000-0000-4000-8000-000000000000")

MINUTES = (1, 5, 14, 15, 16)
DAYS = (1, 3, 14, 15, 40)

minutes = st.sampled_from(MINUTES).map(lambda number: timedelta(minutes=number))
days = st.sampled_from(DAYS).map(lambda number: timedelta(days=number))
waits = st.one_of(minutes, minutes, minutes, days)
events = st.one_of(st.sampled_from(EVENTS), st.sampled_from(EVENTS), st.sampled_from(EVENTS + IMPOSSIBLE))
versions = st.sampled_from((None, None, None, "right", "right", "right", "stale", "none such", 0, 99))
notes = st.sampled_from(("", "  ", "Because", "Because", " The funding fell through "))
keys = st.sampled_from((None, None, "one", "two", "three"))
which = st.integers(0, STRANGE)
actors = st.integers(0, 6)
moves = st.tuples(which, events, versions, notes, keys)
decisions = st.lists(st.tuples(which, st.integers(0, WITHDRAWAL), keys), min_size=4, max_size=10)


class RandomHistories(RuleBasedStateMachine):
    """Two offers, two candidates, two recruiters of different units, an administrator, the clock."""

    def __init__(self, stage: Stage, start: datetime, tally: Counter[str]) -> None:
        super().__init__()
        self.stage = stage
        self.tally = tally
        self.terms = stage.house.terms
        self.calendar = calendar_of(self.terms)
        self.portal = Portal(start)
        self.mark = stage.run(stage.last_outbox_id())
        self.references: dict[UUID, str] = {}
        self.requests: list[tuple[int, Any]] = []
        self.people: dict[UUID, str] = {}

    # who, which, which version

    def _who(self, number: int, unit: int | None = None) -> tuple[StaffMember, laws.Who]:
        """One of the three; above their number, the one whose unit it is."""
        if number >= len(self.stage.staff):
            number = self.stage.units.index(unit) if unit in self.stage.units else 2
        staff, unit = self.stage.staff[number], (*self.stage.units, None)[number]
        return staff, laws.Who(f"recruiter:{staff.id}", "recruiter" if unit else "administrator", unit)

    def _offer(self, number: int) -> UUID:
        return list(self.portal.offers)[number % 2]

    def _application(self, number: int) -> UUID:
        known = list(self.portal.applications)
        return known[number % len(known)] if known and number < STRANGE else STRANGER

    def _version(self, wanted: Any, subject: laws.Subject | None, *, told: bool = False) -> int | None:
        if not isinstance(wanted, str):
            return wanted if wanted is None else int(wanted)
        steps = subject.told(self.portal.now) if subject and told else subject.steps if subject else []
        return len(steps) + {"right": 0, "stale": -1, "none such": 1}[wanted]

    def _both(self, real: Coroutine[Any, Any, Any], modelled: Callable[[], Any]) -> None:
        """Do it to the portal and to the model: the same comes back, or the same error."""
        self._same(_outcome(modelled), self.stage.run(_awaited(real)))

    def _same(self, expected: Any, got: Any) -> None:
        if isinstance(got, tuple):
            self.tally[got[0].__name__] += 1
        assert got == expected

    # what is done

    @initialize(
        closes=st.integers(0, 60),
        published=st.sampled_from((2, 2, 1, 2, 0)),
        tells=st.booleans(),
        begun=decisions,
    )
    def open_house(self, closes: int, published: int, tells: bool, begun: Any) -> None:
        house = replace(self.stage.house, now=self.portal.now)
        for _ in range(2):
            candidate = self.stage.run(house.candidate(email=f"{uuid4().hex[:12]}@example.org"))
            self.people[candidate] = self.stage.run(_address(candidate))
        for number, unit in enumerate(self.stage.units):
            self._create_offer(house, number, unit, closes, tells=tells or number == 0)
        for number in range(published):
            self.move_offer(2, number, "publish", "right")
            self.submit(0, number, "A letter")
            self.submit(1, number, "A letter")
        self.decide(begun)

    def _create_offer(self, house: House, number: int, unit: int, closes: int, *, tells: bool) -> None:
        closes_on = self.portal.now.astimezone(laws.PARIS).date() + timedelta(days=closes)
        staff, who = self._who(number)
        offer_id, reference = uuid4(), f"R-{uuid4().hex}"
        data = house.offer_data(closes_on=closes_on, tells_contact=tells)
        self.references[offer_id] = reference
        self.stage.run(
            create_offer(
                staff, reference, unit, data, terms=self.terms, now=self.portal.now, new_id=lambda: offer_id
            )
        )
        self.portal.create(
            laws.Offer(
                kind="offer",
                id=offer_id,
                unit=unit,
                contact=f"lab{number + 1}@example.org",
                closes_on=closes_on,
                tells_contact=tells,
            ),
            who,
        )

    @rule(person=st.integers(0, 1), offer=which, letter=st.sampled_from(("A letter", "A letter", " ")))
    def submit(self, person: int, offer: int, letter: str) -> None:
        candidate, offer_id, application_id = list(self.people)[person], self._offer(offer), uuid4()
        modelled = laws.Application(
            kind="application",
            id=application_id,
            candidate=candidate,
            address=self.people[candidate],
            offer=self.portal.offers[offer_id],
        )
        self._both(
            submit_application(
                candidate,
                self.references[offer_id],
                ApplicationForm(covering_letter_text=letter),
                documents=self.stage.house.documents,
                terms=self.terms,
                now=self.portal.now,
                new_id=lambda: application_id,
            ),
            lambda: self.portal.submit(modelled, letter.strip()),
        )

    @rule(
        person=st.integers(0, 3),
        application=which,
        message=st.sampled_from((None, "", "Found another")),
        version=versions,
    )
    def withdraw(self, person: int, application: int, message: str | None, version: Any) -> None:
        subject = self._application(application)
        own = self.portal.applications.get(subject)
        candidate = own.candidate if own and person >= 2 else list(self.people)[person % 2]
        expected = self._version(version, own, told=True)
        self._both(
            withdraw_application(
                candidate,
                subject,
                message,
                terms=self.terms,
                now=self.portal.now,
                expected_version=expected,
            ),
            lambda: self.portal.withdraw(candidate, subject, message, expected),
        )

    @rule(choices=decisions)
    def decide(self, choices: list[tuple[int, int, str | None]]) -> None:
        """Moves that lead on from where the applications stand, by those who may, with what they need."""
        for number, choice, key in choices:
            application = self.portal.applications.get(self._application(number))
            possible = _events_from(application.status) if application else ()
            if choice == WITHDRAWAL:
                self.withdraw(3, number, "Found another", "right")
            elif possible:
                self.move(3, (number, possible[choice % len(possible)], "right", "Because", key))
            self.everything_agrees()

    @rule(actor=actors, move=moves)
    def move(self, actor: int, move: Any) -> None:
        asked = self._asked(move)
        application = self.portal.applications.get(asked[0])
        actor = self.stage.staff.index(self._who(actor, application.offer.unit if application else None)[0])
        self.requests.append((actor, asked))
        self._move(actor, asked)

    @precondition(lambda self: self.requests)
    @rule(number=st.integers(0, 100), event=st.none() | events)
    def repeat(self, number: int, event: str | None) -> None:
        """A request that was made before comes once more, perhaps with another body."""
        actor, asked = self.requests[-1 - number % len(self.requests)]
        self._move(actor, (asked[0], event or asked[1], *asked[2:]))

    def _asked(self, move: Any) -> tuple[UUID, str, int | None, str, str | None]:
        number, event, version, note, key = move
        subject = self._application(number)
        expected = self._version(version, self.portal.applications.get(subject))
        return subject, event, expected, note, key and f"{key}/{self.mark}"

    def _move(self, actor: int, asked: tuple[UUID, str, int | None, str, str | None]) -> None:
        staff, who = self._who(actor)
        subject, event, expected, note, key = asked
        self._both(
            move_application(
                staff,
                subject,
                event,
                terms=self.terms,
                now=self.portal.now,
                expected_version=expected,
                note=note,
                idempotency_key=key,
            ),
            lambda: self.portal.move(who, *asked),
        )

    @rule(actor=st.integers(0, 2), some=st.lists(moves, min_size=1, max_size=6))
    def move_many(self, actor: int, some: list[Any]) -> None:
        staff, who = self._who(actor)
        asked = [self._asked(move) for move in some]
        self.requests += [(actor, each) for each in asked]
        real = self.stage.run(self._moved(staff, [Move(*each) for each in asked]))
        modelled = [_comparable(each) for each in self.portal.move_many(who, asked)]
        assert len(real) == len(modelled)
        for expected, got in zip(modelled, real, strict=True):
            self._same(expected, got)

    async def _moved(self, staff: StaffMember, some: list[Move]) -> list[Any]:
        outcomes = move_applications(staff, some, terms=self.terms, now=self.portal.now)
        return [_comparable(outcome.step or outcome.error) async for outcome in outcomes]

    @rule(actor=actors, offer=which, event=st.sampled_from(OFFER_EVENTS), version=versions)
    def move_offer(self, actor: int, offer: int, event: str, version: Any) -> None:
        if event == "cancel":
            self._cancel_offer(actor, offer, version)
            return
        offer_id = self._offer(offer)
        staff, who = self._who(actor, self.portal.offers[offer_id].unit)
        expected = self._version(version, self.portal.offers[offer_id])
        self._both(
            move_offer(
                staff,
                self.references[offer_id],
                event,
                terms=self.terms,
                now=self.portal.now,
                expected_version=expected,
            ),
            lambda: self.portal.move_offer(who, offer_id, event, expected),
        )

    def _cancel_offer(self, actor: int, offer: int, version: Any) -> None:
        offer_id = self._offer(offer)
        staff, who = self._who(actor, self.portal.offers[offer_id].unit)
        expected = self._version(version, self.portal.offers[offer_id])
        self._both(
            cancel_offer(
                staff,
                self.references[offer_id],
                terms=self.terms,
                now=self.portal.now,
                expected_version=expected,
            ),
            lambda: self.portal.cancel_offer(who, offer_id, expected),
        )

    @rule(
        actor=actors, offer=which, after=st.none() | waits | st.just(timedelta(minutes=-1)), version=versions
    )
    def schedule(self, actor: int, offer: int, after: timedelta | None, version: Any) -> None:
        offer_id = self._offer(offer)
        staff, who = self._who(actor, self.portal.offers[offer_id].unit)
        expected = self._version(version, self.portal.offers[offer_id])
        at = None if after is None else self.portal.now + after
        self._both(
            schedule_offer(
                staff,
                self.references[offer_id],
                at,
                terms=self.terms,
                now=self.portal.now,
                expected_version=expected,
            ),
            lambda: self.portal.schedule(who, offer_id, at, expected),
        )

    @rule(actor=actors, offer=which, closes=st.integers(-1, 60), described=st.booleans())
    def edit(self, actor: int, offer: int, closes: int, described: bool) -> None:
        offer_id, key = self._offer(offer), uuid4()
        staff, who = self._who(actor, self.portal.offers[offer_id].unit)
        closes_on = self.portal.now.astimezone(laws.PARIS).date() + timedelta(days=closes)
        data = self.stage.house.offer_data(
            closes_on=closes_on,
            tells_contact=self.portal.offers[offer_id].tells_contact,
            **({} if described else {"description_fr": "", "description_en": ""}),
        )
        self._both(
            edit_offer(
                staff,
                self.references[offer_id],
                data,
                terms=self.terms,
                now=self.portal.now,
                new_id=lambda: key,
            ),
            lambda: self.portal.edit(who, offer_id, closes_on, described, key),
        )

    @rule(
        by=waits,
        is_up=st.booleans(),
        ahead=st.sampled_from((timedelta(), timedelta(minutes=16))),
        came=st.sampled_from(("sent", "sent", "put off", "lost")),
    )
    def pass_time(self, by: timedelta, is_up: bool, ahead: timedelta, came: str) -> None:
        """With a worker that looks at calendar and outbox at its end, or none; the worker's clock may be ahead."""
        self.portal.now += by
        if is_up:
            self._both(self.calendar.fire_due(self.portal.now), self.portal.tick)
            self._both(
                self.stage.relay(self.portal.now + ahead, came),
                lambda: self.portal.relay(ahead, came),
            )

    @rule()
    def restart(self) -> None:
        self._both(self.stage.restart(), self.portal.plan_anew)

    @invariant()
    def everything_agrees(self) -> None:
        assert self.stage.run(all_there_is(self.portal, self.mark)) == all_there_should_be(self.portal)

    def teardown(self) -> None:
        """End all that goes on, so that the next history has the clock to itself."""
        subjects = (*self.portal.applications.values(), *self.portal.offers.values())
        self.tally.update(step.event for subject in subjects for step in subject.steps)
        for offer_id, offer in self.portal.offers.items():
            if offer.status not in ("cancelled", "archived"):
                self.stage.run(
                    cancel_offer(
                        self.stage.staff[2],
                        self.references[offer_id],
                        terms=self.terms,
                        now=self.portal.now,
                    )
                )
        self.stage.run(self.stage.drain(self.portal.now + timedelta(days=1)))


def _events_from(status: str) -> tuple[str, ...]:
    return tuple(event for event in EVENTS if status in laws.MOVES["application"][event][0])


async def _address(candidate_id: UUID) -> str:
    from workflow.candidates.tables import Candidate

    row = await Candidate.select(Candidate.email).where(Candidate.id == candidate_id).first()
    return str(row["email"]) if row else ""


async def _awaited(real: Coroutine[Any, Any, Any]) -> Any:
    try:
        return _comparable(await real)
    except DomainError as error:
        return _comparable(error)


def _outcome(modelled: Callable[[], Any]) -> Any:
    try:
        return _comparable(modelled())
    except DomainError as error:
        return _comparable(error)


def _comparable(result: Any) -> Any:
    if isinstance(result, DomainError):
        facts = {
            name: (fact.id, fact.role) if isinstance(fact, Actor) else fact
            for name, fact in result.facts.items()
        }
        return type(result), facts
    return as_modelled(result) if isinstance(result, Step) else result
