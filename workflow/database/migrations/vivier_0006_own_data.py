"""What candidates may ask of their data: a copy of it, and that it goes; and applications that are being prepared."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from workflow.database.schema import run_statements

ID = "0006"
VERSION = "1.38.0"
DESCRIPTION = "Copies of one's data, deletion, and applications that are being prepared"

_STATEMENTS = [
    "ALTER TABLE candidate ADD COLUMN deletes_at {instant}",
    "ALTER TABLE candidate ADD COLUMN warned_at {instant}",
    "ALTER TABLE candidate ADD COLUMN erased_at {instant}",
    "CREATE INDEX candidate_deletes ON candidate (deletes_at) WHERE deletes_at IS NOT NULL",
    "CREATE INDEX candidate_active ON candidate (last_active_at)",
    """CREATE TABLE archive (
        id {uuid} PRIMARY KEY NOT NULL,
        candidate {uuid} NOT NULL REFERENCES candidate (id) ON DELETE RESTRICT,
        asked_at {instant} NOT NULL,
        ready_at {instant},
        expires_at {instant},
        size INTEGER,
        digest VARCHAR(64))""",
    "CREATE INDEX archive_candidate ON archive (candidate)",
    """CREATE TABLE draft (
        id {uuid} PRIMARY KEY NOT NULL,
        candidate {uuid} NOT NULL REFERENCES candidate (id) ON DELETE RESTRICT,
        offer {uuid} NOT NULL REFERENCES offer (id) ON DELETE RESTRICT,
        covering_letter {uuid} REFERENCES document (id) ON DELETE RESTRICT,
        covering_letter_text TEXT NOT NULL,
        cv {uuid} REFERENCES document (id) ON DELETE RESTRICT,
        cv_url VARCHAR(500) NOT NULL,
        changed_at {instant} NOT NULL,
        UNIQUE (candidate, offer))""",
]


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="vivier", description=DESCRIPTION)

    async def run() -> None:
        await run_statements(_STATEMENTS)

    manager.add_raw(run)
    return manager
