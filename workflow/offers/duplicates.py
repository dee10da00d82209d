"""A new draft that begins as the copy of another offer (C2)."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from workflow.engine.machine import Terms
from workflow.offers.commands import create_offer, offer_of_staff
from workflow.offers.fields import OFFER_FIELDS, REFERENCE_LENGTH
from workflow.offers.queries import OfferView
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember

_ENDS_IN_NUMBER = re.compile(r"(.*?)(\d{1,9})", re.ASCII)
_YEAR = re.compile(r"(19|20)\d\d", re.ASCII)
_TRIED = 50


async def duplicate_offer(
    staff: StaffMember,
    reference: str,
    new_reference: str,
    unit_id: int,
    closes_on: object,
    *,
    terms: Terms,
    now: datetime,
    new_id: Callable[[], UUID] = uuid4,
) -> UUID:
    """Make a draft that says what an offer says; the new id.

    It gets a last day of its own, and no start that is over. When the original was published, or was to be, is
    not copied. Raises NotFound for an offer or a unit of others, InvalidInput.
    """
    original = await offer_of_staff(staff, reference)
    data = copied(original, now.astimezone(terms.zone).date()) | {"closes_on": closes_on}
    return await create_offer(
        staff, new_reference, unit_id, data, terms=terms, now=now, copied_from=reference, new_id=new_id
    )


def copied(offer: OfferView, today: date) -> dict[str, Any]:
    """The fields of a copy; days that are over are left out."""
    values = {name: getattr(offer, name) for name in OFFER_FIELDS}
    days = ("starts_on", "closes_on")
    return {
        name: None if name in days and value and value < today else value for name, value in values.items()
    }


async def free_reference(reference: str) -> str:
    """A reference after this one that no offer has; "" where none came to mind."""
    wanted = list(islice(_references_after(reference), _TRIED))
    rows = await Offer.select(Offer.reference).where(Offer.reference.is_in(wanted))
    taken = {row["reference"] for row in rows}
    return next((each for each in wanted if each not in taken), "")


def _references_after(reference: str) -> Iterator[str]:
    """Counted on where it ends in a number that is no year: LAB1-014, LAB1-015; else with a number added."""
    found = _ENDS_IN_NUMBER.fullmatch(reference)
    stem, dash, number, width = reference, "-", 1, 0
    if found and not _YEAR.fullmatch(found[2]):
        stem, dash, number, width = found[1], "", int(found[2]), len(found[2])
    for each in range(number + 1, number + 1 + _TRIED):
        ending = dash + str(each).zfill(width)
        yield stem[: REFERENCE_LENGTH - len(ending)] + ending
