"""Timers, and the hour at which a draft publishes itself."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from workflow.database.schema import run_statements

ID = "0002"
VERSION = "1.38.0"
DESCRIPTION = "Timers, and the hour at which a draft publishes itself"

_STATEMENTS = [
    """CREATE TABLE timer (
        id {serial},
        subject_type VARCHAR(40) NOT NULL,
        subject_id {uuid} NOT NULL,
        version INTEGER NOT NULL,
        name VARCHAR(40) NOT NULL,
        due_at {instant} NOT NULL,
        attempts INTEGER NOT NULL,
        fired_at {instant},
        failure TEXT NOT NULL,
        UNIQUE (subject_type, subject_id, name))""",
    "CREATE INDEX timer_due ON timer (due_at) WHERE fired_at IS NULL",
    "ALTER TABLE offer ADD COLUMN publish_at {instant}",
]


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="vivier", description=DESCRIPTION)

    async def run() -> None:
        await run_statements(_STATEMENTS)

    manager.add_raw(run)
    return manager
