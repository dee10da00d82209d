"""One move: what it writes, what it refuses, and that it leaves nothing half done."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from workflow.database.connection import write_transaction
from workflow.engine.errors import IllegalEvent
from workflow.engine.moves import Terms, fire, start
from workflow.offers.machine import OfferMachine
from workflow.offers.tables import Offer
from workflow.recruiters.tables import Unit
from workflow.roles import CLOCK


async def a_draft(now: datetime, terms: Terms) -> UUID:
    offer_id = uuid4()
    async with write_transaction():
        await Unit.insert(
            Unit(code="LAB1", name="Lab", city="Brest", region="53", contact_email="lab@example.org")
        )
        unit = await Unit.select(Unit.id).first()
        await start(OfferMachine, offer_id, CLOCK, terms=terms, now=now)
        await Offer.insert(
            Offer(
                id=offer_id,
                reference="R1",
                status="draft",
                version=1,
                unit=unit["id"],
                title_fr="Chimiste",
                job_type="scientific",
                region="53",
                country="FR",
                closes_on=date(2026, 6, 1),
                created_at=now,
            )
        )
    return offer_id


async def test_fire_moves_the_row_and_its_history(database: str, now: datetime, terms: Terms) -> None:
    offer_id = await a_draft(now, terms)
    async with write_transaction():
        await fire(OfferMachine, offer_id, "publish", CLOCK, terms=terms, now=now)
    rows = await Offer.select(Offer.status, Offer.version, Offer.published_at, Offer.created_at)
    assert rows == [
        {
            "status": "published",
            "version": 2,
            "published_at": None,
            "created_at": datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        }
    ]
    with pytest.raises(IllegalEvent):
        async with write_transaction():
            await fire(OfferMachine, offer_id, "publish", CLOCK, terms=terms, now=now)
