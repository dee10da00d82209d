"""A claim takes no more than its limit, whatever plan PostgreSQL makes for it."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from tests.jobs.conftest import record_mails
from workflow.database.connection import write_transaction
from workflow.engine.outbox import claim
from workflow.engine.tables import Outbox

_USUAL_WAYS = (
    *("hashagg", "hashjoin", "mergejoin", "memoize", "material", "sort"),
    *("bitmapscan", "indexscan", "indexonlyscan"),
)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_claim_keeps_its_limit_in_a_plan_that_repeats_its_parts(database: str, now: datetime) -> None:
    await record_mails(now, *(f"{number}@example.org" for number in range(5)))
    async with write_transaction():
        for way in _USUAL_WAYS:
            await Outbox.raw(f"SET LOCAL enable_{way} = off")
        claimed = await claim(
            kinds=["account_exists"], limit=2, lease=timedelta(minutes=1), token=uuid4(), now=now
        )
    assert [claim.recipient for claim in claimed] == ["0@example.org", "1@example.org"]
