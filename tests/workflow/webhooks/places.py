"""Where tests of webhooks live: a key, and a resolver that knows two hosts."""

from collections.abc import Sequence
from typing import Any

from workflow.engine.tables import Outbox
from workflow.webhooks.addresses import Allowance
from workflow.webhooks.commands import Reach
from workflow.webhooks.events import EVENTS

KEY = "a key for the tests"
_HOSTS = {"example.org": ["93.184.215.14"], "inside.example.org": ["10.0.0.7"]}


async def resolve(host: str, _port: int) -> Sequence[str]:
    return _HOSTS.get(host, [])


def reach() -> Reach:
    return Reach(Allowance(), resolve)


async def event_rows(*columns: str) -> list[dict[str, Any]]:
    """These columns of the outbox rows for programs, in their order."""
    rows = Outbox.select(*columns).where(Outbox.kind.is_in([*EVENTS])).order_by(Outbox.id)
    return await rows.output(load_json=True)
