"""What the board and the list are narrowed by, as their form offers it, and what may happen to many at once."""

from typing import Any

from workflow.applications.board import STARS, Filters
from workflow.applications.cards import offers_with_applications
from workflow.applications.machine import LIVE, ApplicationMachine
from workflow.recruiters.queries import StaffMember, units
from workflow.roles import RECRUITER

_OFFERS = 200
"""More nobody reads in a list; whoever looks for another comes from its page."""


async def choice_of_filters(staff: StaffMember, filters: Filters, language: str) -> dict[str, Any]:
    """For the template: what each filter may be set to; units are no choice where there is only one."""
    offers = await offers_with_applications(staff, limit=_OFFERS + 1, chosen=filters.offer)
    own = await units(staff.unit_ids)
    shown = sorted((offer.title(language), offer.reference) for offer in offers[:_OFFERS])
    return {
        "offer_choices": [(reference, f"{title} ({reference})") for title, reference in shown],
        "has_more_offers": len(offers) > _OFFERS,
        "unit_choices": [(str(unit.id), unit.code) for unit in own] if len(own) > 1 else [],
        "star_choices": [str(number) for number in STARS],
    }


def events_for_many() -> tuple[str, ...]:
    """What recruiters may do with applications that are still to be decided, and so with many at once."""
    moves = {event for state in LIVE for event in ApplicationMachine.moves_from(state, RECRUITER)}
    return tuple(event for event in ApplicationMachine.rules if event in moves)
