"""Random actors who do anything at any time, to the portal and to its model at once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.workflow.engine import laws
from tests.workflow.engine.random_offers import RandomOffers, actors, versions, waits, which
from tests.workflow.engine.side_by_side import comparable
from workflow.applications.commands import move_application, move_applications, withdraw_application
from workflow.applications.sending import submit_application
from workflow.applications.submission import ApplicationForm
from workflow.engine.many import Move
from workflow.recruiters.queries import StaffMember

EVENTS = ("consider", "accept", "reject", "undo", "reopen")
IMPOSSIBLE = ("withdraw", "cancel", "submit", "model", "")
WITHDRAWAL = 4

events = st.one_of(st.sampled_from(EVENTS), st.sampled_from(EVENTS), st.sampled_from(EVENTS + IMPOSSIBLE))
notes = st.sampled_from(("", "  ", "Because", "Because", " The funding fell through "))
keys = st.sampled_from((None, None, "one", "two", "three"))
moves = st.tuples(which, events, versions, notes, keys)
decisions = st.lists(st.tuples(which, st.integers(0, WITHDRAWAL), keys), min_size=4, max_size=10)


class RandomHistories(RandomOffers):
    """Applications are sent, moved and withdrawn, again and again, while offers change and time passes."""

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
        modelled = [comparable(each) for each in self.portal.move_many(who, asked)]
        assert len(real) == len(modelled)
        for expected, got in zip(modelled, real, strict=True):
            self._same(expected, got)

    async def _moved(self, staff: StaffMember, some: list[Move]) -> list[Any]:
        outcomes = move_applications(staff, some, terms=self.terms, now=self.portal.now)
        return [comparable(outcome.step or outcome.error) async for outcome in outcomes]

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


def _events_from(status: str) -> tuple[str, ...]:
    return tuple(event for event in EVENTS if status in laws.MOVES["application"][event][0])


async def _address(candidate_id: UUID) -> str:
    from workflow.candidates.tables import Candidate

    row = await Candidate.select(Candidate.email).where(Candidate.id == candidate_id).first()
    return str(row["email"]) if row else ""
