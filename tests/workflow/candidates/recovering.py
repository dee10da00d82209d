"""A candidate whose secret answer is known, and what was mailed to her."""

from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from tests.support.house import House
from workflow.engine.tables import Outbox
from workflow.passwords import hash_password
from workflow.sealing import unseal

KEY = "a secret key for the tests"
EMAIL = "chloe@example.org"


@lru_cache(maxsize=1)
def _answer_hash() -> str:
    return hash_password("odet")


async def chloe(house: House, **changes: Any) -> UUID:
    """Her secret question is in her own words, the answer “Odet”."""
    known = {"email": EMAIL, "secret_question": "Which river?", "secret_answer_hash": _answer_hash()}
    return await house.candidate(**known | changes)


async def mails() -> list[tuple[str, str]]:
    """Kind and recipient of every mail recorded, oldest first."""
    rows = await Outbox.select(Outbox.kind, Outbox.recipient).order_by(Outbox.id)
    return [(row["kind"], row["recipient"]) for row in rows]


async def secret_of(kind: str, key: str = KEY) -> str:
    """What the newest mail of a kind carries alone: a password, or the token at the end of its link."""
    row = await Outbox.select().where(Outbox.kind == kind).order_by(Outbox.id, ascending=False).first()
    assert row is not None
    (secret,) = unseal(row["secret"], key).values()
    return str(secret).rsplit("/", 1)[-1]


def hours_later(now: datetime, hours: float) -> datetime:
    return datetime.fromtimestamp(now.timestamp() + hours * 3600, now.tzinfo)
