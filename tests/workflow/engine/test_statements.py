"""SQL made once: a prepared query asks for each value anew, on each kind of database."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from tests.support.house import House
from workflow.applications.announcements import facts_of
from workflow.engine.statements import Prepared
from workflow.offers.tables import Offer


def _titles(offer_id: UUID) -> Any:
    return Offer.select(Offer.reference, Offer.unit.code.as_alias("unit")).where(
        (Offer.id == offer_id) & (Offer.status == "published")
    )


TITLES = Prepared(_titles)
"""Made once for all tests, as in the program: the database changes from test to test."""


async def test_prepared_query_gives_the_rows_of_each_value(
    database: str, house: House, now: datetime
) -> None:
    unit = await house.unit()
    staff = await house.recruiter(unit)
    first, second = await house.offer(staff, unit, "A"), await house.offer(staff, unit, "B")
    draft = await house.offer(staff, unit, "C", publish=False)
    assert await TITLES.rows(first) == [{"reference": "A", "unit": "LAB1"}]
    assert await TITLES.rows(second) == [{"reference": "B", "unit": "LAB1"}]
    assert await TITLES.rows(draft) == []
    assert await TITLES.rows(uuid4()) == []


async def test_prepared_query_answers_like_piccolos_own(database: str, house: House) -> None:
    unit = await house.unit()
    offer = await house.offer(await house.recruiter(unit), unit)
    assert await TITLES.rows(offer) == await _titles(offer)


async def test_facts_of_an_application_that_is_not_there_are_none(database: str) -> None:
    assert await facts_of(uuid4()) is None
