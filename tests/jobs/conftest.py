"""What tests of the worker ask for: a mail server, outbox rows, and looking at them."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from tests.support.smtp import SmtpSink, smtp_sink
from workflow.database.connection import write_transaction
from workflow.engine.outbox import Announcement, record
from workflow.engine.tables import Outbox

PERSON = {"title": "ms", "first_name": "Zoé", "last_name": "Durand"}


@pytest.fixture
async def sink() -> AsyncIterator[SmtpSink]:
    async with smtp_sink() as running:
        yield running


async def record_mails(now: datetime, *recipients: str, **changed: Any) -> None:
    """One mail for each address."""
    async with write_transaction():
        await record(
            [
                Announcement(
                    **{
                        "kind": "account_exists",
                        "dedup_key": recipient,
                        "params": PERSON,
                        "recipient": recipient,
                        "language": "en",
                        **changed,
                    }
                )
                for recipient in recipients
            ],
            now=now,
        )


async def rows(*columns: str) -> list[dict[str, Any]]:
    """These columns of all outbox rows, in their order."""
    return await Outbox.select(*columns).order_by(Outbox.id)
