"""Effects to carry out, recorded in the transaction that causes them: record, claim, settle, cancel."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresEngine

from workflow.engine import statements
from workflow.engine.tables import Outbox

PENDING = "pending"
CLAIMED = "claimed"
SENT = "sent"
DEAD = "dead"
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One effect to record. `params` is plain JSON; `secret` is sealed already, and wiped when settled.

    `about`: type and id of whom it concerns, where no step says so; whoever forgets them finds it by that.
    """

    kind: str
    dedup_key: str
    params: Mapping[str, Any]
    recipient: str | None = None
    language: str | None = None
    secret: bytes | None = None
    due_at: datetime | None = None
    expires_at: datetime | None = None
    about: tuple[str, UUID] | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that this worker holds until its lease ends."""

    id: int
    kind: str
    recipient: str | None
    language: str | None
    params: dict[str, Any]
    secret: bytes | None
    rendered: bytes | None
    attempts: int
    created_at: datetime
    due_at: datetime
    expires_at: datetime | None
    token: UUID = field(repr=False)


@dataclass(frozen=True, slots=True)
class SubjectStep:
    """The step of a subject that an announcement belongs to; an undo cancels by it."""

    type: str
    id: UUID
    version: int


def rows_from(
    announcements: Sequence[Announcement], *, now: datetime, step: SubjectStep | None = None
) -> list[dict[str, Any]]:
    """The rows of the outbox for some announcements, due at once unless they say otherwise."""
    of_step = (step.type, step.id) if step else None
    subjects = [of_step or item.about or (None, None) for item in announcements]
    return [
        {
            "kind": item.kind,
            "dedup_key": item.dedup_key,
            "recipient": item.recipient,
            "language": item.language,
            "params": json.dumps(dict(item.params), ensure_ascii=False),
            "secret": item.secret,
            "subject_type": subject_type,
            "subject_id": subject_id,
            "subject_version": step.version if step else None,
            "state": PENDING,
            "due_at": item.due_at or now,
            "expires_at": item.expires_at,
            "attempts": 0,
            "created_at": now,
        }
        for item, (subject_type, subject_id) in zip(announcements, subjects, strict=True)
    ]


async def record(announcements: Sequence[Announcement], *, now: datetime) -> None:
    """Write the rows of announcements that no step makes. Call it inside the transaction that causes them."""
    if announcements:
        await statements.insert(Outbox, rows_from(announcements, now=now))


async def is_recorded(dedup_key: str) -> bool:
    """Whether a row with this key was recorded before."""
    return bool(await Outbox.exists().where(Outbox.dedup_key == dedup_key))


async def cancel(step: SubjectStep, *, now: datetime) -> bool:
    """Cancel what a step would have told; False, and nothing changed, if a worker has had any of it in hand.

    Also what was given back since counts: it may have gone out before the connection was lost.
    """
    of_step = (
        (Outbox.subject_type == step.type)
        & (Outbox.subject_id == step.id)
        & (Outbox.subject_version == step.version)
    )
    query = Outbox.select(Outbox.state, Outbox.receipt).where(of_step)
    if isinstance(Outbox._meta.db, PostgresEngine):
        query = query.lock_rows("UPDATE", of=(Outbox,))  # waits for a claim under way, and sees what it left
    if any(row["state"] != PENDING or row["receipt"] is not None for row in await query):
        return False
    await Outbox.update({Outbox.state: CANCELLED, Outbox.settled_at: now, Outbox.secret: None}).where(of_step)
    return True


async def claim(
    *, kinds: Sequence[str], limit: int, lease: timedelta, token: UUID, now: datetime
) -> list[Claim]:
    """Take due rows of these kinds, oldest first, and those whose lease has run out.

    One statement, so that any number of workers may ask at once.
    """
    skip_locked = " FOR UPDATE SKIP LOCKED" if isinstance(Outbox._meta.db, PostgresEngine) else ""
    names = ", ".join("{}" for _ in kinds)
    rows = await Outbox.raw(
        "UPDATE outbox SET state = 'claimed', lease_token = {}, lease_until = {}, attempts = attempts + 1 "  # noqa: S608  # constants and a number
        f"WHERE id IN (SELECT id FROM outbox WHERE kind IN ({names}) AND state IN ('pending', 'claimed') AND "
        f"((state = 'pending' AND due_at <= {{}}) OR (state = 'claimed' AND lease_until <= {{}})) "
        f"ORDER BY due_at, id LIMIT {limit}{skip_locked}) RETURNING id",  # put together from constants and a number
        token,
        now + lease,
        *kinds,
        now,
        now,
    )
    if not rows:
        return []
    claimed = await Outbox.select().where(Outbox.id.is_in([row["id"] for row in rows])).order_by(Outbox.id)
    return [_claim_from(row, token) for row in claimed]


def _claim_from(row: dict[str, Any], token: UUID) -> Claim:
    return Claim(
        id=row["id"],
        kind=row["kind"],
        recipient=row["recipient"],
        language=row["language"],
        params=json.loads(row["params"]),
        secret=row["secret"],
        rendered=row["rendered"],
        attempts=row["attempts"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        expires_at=row["expires_at"],
        token=token,
    )


async def is_any_due(kinds: Sequence[str], now: datetime) -> bool:
    """Whether `claim` would find anything; unlike it, this only reads, so it may be asked often."""
    names = ", ".join("{}" for _ in kinds)
    return bool(
        await Outbox.raw(
            f"SELECT id FROM outbox WHERE kind IN ({names}) AND "  # noqa: S608  # constants
            "state IN ('pending', 'claimed') AND "
            "((state = 'pending' AND due_at <= {}) OR (state = 'claimed' AND lease_until <= {})) LIMIT 1",
            *kinds,
            now,
            now,
        )
    )


async def renew(claim: Claim, *, until: datetime) -> bool:
    """Hold a claim for longer, while its work goes on; False if the lease was lost meanwhile."""
    return bool(await Outbox.update({Outbox.lease_until: until}).where(_held(claim)).returning(Outbox.id))


async def keep_rendered(claim: Claim, rendered: bytes) -> bool:
    """Keep the bytes of a mail, so that every repeat is the same; False if the lease was lost meanwhile.

    Of a mail with a secret hand over sealed bytes; they are wiped when it is settled.
    """
    return bool(await Outbox.update({Outbox.rendered: rendered}).where(_held(claim)).returning(Outbox.id))


async def settle(claim: Claim, *, state: str, receipt: str, now: datetime) -> bool:
    """End a claim as sent or dead, with what the other side said; False if the lease was lost meanwhile."""
    values: dict[Any, Any] = {
        Outbox.state: state,
        Outbox.receipt: receipt,
        Outbox.settled_at: now,
        Outbox.secret: None,
        Outbox.lease_token: None,
        Outbox.lease_until: None,
    }
    if claim.secret is not None:
        values[Outbox.rendered] = None
    rows = await Outbox.update(values).where(_held(claim)).returning(Outbox.id)
    return bool(rows)


async def postpone(claim: Claim, *, until: datetime, receipt: str, counted: bool = True) -> bool:
    """Give a claim back, to be tried again; False if the lease was lost meanwhile.

    `counted`: whether this was a try, which a server that is down or a worker that stops is not.
    """
    rows = (
        await Outbox.update(
            {
                Outbox.state: PENDING,
                Outbox.due_at: until,
                Outbox.attempts: claim.attempts if counted else claim.attempts - 1,
                Outbox.receipt: receipt,
                Outbox.lease_token: None,
                Outbox.lease_until: None,
            }
        )
        .where(_held(claim))
        .returning(Outbox.id)
    )
    return bool(rows)


async def revive(row_id: int, *, now: datetime) -> bool:
    """Try a dead row once more; False if it is not dead. Its tries and receipt stay: it was in hand before."""
    rows = (
        await Outbox.update({Outbox.state: PENDING, Outbox.due_at: now, Outbox.settled_at: None})
        .where((Outbox.id == row_id) & (Outbox.state == DEAD))
        .returning(Outbox.id)
    )
    return bool(rows)


def _held(claim: Claim) -> Any:
    return (Outbox.id == claim.id) & (Outbox.lease_token == claim.token) & (Outbox.state == CLAIMED)
