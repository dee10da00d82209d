"""Checkpoints of the history: the heads of its chains, and the seals over them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from workflow.database.schema import refusal, run_for_dialect, run_statements

ID = "0003"
VERSION = "1.38.0"
DESCRIPTION = "Checkpoints of the history: the heads of its chains, and the seals over them"

_TABLES = [
    """CREATE TABLE history_head (
        id {serial},
        subject_type VARCHAR(40) NOT NULL,
        subject_id {uuid} NOT NULL,
        version INTEGER NOT NULL CHECK (version > 0),
        digest VARCHAR(64) NOT NULL,
        UNIQUE (subject_type, subject_id))""",
    """CREATE TABLE history_checkpoint (
        number INTEGER PRIMARY KEY NOT NULL,
        taken_at {instant} NOT NULL,
        through_id BIGINT NOT NULL,
        subjects BIGINT NOT NULL,
        heads VARCHAR(64) NOT NULL,
        mac VARCHAR(64) NOT NULL)""",
]

_GOES_BACK = """
    NEW.version <= OLD.version OR NEW.id <> OLD.id
    OR NEW.subject_type <> OLD.subject_type OR NEW.subject_id <> OLD.subject_id
"""

_OF_NO_STEP = """
    NOT EXISTS (SELECT 1 FROM history h WHERE h.subject_type = NEW.subject_type
        AND h.subject_id = NEW.subject_id AND h.version = NEW.version AND h.digest = NEW.digest)
"""

_NOT_THE_NEXT = """
    NEW.number <> (SELECT COALESCE(MAX(c.number), 0) + 1 FROM history_checkpoint c)
"""


def _guards() -> list[tuple[list[str], list[str]]]:
    stays = {
        table: refusal(f"{table}_stays", table=table, on="DELETE", message=f"{table}: rows are never deleted")
        for table in ("history_head", "history_checkpoint")
    }
    return [
        *stays.values(),
        refusal(
            "history_head_begins",
            table="history_head",
            on="INSERT",
            when=_OF_NO_STEP,
            message="history_head: a head is the step of a history",
        ),
        refusal(
            "history_head_advances",
            table="history_head",
            on="UPDATE",
            when=f"{_GOES_BACK} OR {_OF_NO_STEP}",
            message="history_head: a head only ever goes forward",
        ),
        refusal(
            "history_checkpoint_follows",
            table="history_checkpoint",
            on="INSERT",
            when=_NOT_THE_NEXT,
            message="history_checkpoint: each follows the last one",
        ),
        refusal(
            "history_checkpoint_unchanged",
            table="history_checkpoint",
            on="UPDATE",
            message="history_checkpoint: rows never change",
        ),
    ]


def _refuse_truncate(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_stays()"
    )


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="vivier", description=DESCRIPTION)

    async def run() -> None:
        await run_statements(_TABLES)
        for sqlite, postgres in _guards():
            await run_for_dialect(sqlite=sqlite, postgres=postgres)
        for table in ("history_head", "history_checkpoint"):
            await run_for_dialect(sqlite=[], postgres=[_refuse_truncate(table)])

    manager.add_raw(run)
    return manager
