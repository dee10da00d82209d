"""Where the console's pages stand, for pages that lead to each other."""

from urllib.parse import quote
from uuid import UUID

OFFERS = "/console/offers"


def application_address(application_id: UUID) -> str:
    """Where the page of an application stands."""
    return f"/console/applications/{application_id}"


def offer_address(reference: str) -> str:
    """Where an offer's page is."""
    return f"{OFFERS}/{quote(reference, safe='')}"


def batch_address(batch_id: UUID) -> str:
    """Where one sees how far many moves at once are."""
    return f"/console/batches/{batch_id}"
