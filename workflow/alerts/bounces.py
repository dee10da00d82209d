"""Addresses whose server refuses them for good: their owners' alerts rest until somebody mends it (L4)."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from workflow.candidates.holding import held_candidate, hold_candidate
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction

_CODES = frozenset({550, 551, 553})
_ENHANCED = re.compile(r"\b[245]\.(\d{1,3})\.\d{1,3}\b")
_ABOUT_ADDRESSES = frozenset({"1", "2"})
"""Of RFC 3463: what is wrong with the address, or with its mailbox. 5.7 says that the server does not want *us*."""

_LONGEST = 500


def is_about_address(code: int, said: str) -> bool:
    """Whether a server's answer to a recipient means that mails to this very address can never arrive."""
    enhanced = _ENHANCED.search(said)
    return code in _CODES and (enhanced is None or enhanced[1] in _ABOUT_ADDRESSES)


async def note_bounce(recipient: str, said: str, *, now: datetime) -> bool:
    """Write down what a server said when it refused an address for good; whether it is a candidate's present one."""
    seen = await Candidate.select(Candidate.id).where(Candidate.email_key == recipient.lower()).first()
    if seen is None:
        return False
    async with write_transaction():
        candidate = await held_candidate(seen["id"])
        if candidate is None or candidate["email_key"] != recipient.lower():
            return False
        if candidate["bounced_at"] is None:
            values: dict[Any, Any] = {Candidate.bounced_at: now, Candidate.bounce_said: said[:_LONGEST]}
            await Candidate.update(values).where(Candidate.id == candidate["id"])
    return True


async def clear_bounce(candidate_id: UUID, *, now: datetime) -> None:
    """Write to the address again: its owner says that it is right. Raises AuthenticationRequired."""
    async with write_transaction():
        await hold_candidate(candidate_id, now=now)
        await Candidate.update({Candidate.bounced_at: None, Candidate.bounce_said: ""}).where(
            Candidate.id == candidate_id
        )
