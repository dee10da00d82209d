"""What the board and the list are narrowed by, as their form offers it, and what may happen to many at once."""

from collections.abc import Collection, Mapping
from typing import Any

from workflow.applications.board import STARS, Filters, filters_from
from workflow.applications.cards import offers_with_applications
from workflow.applications.machine import LIVE, ApplicationMachine
from workflow.checks import clean_line
from workflow.errors import FieldError, InvalidInput
from workflow.language import N_
from workflow.recruiters.queries import StaffMember, units
from workflow.roles import RECRUITER

_OFFERS = 200
"""More nobody reads in a list; whoever looks for another comes from its page."""


def strict_filters(query: Mapping[str, Any], names: Collection[str]) -> Filters:
    """Some filters of an address that gives a file: nobody sees there what a filter without sense has let through.

    Raises InvalidInput, which names each that would narrow nothing.
    """
    given = {name: query.get(name) for name in names if clean_line(query.get(name))}
    filters = filters_from(given)
    odd = sorted(given.keys() - filters.fields.keys())
    if odd:
        raise InvalidInput([FieldError(name, N_("Choose one of the list.")) for name in odd])
    return filters


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
