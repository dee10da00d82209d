"""What happens by itself in this house: the timers of all machines, and who is told when they fire."""

from collections.abc import Mapping, Sequence

from workflow.applications.announcements import ApplicationAnnouncer, remind_of_waiting
from workflow.applications.machine import ApplicationMachine
from workflow.database.connection import write_transaction
from workflow.engine.calendar import Calendar
from workflow.engine.history import Step
from workflow.engine.machine import Machine, Terms
from workflow.engine.moves import Announcer
from workflow.engine.outbox import Announcement
from workflow.offers.commands import announce_offer
from workflow.offers.machine import OfferMachine
from workflow.roles import CLOCK


def calendar_of(terms: Terms) -> Calendar:
    """The calendar of all machines."""
    announcers: dict[type[Machine], Announcer] = {
        ApplicationMachine: ApplicationAnnouncer(),
        OfferMachine: _announce_of_offers,
    }
    return Calendar(announcers, CLOCK, write_transaction, terms)


async def _announce_of_offers(step: Step, tells: Mapping[str, str]) -> Sequence[Announcement]:
    return [*await announce_offer(step, tells), *await remind_of_waiting(step, tells)]
