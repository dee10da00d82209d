"""Forgetting who was told of which offer, once nobody could be told of it again.

Runs stay: they are few, name nobody once they are finished, and alerts go by the last ones.
"""

from datetime import datetime, timedelta

from piccolo.columns.combination import WhereRaw

from workflow.alerts.tables import AlertTold
from workflow.database.connection import write_transaction
from workflow.engine.statements import delete_unheld
from workflow.offers.machine import FINDABLE
from workflow.offers.tables import Offer

KEPT = timedelta(days=30)
"""So long after its last day an offer's readers are known: copies of people's data say what they were told of."""

_OFFERS, _ROWS = 50, 2_000
_IS_TOLD = WhereRaw("EXISTS (SELECT 1 FROM alert_told t WHERE t.offer = offer.id)")


async def forget_told(*, now: datetime) -> int:
    """Forget a portion of it; how many rows. Offers that are over never appear again, so nobody hears of one twice."""
    is_over = Offer.status.not_in(sorted(FINDABLE)) & (Offer.closes_on < (now - KEPT).date())
    offers = await Offer.select(Offer.id).where(is_over & _IS_TOLD).limit(_OFFERS)
    if not offers:
        return 0
    of_them = AlertTold.offer.is_in([offer["id"] for offer in offers])
    async with write_transaction():
        rows = await AlertTold.select(AlertTold.id).where(of_them).limit(_ROWS)
        return await delete_unheld(AlertTold, AlertTold.id.is_in([row["id"] for row in rows])) if rows else 0
