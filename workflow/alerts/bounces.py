"""Addresses whose server refuses them for good: their owners' alerts rest until somebody mends it (L4).

What was to be told meanwhile is told then: the alerts go on from where they stood, and digests that came back go out
again.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from workflow.alerts.cursors import standing, staying
from workflow.alerts.digests import KIND
from workflow.alerts.tables import Alert
from workflow.candidates.holding import held_candidate, hold_candidate
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction
from workflow.engine import outbox
from workflow.engine.tables import Outbox

_LONGEST = 500


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
            await _keep_places(candidate["id"])
    return True


async def _keep_places(candidate_id: UUID) -> None:
    """From here on runs pass by: how far they had come is known now."""
    for alert in await Alert.select().where(Alert.candidate == candidate_id).order_by(Alert.id):
        await Alert.update(await standing(alert["frequency"], alert)).where(Alert.id == alert["id"])


async def clear_bounce(candidate_id: UUID, *, now: datetime) -> None:
    """Write to the address again: its owner says that it is right. Raises AuthenticationRequired."""
    async with write_transaction():
        candidate = await hold_candidate(candidate_id, now=now)
        await Candidate.update({Candidate.bounced_at: None, Candidate.bounce_said: ""}).where(
            Candidate.id == candidate_id
        )
        await catch_up(candidate, candidate["email"], now=now)


async def catch_up(candidate: Mapping[str, Any], email: str, *, now: datetime) -> None:
    """Let alerts go on where they stood when mails began to come back, and digests that came back go to `email`.

    `candidate`: the row as it was before that was cleared. Call it at the end of the transaction that clears it.
    """
    if candidate["bounced_at"] is None:
        return
    of_theirs = Alert.candidate == candidate["id"]
    if candidate["deletes_at"] is None and await Alert.exists().where(of_theirs & Alert.stopped_at.is_null()):
        await _send_again(candidate, email, now)
    await Alert.update(await staying()).where(of_theirs)


async def _send_again(candidate: Mapping[str, Any], email: str, now: datetime) -> None:
    """Digests that died since; what they told is told nowhere else. To another address they are written anew."""
    came_back = (
        (Outbox.subject_id == candidate["id"])
        & (Outbox.kind == KIND)
        & (Outbox.state == outbox.DEAD)
        & (Outbox.settled_at >= candidate["bounced_at"])
        & (Outbox.expires_at > now)
    )
    for row in await Outbox.select(Outbox.id, Outbox.recipient).where(came_back).order_by(Outbox.id):
        if row["recipient"] != email:
            readdressed: dict[Any, Any] = {Outbox.recipient: email, Outbox.rendered: None}
            await Outbox.update(readdressed).where(Outbox.id == row["id"])
        await outbox.revive(row["id"], now=now)
