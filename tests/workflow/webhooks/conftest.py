"""What tests of webhooks ask for: an administrator, and a subscription."""

from uuid import UUID

import pytest

from tests.support.house import House
from tests.workflow.webhooks.places import KEY, reach
from workflow.recruiters.queries import StaffMember
from workflow.webhooks.commands import add_webhook
from workflow.webhooks.events import EVENTS


@pytest.fixture
async def administrator(database: str, house: House) -> StaffMember:
    return await house.recruiter(name="Ada", is_administrator=True)


@pytest.fixture
async def webhook_id(administrator: StaffMember, house: House) -> UUID:
    """One that wants everything."""
    data = {"url": "https://example.org/hook", "description": "Ours", "events": list(EVENTS)}
    made = await add_webhook(administrator, data, reach=reach(), secret_key=KEY, now=house.now)
    return made.id
