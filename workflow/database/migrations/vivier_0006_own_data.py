"""What candidates may ask of their data: a copy of it, and that it goes; and applications that are being prepared."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from workflow.database.schema import refusal, run_for_dialect, run_statements

ID = "0006"
VERSION = "1.38.0"
DESCRIPTION = "Copies of one's data, deletion, and applications that are being prepared"

_STATEMENTS = [
    "ALTER TABLE candidate ADD COLUMN deletes_at {instant}",
    "ALTER TABLE candidate ADD COLUMN warned_at {instant}",
    "ALTER TABLE candidate ADD COLUMN erased_at {instant}",
    "CREATE INDEX candidate_deletes ON candidate (deletes_at) WHERE deletes_at IS NOT NULL",
    "CREATE INDEX candidate_erased ON candidate (erased_at) WHERE erased_at IS NOT NULL",
    "CREATE INDEX candidate_active ON candidate (last_active_at)",
    "CREATE INDEX application_candidate ON application (candidate)",
    "CREATE INDEX application_cv ON application (cv)",
    "CREATE INDEX application_covering_letter ON application (covering_letter)",
    """CREATE TABLE archive (
        id {uuid} PRIMARY KEY NOT NULL,
        candidate {uuid} NOT NULL REFERENCES candidate (id) ON DELETE RESTRICT,
        asked_at {instant} NOT NULL,
        ready_at {instant},
        failed_at {instant},
        expires_at {instant},
        size BIGINT,
        digest VARCHAR(64))""",
    "CREATE INDEX archive_candidate ON archive (candidate)",
    "CREATE INDEX document_digest ON document (digest)",
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
    "CREATE INDEX draft_cv ON draft (cv)",
    "CREATE INDEX draft_covering_letter ON draft (covering_letter)",
]

_OF_CANDIDATES = (
    "application",
    "archive",
    "candidate_link",
    "candidate_session",
    "document",
    "draft",
    "temporary_password",
)


def _erased(lock: str = "") -> str:
    return f"(SELECT c.erased_at FROM candidate c WHERE c.id = NEW.candidate{lock}) IS NOT NULL"


def _nothing_new(table: str) -> tuple[list[str], list[str]]:
    """An erased candidate gets nothing more. On PostgreSQL an erasure under way is waited for (as its key is)."""
    facts = {"table": table, "on": "INSERT", "message": f"{table}: this candidate has left"}
    name = f"{table}_of_nobody"
    sqlite, _ = refusal(name, when=_erased(), **facts)
    _, postgres = refusal(name, when=_erased(" FOR KEY SHARE"), **facts)
    return sqlite, postgres


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="vivier", description=DESCRIPTION)

    async def run() -> None:
        await run_statements(_STATEMENTS)
        guards = [_nothing_new(table) for table in _OF_CANDIDATES]
        guards.append(
            refusal(
                "candidate_erased",
                table="candidate",
                on="UPDATE",
                when="OLD.erased_at IS NOT NULL",
                message="candidate: an erased account never changes",
            )
        )
        for sqlite, postgres in guards:
            await run_for_dialect(sqlite=sqlite, postgres=postgres)

    manager.add_raw(run)
    return manager
