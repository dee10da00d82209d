"""Where a visitor goes on to after logging in or confirming: the page, or the offer, that they came for."""

from datetime import datetime

from web.kit.addresses import local_path
from web.kit.offers import ShownOffer, offer_address, shown_offer
from web.kit.portal import Portal
from workflow.offers.queries import OfferView, offer_by_reference

AREA = "/candidate"


async def public_offer(reference: str | None) -> OfferView | None:
    """The offer that a form or an address names, if the public may know of it."""
    offer = await offer_by_reference(reference) if reference else None
    return offer if offer and offer.is_public else None


async def offer_to_come_back_to(
    reference: str | None, language: str, portal: Portal, now: datetime
) -> ShownOffer | None:
    """The same, as a page shows it."""
    offer = await public_offer(reference)
    return shown_offer(offer, language, now=now, zone=portal.zone) if offer else None


async def destination(next_path: str = "", reference: str | None = None) -> str:
    """The offer's page (P1), else the page that was asked for (A1), else the Candidate Area's homepage."""
    offer = await public_offer(reference)
    return offer_address(offer.reference) if offer else local_path(next_path, AREA)
