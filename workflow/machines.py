"""All machines there are: whatever goes over every machine takes them from here."""

from collections.abc import Iterator

from workflow.applications.machine import ApplicationMachine
from workflow.engine.machine import Machine
from workflow.offers.machine import OfferMachine
from workflow.roles import CANDIDATE, RECRUITER, STAFF

MACHINES: tuple[type[Machine], ...] = (ApplicationMachine, OfferMachine)

AUDIENCES = (CANDIDATE, RECRUITER)
"""Those whom states are named to; each by a name of its own."""


def needed_texts(machine: type[Machine]) -> Iterator[str]:
    """The ids of all texts of a machine; every language words them, English too."""
    for state in machine.state_ids():
        yield from (machine.state_message(state, audience) for audience in AUDIENCES)
    for event in machine.rules:
        yield machine.event_message(event)
        if event in confirmed_events(machine):
            yield machine.done_message(event)
    for timer in machine.timers:
        yield from (machine.timer_message(timer, is_refused=is_refused) for is_refused in (False, True))
    if machine is ApplicationMachine:
        yield from map(ApplicationMachine.ahead_message, machine.state_ids())


def confirmed_events(machine: type[Machine]) -> frozenset[str]:
    """The events that recruiters fire by a button, and that the console therefore confirms in words."""
    return frozenset(
        event for event, rule in machine.rules.items() if event != machine.opening and rule.by & STAFF
    )


def told_kinds() -> frozenset[str]:
    """The kinds of outbox rows that steps and timers record."""
    rules = [rule.tells for machine in MACHINES for rule in machine.rules.values()]
    timers = [timer.tells for machine in MACHINES for timer in machine.timers.values()]
    return frozenset(kind for tells in (*rules, *timers) for kind in tells.values())
