"""Histories as they lie in the database, read for those who doubt them: with row ids, salts, and at one instant."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from piccolo.engine.postgres import PostgresEngine
from piccolo.engine.sqlite import SQLiteEngine, TransactionType

from workflow.engine.history import Step, step_from
from workflow.engine.tables import History, HistoryNote

MANY = 1_000
"""More faults of one kind than anybody reads."""


UNREADABLE = (ValueError, TypeError, ArithmeticError)
"""What reading raises where somebody wrote into SQLite, which takes any text for an instant or a number."""


def is_same(one: str, other: str) -> bool:
    """Compare digests without telling by the time how much of them fits; the other may be any text."""
    return hmac.compare_digest(one.encode(), other.encode())


@dataclass(frozen=True, slots=True)
class Note:
    """The words of a note, which were not erased, and the salt of their digest."""

    salt: str
    words: str

    def fits(self, digest: str) -> bool:
        """Whether these are the words that the step was made with."""
        return is_same(hashlib.sha256((self.salt + self.words).encode()).hexdigest(), digest)


@dataclass(frozen=True, slots=True)
class Record:
    """A step, and the id of the history row that holds it."""

    row_id: int
    step: Step
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong with one subject, in a plain sentence.

    `version` is the step that is wrong or missing, `row_id` its history row, if it has one. A fault of
    the checkpoints has no subject id; its `version` is the checkpoint's number.
    """

    subject_type: str
    subject_id: UUID | None
    version: int | None
    row_id: int | None
    said: str

    def __str__(self) -> str:
        subject = f" {self.subject_id}" if self.subject_id else ""
        version = f", version {self.version}" if self.subject_id and self.version else ""
        number = f" {self.version}" if self.version and not self.subject_id else ""
        row = f" (history row {self.row_id})" if self.row_id else ""
        return f"{self.subject_type}{number}{subject}{version}{row}: {self.said}"


def capped(faults: list[Fault]) -> list[Fault]:
    """So that a table full of faults does not fill the memory."""
    if len(faults) <= MANY:
        return faults
    last = faults[MANY]
    more = Fault(last.subject_type, None, None, None, f"there are more than {MANY} faults like the last one")
    return [*faults[:MANY], more]


async def records_of(subject_type: str, subject_ids: Sequence[UUID]) -> dict[UUID, list[Record]]:
    """All records of some subjects, oldest first; an empty list for one without a history."""
    records: dict[UUID, list[Record]] = {subject_id: [] for subject_id in subject_ids}
    if not records:
        return records
    mine = (History.subject_type == subject_type) & History.subject_id.is_in(list(records))
    rows = await History.select().where(mine).order_by(History.version, History.id)
    of_mine = (HistoryNote.history.subject_type == subject_type) & HistoryNote.history.subject_id.is_in(
        list(records)
    )
    notes = {
        note["history"]: Note(note["salt"], note["words"])
        for note in await HistoryNote.select(HistoryNote.history, HistoryNote.salt, HistoryNote.words).where(
            of_mine
        )
    }
    for row in rows:
        records[row["subject_id"]].append(Record(row["id"], step_from(row), notes.get(row["id"])))
    return records


@asynccontextmanager
async def snapshot() -> AsyncIterator[None]:
    """Read as of one instant, while others go on writing; what is written meanwhile is not seen."""
    database = History._meta.db
    if isinstance(database, SQLiteEngine):
        async with database.transaction(TransactionType.deferred, allow_nested=False):
            yield
    elif isinstance(database, PostgresEngine):
        async with database.transaction(allow_nested=False):
            await History.raw("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        raise TypeError(f"no snapshots on {database!r}")
