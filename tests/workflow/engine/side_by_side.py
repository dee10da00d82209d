"""The portal and its model side by side: whatever is done to one is done to the other, and both always agree."""

from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.workflow.engine import laws
from tests.workflow.engine.model import Portal
from tests.workflow.engine.stage import Stage, all_there_is, all_there_should_be, as_modelled
from workflow.applications.commands import cancel_offer
from workflow.calendar import calendar_of
from workflow.engine.history import Step
from workflow.engine.machine import Actor
from workflow.errors import DomainError
from workflow.recruiters.queries import StaffMember

STRANGE = 11
"""The number of an application that there is not."""

STRANGER = UUID("00000000-0000-4000-8000-000000000000")


class SideBySide(RuleBasedStateMachine):
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


async def _awaited(real: Coroutine[Any, Any, Any]) -> Any:
    try:
        return comparable(await real)
    except DomainError as error:
        return comparable(error)


def _outcome(modelled: Callable[[], Any]) -> Any:
    try:
        return comparable(modelled())
    except DomainError as error:
        return comparable(error)


def comparable(result: Any) -> Any:
    if isinstance(result, DomainError):
        facts = {
            name: (fact.id, fact.role) if isinstance(fact, Actor) else fact
            for name, fact in result.facts.items()
        }
        return type(result), facts
    return as_modelled(result) if isinstance(result, Step) else result
