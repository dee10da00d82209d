"""The rows that the engine keeps: history, the words of its notes, the outbox, timers, idempotency keys."""

from piccolo.columns import (
    JSON,
    UUID,
    BigInt,
    BigSerial,
    Bytea,
    ForeignKey,
    Integer,
    OnDelete,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table


class History(Table, tablename="history"):
    """One row a step of a subject; append-only and chained, guarded by triggers.

    `announce_at` is the instant from which the step counts as told; null: never (an undo).
    `undoes` is the version that an undo takes back.
    """

    id = BigSerial(primary_key=True)
    subject_type = Varchar(length=40)
    subject_id = UUID()
    version = Integer()
    event = Varchar(length=40)
    from_state = Varchar(length=40)
    to_state = Varchar(length=40)
    actor_id = Varchar(length=64)
    role = Varchar(length=40)
    at = Timestamptz()
    announce_at = Timestamptz(null=True, default=None)
    undoes = Integer(null=True, default=None)
    note_digest = Varchar(length=64)
    digest = Varchar(length=64)


class HistoryNote(Table, tablename="history_note"):
    """The words of a note and the salt of its digest: erasable, while the chain still verifies."""

    id = BigSerial(primary_key=True)
    history = ForeignKey(History, on_delete=OnDelete.restrict, null=False)
    salt = Varchar(length=64)
    words = Text()


class Outbox(Table, tablename="outbox"):
    """One row an effect to carry out: a mail, an entry of the index. The row is the truth, Redis only nudges.

    States: pending → claimed (until `lease_until`, by `lease_token`) → sent or dead; cancelled while
    pending. `secret` is sealed and wiped when the row is settled. `rendered` holds the bytes of a mail
    from the first claim on, so that a repeat is the same to the byte. Of what must not happen twice,
    `begun_at` says that it may have happened; if the claim is lost then, the row is held for somebody to decide.
    `first_due_at`: when it was due before it was first postponed; null while it never was.
    """

    id = BigSerial(primary_key=True)
    kind = Varchar(length=60)
    dedup_key = Varchar(length=200, unique=True)
    recipient = Varchar(length=320, null=True, default=None)
    language = Varchar(length=8, null=True, default=None)
    params = JSON()
    secret = Bytea(null=True, default=None, secret=True)
    subject_type = Varchar(length=40, null=True, default=None)
    subject_id = UUID(null=True, default=None)
    subject_version = Integer(null=True, default=None)
    state = Varchar(length=20)
    due_at = Timestamptz()
    first_due_at = Timestamptz(null=True, default=None)
    expires_at = Timestamptz(null=True, default=None)
    attempts = Integer(default=0)
    lease_token = UUID(null=True, default=None)
    lease_until = Timestamptz(null=True, default=None)
    begun_at = Timestamptz(null=True, default=None)
    rendered = Bytea(null=True, default=None)
    receipt = Text(null=True, default=None)
    created_at = Timestamptz()
    settled_at = Timestamptz(null=True, default=None)


class Timer(Table, tablename="timer"):
    """What will happen by itself to a subject that stands at `version`; replaced by its next move.

    `fired_at`: when it was done, or given up with a `failure`; null while it waits.
    """

    id = BigSerial(primary_key=True)
    subject_type = Varchar(length=40)
    subject_id = UUID()
    version = Integer()
    name = Varchar(length=40)
    due_at = Timestamptz()
    attempts = Integer(default=0)
    fired_at = Timestamptz(null=True, default=None)
    failure = Text()


class IdempotencyKey(Table, tablename="idempotency_key"):
    """The first answer to a request that its sender may repeat; per actor, kept for 24 hours."""

    id = BigSerial(primary_key=True)
    actor_id = Varchar(length=64)
    key = Varchar(length=255)
    request_digest = Varchar(length=64)
    answer = JSON()
    created_at = Timestamptz()


class HistoryHead(Table, tablename="history_head"):
    """The last step of a subject that a checkpoint has sealed; only ever goes forward, guarded by triggers."""

    id = BigSerial(primary_key=True)
    subject_type = Varchar(length=40)
    subject_id = UUID()
    version = Integer()
    digest = Varchar(length=64)


class HistoryCheckpoint(Table, tablename="history_checkpoint"):
    """A seal over all heads at an instant, chained to the one before; append-only, guarded by triggers."""

    number = Integer(primary_key=True)
    taken_at = Timestamptz()
    through_id = BigInt()
    subjects = BigInt()
    heads = Varchar(length=64)
    mac = Varchar(length=64)
