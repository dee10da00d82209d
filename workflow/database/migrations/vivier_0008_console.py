"""The recruiters' console: invitations and second factors, notes and ratings, many moves at once, the audit."""

import unicodedata
from typing import Any

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from workflow.candidates.tables import Candidate
from workflow.database.schema import refusal, run_for_dialect, run_statements

ID = "0008"
VERSION = "1.38.0"
DESCRIPTION = "The recruiters' console"

_STATEMENTS = [
    # people
    "ALTER TABLE recruiter ADD COLUMN language VARCHAR(8) NOT NULL DEFAULT 'fr'",
    "ALTER TABLE recruiter ADD COLUMN wants_weekly BOOLEAN NOT NULL DEFAULT TRUE",
    "ALTER TABLE recruiter ADD COLUMN needs_second_factor BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE recruiter ADD COLUMN totp_secret {bytes}",
    "ALTER TABLE recruiter ADD COLUMN totp_since {instant}",
    "ALTER TABLE recruiter ADD COLUMN totp_last_step BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE recruiter ADD COLUMN invited_at {instant}",
    "ALTER TABLE recruiter ADD COLUMN joined_at {instant}",
    "ALTER TABLE recruiter_session ADD COLUMN lacks VARCHAR(20)",
    "ALTER TABLE recruiter_session ADD COLUMN device VARCHAR(120) NOT NULL DEFAULT ''",
    """CREATE TABLE recruiter_link (
        id {serial},
        token_digest VARCHAR(64) NOT NULL UNIQUE,
        recruiter BIGINT NOT NULL REFERENCES recruiter (id) ON DELETE RESTRICT,
        purpose VARCHAR(20) NOT NULL,
        created_at {instant} NOT NULL,
        expires_at {instant} NOT NULL,
        used_at {instant})""",
    "CREATE INDEX recruiter_link_recruiter ON recruiter_link (recruiter)",
    """CREATE TABLE recovery_code (
        id {serial},
        recruiter BIGINT NOT NULL REFERENCES recruiter (id) ON DELETE RESTRICT,
        code_digest VARCHAR(64) NOT NULL,
        used_at {instant},
        UNIQUE (recruiter, code_digest))""",
    # clocks
    "ALTER TABLE unit ADD COLUMN waiting_days INTEGER NOT NULL DEFAULT 14",
    # the board: a column is read by offer and state, oldest first; people are found by their names
    "CREATE INDEX application_board ON application (offer, status, submitted_at, id)",
    "CREATE INDEX application_waiting ON application (status, submitted_at, id)",
    "ALTER TABLE candidate ADD COLUMN name_key VARCHAR(420) NOT NULL DEFAULT ''",
    # what recruiters say among themselves
    """CREATE TABLE application_note (
        id {uuid} PRIMARY KEY NOT NULL,
        application {uuid} NOT NULL REFERENCES application (id) ON DELETE RESTRICT,
        recruiter BIGINT NOT NULL REFERENCES recruiter (id) ON DELETE RESTRICT,
        words TEXT NOT NULL,
        written_at {instant} NOT NULL)""",
    "CREATE INDEX application_note_application ON application_note (application, written_at)",
    """CREATE TABLE application_rating (
        id {serial},
        application {uuid} NOT NULL REFERENCES application (id) ON DELETE RESTRICT,
        recruiter BIGINT NOT NULL REFERENCES recruiter (id) ON DELETE RESTRICT,
        stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
        rated_at {instant} NOT NULL,
        UNIQUE (application, recruiter))""",
    """CREATE TABLE paragraph (
        id {serial},
        unit BIGINT REFERENCES unit (id) ON DELETE RESTRICT,
        event VARCHAR(40) NOT NULL,
        language VARCHAR(8) NOT NULL,
        name VARCHAR(100) NOT NULL,
        words TEXT NOT NULL)""",
    # many moves at once
    """CREATE TABLE batch (
        id {uuid} PRIMARY KEY NOT NULL,
        recruiter BIGINT NOT NULL REFERENCES recruiter (id) ON DELETE RESTRICT,
        event VARCHAR(40) NOT NULL,
        note TEXT NOT NULL,
        paragraph_fr TEXT NOT NULL,
        paragraph_en TEXT NOT NULL,
        created_at {instant} NOT NULL,
        finished_at {instant})""",
    "CREATE INDEX batch_recruiter ON batch (recruiter, created_at)",
    """CREATE TABLE batch_item (
        id {serial},
        batch {uuid} NOT NULL REFERENCES batch (id) ON DELETE RESTRICT,
        application {uuid} NOT NULL REFERENCES application (id) ON DELETE RESTRICT,
        version INTEGER NOT NULL,
        via VARCHAR(40) NOT NULL,
        state VARCHAR(20) NOT NULL,
        reason VARCHAR(100) NOT NULL,
        UNIQUE (batch, application))""",
    "CREATE INDEX batch_item_waiting ON batch_item (batch) WHERE state = 'waiting'",
    # what the house calls things, besides what the search knows
    """CREATE TABLE synonym (
        id {serial},
        line VARCHAR(500) NOT NULL)""",
    # who did what in the console, moves aside: those are in the history
    """CREATE TABLE audit (
        id {serial},
        at {instant} NOT NULL,
        actor_id VARCHAR(64) NOT NULL,
        role VARCHAR(40) NOT NULL,
        action VARCHAR(60) NOT NULL,
        subject_type VARCHAR(40) NOT NULL,
        subject_id VARCHAR(64) NOT NULL,
        unit BIGINT REFERENCES unit (id) ON DELETE RESTRICT,
        before TEXT NOT NULL,
        after TEXT NOT NULL)""",
    "CREATE INDEX audit_at ON audit (at, id)",
    "CREATE INDEX history_at ON history (at, id)",
    "CREATE INDEX audit_subject ON audit (subject_type, subject_id)",
    "CREATE INDEX audit_actor ON audit (actor_id)",
    "CREATE INDEX audit_unit ON audit (unit)",
]


def _of_nobody(table: str) -> tuple[list[str], list[str]]:
    """Nothing is written any more about the applications of somebody whose account is erased."""
    facts = {"table": table, "on": "INSERT", "message": f"{table}: this candidate has left"}
    name = f"{table}_of_nobody"

    def erased(lock: str = "") -> str:
        return (
            "(SELECT c.erased_at FROM application a JOIN candidate c ON c.id = a.candidate "
            f"WHERE a.id = NEW.application{lock}) IS NOT NULL"
        )

    sqlite, _ = refusal(name, when=erased(), **facts)
    _, postgres = refusal(name, when=erased(" FOR KEY SHARE OF c"), **facts)
    return sqlite, postgres


def _for_good(event: str) -> tuple[list[str], list[str]]:
    """What was done was done: the audit only grows."""
    return refusal(
        f"audit_{event.lower()}",
        table="audit",
        on=event,
        when="TRUE",
        message="audit: entries stay as they are",
    )


def _folded(text: str) -> str:
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    words = "".join(sign if sign.isalnum() else " " for sign in bare.casefold()).split()
    return " ".join(["", *words])


async def _fill_name_keys() -> None:
    rows: list[dict[str, Any]] = await Candidate.select(
        Candidate.id, Candidate.first_name, Candidate.last_name
    ).where(Candidate.erased_at.is_null())
    for row in rows:
        key = _folded(f"{row['first_name']} {row['last_name']}")[:420]
        await Candidate.update({Candidate.name_key: key}).where(Candidate.id == row["id"])


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="vivier", description=DESCRIPTION)

    async def run() -> None:
        await run_statements(_STATEMENTS)
        for sqlite, postgres in (
            _of_nobody("application_note"),
            _of_nobody("application_rating"),
            _for_good("UPDATE"),
            _for_good("DELETE"),
        ):
            await run_for_dialect(sqlite=sqlite, postgres=postgres)
        await _fill_name_keys()

    manager.add_raw(run)
    return manager
