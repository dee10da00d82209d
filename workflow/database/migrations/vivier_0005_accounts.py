"""What keeping an account needs: sessions one can tell apart, temporary passwords, new addresses, limits."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from workflow.database.schema import run_statements

ID = "0005"
VERSION = "1.38.0"
DESCRIPTION = "Sessions one can tell apart, temporary passwords, new addresses, limits"

_STATEMENTS = [
    "ALTER TABLE candidate_session ADD COLUMN device VARCHAR(120) NOT NULL DEFAULT ''",
    "ALTER TABLE candidate_session ADD COLUMN is_restricted BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE candidate_link ADD COLUMN email VARCHAR(320)",
    """CREATE TABLE temporary_password (
        id {serial},
        candidate {uuid} NOT NULL REFERENCES candidate (id) ON DELETE RESTRICT,
        password_hash VARCHAR(255) NOT NULL,
        created_at {instant} NOT NULL,
        expires_at {instant} NOT NULL,
        used_at {instant})""",
    "CREATE INDEX temporary_password_candidate ON temporary_password (candidate)",
    """CREATE TABLE attempt (
        id {serial},
        key VARCHAR(64) NOT NULL,
        at {instant} NOT NULL,
        under_way BOOLEAN NOT NULL DEFAULT FALSE)""",
    "CREATE INDEX attempt_key ON attempt (key, at)",
    "CREATE INDEX attempt_at ON attempt (at)",
]


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="vivier", description=DESCRIPTION)

    async def run() -> None:
        await run_statements(_STATEMENTS)

    manager.add_raw(run)
    return manager
