"""Effects to carry out, recorded in the transaction that causes them: record, claim, settle, cancel."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresEngine
from piccolo.querystring import QueryString

from workflow.engine import statements
from workflow.engine.tables import Outbox

PENDING = "pending"
CLAIMED = "claimed"
HELD = "held"
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
    first_due_at: datetime | None = None


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
    if _is_postgres():
        query = query.lock_rows("UPDATE", of=(Outbox,))  # waits for a claim under way, and sees what it left
    if any(row["state"] != PENDING or row["receipt"] is not None for row in await query):
        return False
    await Outbox.update({Outbox.state: CANCELLED, Outbox.settled_at: now, Outbox.secret: None}).where(of_step)
    return True


async def claim(
    *, kinds: Sequence[str], limit: int, lease: timedelta, token: UUID, now: datetime
) -> list[Claim]:
    """Take due rows of these kinds, oldest first, and those whose lease has run out.

    One statement, so that any number of workers may ask at once. What may be out already is left to `hold_lost`.
    """
    skip_locked = " FOR UPDATE SKIP LOCKED" if _is_postgres() else ""
    # Materialized: else PostgreSQL may look for due rows once for each row of the table, and take more than the limit.
    rows = await statements.ask(
        Outbox,
        f"WITH due AS MATERIALIZED (SELECT id FROM outbox WHERE kind IN ({_places(kinds)}) AND {_IS_DUE} "  # noqa: S608  # constants and a number
        f"ORDER BY due_at, id LIMIT {limit}{skip_locked}) "
        "UPDATE outbox SET state = 'claimed', lease_token = {}, lease_until = {}, attempts = attempts + 1 "
        "WHERE id IN (SELECT id FROM due) RETURNING id",
        *kinds,
        now,
        now,
        token,
        now + lease,
    )
    if not rows:
        return []
    claimed = await Outbox.select().where(Outbox.id.is_in([row["id"] for row in rows])).order_by(Outbox.id)
    return [_claim_from(row, token) for row in claimed]


_IS_DUE = (
    "state IN ('pending', 'claimed') AND due_at <= {} AND "
    "(state = 'pending' OR (lease_until <= {} AND begun_at IS NULL))"
)
"""What can be claimed; it takes the present instant twice. As the index `outbox_kind_due` has it, kind by kind."""


def _places(values: Sequence[Any]) -> str:
    return ", ".join("{}" for _ in values)


def _is_postgres() -> bool:
    return isinstance(Outbox._meta.db, PostgresEngine)


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
        first_due_at=row["first_due_at"],
    )


async def is_any_due(kinds: Sequence[str], now: datetime) -> bool:
    """Whether `claim` would find anything; unlike it, this only reads, so it may be asked often."""
    return bool(await due_kinds(kinds, now))


async def due_kinds(kinds: Sequence[str], now: datetime) -> list[str]:
    """Those of the kinds of which something is due; the one whose oldest row waits longest comes first.

    It looks at one row of each, however many wait.
    """
    oldest = f"SELECT due_at FROM outbox WHERE kind = asked.kind AND {_IS_DUE} ORDER BY due_at LIMIT 1"  # noqa: S608  # constants
    rows = await statements.ask(
        Outbox,
        f"WITH asked (kind) AS (VALUES {', '.join('({})' for _ in kinds)}) "  # noqa: S608  # constants
        f"SELECT kind, due_at FROM (SELECT kind, ({oldest}) AS due_at FROM asked) AS found "
        "WHERE due_at IS NOT NULL ORDER BY due_at, kind",
        *kinds,
        now,
        now,
    )
    return [row["kind"] for row in rows]


async def begin(claim: Claim, *, now: datetime) -> bool:
    """Say that it may be out from now on, before it goes; False if the lease was lost meanwhile.

    From here on nobody repeats it unasked: `postpone` takes that back once it is known not to be out.
    """
    return bool(await Outbox.update({Outbox.begun_at: now}).where(_held(claim)).returning(Outbox.id))


async def end_leases(tokens: Sequence[UUID], *, now: datetime) -> int:
    """Let others claim at once what a worker had in hand that is known to be dead; how many rows there were."""
    theirs = (Outbox.state == CLAIMED) & Outbox.lease_token.is_in(list(tokens))
    return len(await Outbox.update({Outbox.lease_until: now}).where(theirs).returning(Outbox.id))


async def hold(claim: Claim, *, receipt: str) -> bool:
    """Nobody knows whether it is out: let somebody decide; False if the lease was lost meanwhile."""
    values: dict[Any, Any] = {Outbox.state: HELD, Outbox.receipt: receipt, Outbox.lease_until: None}
    return bool(await Outbox.update(values).where(_held(claim)).returning(Outbox.id))


async def hold_lost(*, receipt: str, now: datetime) -> int:
    """Hold what had begun when its worker was lost, once the lease has run out; how many there were.

    Their tokens stay: their worker's journal may still know better (`settle_late`).
    """
    is_lost = (Outbox.state == CLAIMED) & Outbox.begun_at.is_not_null() & (Outbox.lease_until <= now)
    if not await Outbox.exists().where(is_lost):  # reading stands in nobody's way
        return 0
    values: dict[Any, Any] = {Outbox.state: HELD, Outbox.receipt: receipt, Outbox.lease_until: None}
    return len(await Outbox.update(values).where(is_lost).returning(Outbox.id))


async def renew(claim: Claim, *, until: datetime) -> bool:
    """Hold a claim for longer, while its work goes on; False if the lease was lost meanwhile."""
    return bool(await Outbox.update({Outbox.lease_until: until}).where(_held(claim)).returning(Outbox.id))


async def keep_rendered(rendered: Mapping[int, bytes], *, token: UUID) -> set[int]:
    """Keep the bytes of some mails of one claim, by their rows, so that every repeat is the same.

    Gives the rows that were still held. Of a mail with a secret hand over sealed bytes; they are wiped when it is
    settled.
    """
    rows = await statements.ask(
        Outbox,
        f"WITH kept (row_id, mail) AS (VALUES {_pairs(len(rendered), 'BYTEA' if _is_postgres() else 'BLOB')}) "  # noqa: S608  # constants
        "UPDATE outbox SET rendered = kept.mail FROM kept "
        "WHERE outbox.id = kept.row_id AND lease_token = {} AND state = 'claimed' RETURNING id",
        *(value for pair in rendered.items() for value in pair),
        token,
    )
    return {row["id"] for row in rows}


def _pairs(count: int, second: str) -> str:
    return ", ".join([f"(CAST({{}} AS BIGINT), CAST({{}} AS {second}))"] * count)


async def settle_sent(receipts: Mapping[int, str], *, token: UUID, now: datetime) -> set[int]:
    """End some rows of one claim as sent, in one statement; those that were still held."""
    rows = await statements.ask(
        Outbox,
        f"WITH said (row_id, words) AS (VALUES {_pairs(len(receipts), 'TEXT')}) "  # noqa: S608  # constants
        "UPDATE outbox SET state = 'sent', receipt = said.words, settled_at = {}, lease_token = NULL, "
        "lease_until = NULL, secret = NULL, rendered = CASE WHEN secret IS NULL THEN rendered END FROM said "
        "WHERE outbox.id = said.row_id AND lease_token = {} AND state = 'claimed' RETURNING id",
        *(value for pair in receipts.items() for value in pair),
        now,
        token,
    )
    return {row["id"] for row in rows}


async def settle_late(row_id: int, *, token: UUID, receipt: str, now: datetime) -> bool:
    """End a row as sent whose worker was lost before it could; False if that is known, or it goes again already."""
    is_open = (Outbox.state == CLAIMED) & (Outbox.lease_token == token) | Outbox.state.is_in([PENDING, HELD])
    values = _settled(SENT, receipt, now) | {Outbox.rendered: QueryString(_UNLESS_SECRET)}
    return bool(await Outbox.update(values).where((Outbox.id == row_id) & is_open).returning(Outbox.id))


_UNLESS_SECRET = "CASE WHEN secret IS NULL THEN rendered END"  # noqa: S105  # what stays of a mail


async def settle(claim: Claim, *, state: str, receipt: str, now: datetime) -> bool:
    """End a claim as sent or dead, with what the other side said; False if the lease was lost meanwhile."""
    values = _settled(state, receipt, now)
    if claim.secret is not None:
        values[Outbox.rendered] = None
    rows = await Outbox.update(values).where(_held(claim)).returning(Outbox.id)
    return bool(rows)


def _settled(state: str, receipt: str, now: datetime) -> dict[Any, Any]:
    return {
        Outbox.state: state,
        Outbox.receipt: receipt,
        Outbox.settled_at: now,
        Outbox.secret: None,
        Outbox.lease_token: None,
        Outbox.lease_until: None,
    }


async def postpone(claim: Claim, *, until: datetime, receipt: str, counted: bool = True) -> bool:
    """Give a claim back, to be tried again; False if the lease was lost meanwhile.

    `counted`: whether this was a try, which a server that is down or a worker that stops is not.
    """
    rows = (
        await Outbox.update(
            {
                Outbox.state: PENDING,
                Outbox.due_at: until,
                Outbox.first_due_at: QueryString("COALESCE(first_due_at, due_at)"),
                Outbox.attempts: claim.attempts if counted else claim.attempts - 1,
                Outbox.receipt: receipt,
                Outbox.begun_at: None,
                Outbox.lease_token: None,
                Outbox.lease_until: None,
            }
        )
        .where(_held(claim))
        .returning(Outbox.id)
    )
    return bool(rows)


async def revive(row_id: int, *, now: datetime) -> bool:
    """Try a dead or held row once more; False if it is neither. Its tries and receipt stay: it was in hand before."""
    rows = (
        await Outbox.update(
            {
                Outbox.state: PENDING,
                Outbox.due_at: now,
                Outbox.first_due_at: None,
                Outbox.settled_at: None,
                Outbox.begun_at: None,
                Outbox.lease_token: None,
            }
        )
        .where((Outbox.id == row_id) & Outbox.state.is_in([DEAD, HELD]))
        .returning(Outbox.id)
    )
    return bool(rows)


async def believe_sent(row_id: int, *, receipt: str, now: datetime) -> bool:
    """End a held row as sent, because somebody says so; False if it is not held."""
    values = _settled(SENT, receipt, now) | {Outbox.rendered: QueryString(_UNLESS_SECRET)}
    is_held = (Outbox.id == row_id) & (Outbox.state == HELD)
    return bool(await Outbox.update(values).where(is_held).returning(Outbox.id))


def _held(claim: Claim) -> Any:
    return (Outbox.id == claim.id) & (Outbox.lease_token == claim.token) & (Outbox.state == CLAIMED)
