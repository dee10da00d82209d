"""The first tables, and the triggers that guard states and history."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from workflow.database.schema import refusal, run_for_dialect, run_statements

ID = "0001"
VERSION = "1.38.0"
DESCRIPTION = "The first tables, and the triggers that guard states and history"

_ENGINE = [
    """CREATE TABLE history (
        id {serial},
        subject_type VARCHAR(40) NOT NULL,
        subject_id {uuid} NOT NULL,
        version INTEGER NOT NULL,
        event VARCHAR(40) NOT NULL,
        from_state VARCHAR(40) NOT NULL,
        to_state VARCHAR(40) NOT NULL,
        actor_id VARCHAR(64) NOT NULL,
        role VARCHAR(40) NOT NULL,
        at {instant} NOT NULL,
        announce_at {instant},
        undoes INTEGER,
        note_digest VARCHAR(64) NOT NULL,
        digest VARCHAR(64) NOT NULL,
        UNIQUE (subject_type, subject_id, version))""",
    """CREATE TABLE history_note (
        id {serial},
        history BIGINT NOT NULL UNIQUE REFERENCES history (id) ON DELETE RESTRICT,
        salt VARCHAR(64) NOT NULL,
        words TEXT NOT NULL)""",
    """CREATE TABLE outbox (
        id {serial},
        kind VARCHAR(60) NOT NULL,
        dedup_key VARCHAR(200) NOT NULL UNIQUE,
        recipient VARCHAR(320),
        language VARCHAR(8),
        params {json} NOT NULL,
        secret {bytes},
        subject_type VARCHAR(40),
        subject_id {uuid},
        subject_version INTEGER,
        state VARCHAR(20) NOT NULL
            CHECK (state IN ('pending', 'claimed', 'sent', 'dead', 'cancelled')),
        due_at {instant} NOT NULL,
        expires_at {instant},
        attempts INTEGER NOT NULL,
        lease_token {uuid},
        lease_until {instant},
        rendered {bytes},
        receipt TEXT,
        created_at {instant} NOT NULL,
        settled_at {instant})""",
    "CREATE INDEX outbox_due ON outbox (due_at) WHERE state IN ('pending', 'claimed')",
    "CREATE INDEX outbox_subject ON outbox (subject_id, subject_version)",
    """CREATE TABLE idempotency_key (
        id {serial},
        actor_id VARCHAR(64) NOT NULL,
        key VARCHAR(255) NOT NULL,
        request_digest VARCHAR(64) NOT NULL,
        answer {json} NOT NULL,
        created_at {instant} NOT NULL,
        UNIQUE (actor_id, key))""",
]

_OFFERS = [
    """CREATE TABLE unit (
        id {serial},
        code VARCHAR(40) NOT NULL UNIQUE,
        name VARCHAR(300) NOT NULL,
        city VARCHAR(120) NOT NULL,
        region VARCHAR(10) NOT NULL,
        contact_email VARCHAR(320) NOT NULL)""",
    """CREATE TABLE offer (
        id {uuid} PRIMARY KEY NOT NULL,
        reference VARCHAR(60) NOT NULL UNIQUE,
        status VARCHAR(40) NOT NULL
            CHECK (status IN ('draft', 'published', 'closed', 'archived', 'cancelled')),
        version INTEGER NOT NULL,
        unit BIGINT NOT NULL REFERENCES unit (id) ON DELETE RESTRICT,
        title_fr VARCHAR(300) NOT NULL,
        title_en VARCHAR(300) NOT NULL,
        description_fr TEXT NOT NULL,
        description_en TEXT NOT NULL,
        job_type VARCHAR(40) NOT NULL CHECK (job_type IN ('technical_admin', 'scientific')),
        industry VARCHAR(10),
        job VARCHAR(40),
        level VARCHAR(40),
        region VARCHAR(10) NOT NULL,
        city VARCHAR(120) NOT NULL,
        country VARCHAR(2) NOT NULL,
        contract VARCHAR(120) NOT NULL,
        duration_months INTEGER,
        work_time VARCHAR(120) NOT NULL,
        salary VARCHAR(300) NOT NULL,
        experience VARCHAR(120) NOT NULL,
        starts_on DATE,
        closes_on DATE NOT NULL CHECK (closes_on < '2200-01-01'),
        positions INTEGER NOT NULL CHECK (positions > 0),
        contact_email VARCHAR(320),
        tells_contact BOOLEAN NOT NULL,
        created_at {instant} NOT NULL,
        published_at {instant},
        CHECK (title_fr <> '' OR title_en <> ''))""",
    "CREATE INDEX offer_unit ON offer (unit)",
    "CREATE INDEX offer_open ON offer (status, closes_on)",
]

_RECRUITERS = [
    """CREATE TABLE recruiter (
        id {serial},
        username VARCHAR(320) NOT NULL UNIQUE,
        password VARCHAR(255) NOT NULL,
        first_name VARCHAR(255),
        last_name VARCHAR(255),
        email VARCHAR(320) NOT NULL UNIQUE,
        active BOOLEAN NOT NULL,
        admin BOOLEAN NOT NULL,
        superuser BOOLEAN NOT NULL,
        last_login {local_instant})""",
    """CREATE TABLE recruiter_unit (
        id {serial},
        recruiter BIGINT NOT NULL REFERENCES recruiter (id) ON DELETE RESTRICT,
        unit BIGINT NOT NULL REFERENCES unit (id) ON DELETE RESTRICT,
        UNIQUE (recruiter, unit))""",
    "CREATE INDEX recruiter_unit_unit ON recruiter_unit (unit)",
    """CREATE TABLE recruiter_session (
        id {serial},
        token_digest VARCHAR(64) NOT NULL UNIQUE,
        user_id BIGINT NOT NULL REFERENCES recruiter (id) ON DELETE RESTRICT,
        created_at {instant} NOT NULL,
        expires_at {instant} NOT NULL,
        ends_at {instant} NOT NULL)""",
    "CREATE INDEX recruiter_session_user ON recruiter_session (user_id)",
]

_CANDIDATES = [
    """CREATE TABLE candidate (
        id {uuid} PRIMARY KEY NOT NULL,
        email VARCHAR(320) NOT NULL,
        email_key VARCHAR(320) NOT NULL UNIQUE,
        password_hash VARCHAR(255) NOT NULL,
        title VARCHAR(10) NOT NULL,
        first_name VARCHAR(100) NOT NULL,
        last_name VARCHAR(100) NOT NULL,
        secret_question VARCHAR(200) NOT NULL,
        secret_answer_hash VARCHAR(255) NOT NULL,
        language VARCHAR(8) NOT NULL,
        notice_version VARCHAR(20) NOT NULL,
        notice_accepted_at {instant} NOT NULL,
        return_to VARCHAR(60),
        created_at {instant} NOT NULL,
        confirmed_at {instant},
        last_active_at {instant} NOT NULL,
        address TEXT NOT NULL,
        postal_code VARCHAR(20) NOT NULL,
        city VARCHAR(120) NOT NULL,
        country VARCHAR(2) NOT NULL,
        phone VARCHAR(40) NOT NULL,
        nationality VARCHAR(2) NOT NULL,
        level VARCHAR(40) NOT NULL,
        situation VARCHAR(40) NOT NULL,
        languages VARCHAR(300) NOT NULL,
        profile_cv {uuid})""",
    """CREATE TABLE candidate_session (
        id {serial},
        token_digest VARCHAR(64) NOT NULL UNIQUE,
        candidate {uuid} NOT NULL REFERENCES candidate (id) ON DELETE RESTRICT,
        created_at {instant} NOT NULL,
        expires_at {instant} NOT NULL,
        ends_at {instant} NOT NULL)""",
    "CREATE INDEX candidate_session_candidate ON candidate_session (candidate)",
    """CREATE TABLE candidate_link (
        id {serial},
        token_digest VARCHAR(64) NOT NULL UNIQUE,
        candidate {uuid} NOT NULL REFERENCES candidate (id) ON DELETE RESTRICT,
        purpose VARCHAR(40) NOT NULL,
        created_at {instant} NOT NULL,
        expires_at {instant} NOT NULL,
        used_at {instant})""",
    "CREATE INDEX candidate_link_candidate ON candidate_link (candidate)",
    """CREATE TABLE document (
        id {uuid} PRIMARY KEY NOT NULL,
        candidate {uuid} NOT NULL REFERENCES candidate (id) ON DELETE RESTRICT,
        kind VARCHAR(40) NOT NULL CHECK (kind IN ('cv', 'covering_letter')),
        filename VARCHAR(200) NOT NULL,
        media_type VARCHAR(120) NOT NULL,
        size INTEGER NOT NULL,
        digest VARCHAR(64) NOT NULL,
        created_at {instant} NOT NULL)""",
    "CREATE INDEX document_candidate ON document (candidate)",
    """CREATE TABLE application (
        id {uuid} PRIMARY KEY NOT NULL,
        candidate {uuid} NOT NULL REFERENCES candidate (id) ON DELETE RESTRICT,
        offer {uuid} NOT NULL REFERENCES offer (id) ON DELETE RESTRICT,
        status VARCHAR(40) NOT NULL CHECK
            (status IN ('submitted', 'under_consideration', 'rejected', 'successful', 'withdrawn')),
        version INTEGER NOT NULL,
        covering_letter {uuid} REFERENCES document (id) ON DELETE RESTRICT,
        covering_letter_text TEXT NOT NULL,
        cv {uuid} REFERENCES document (id) ON DELETE RESTRICT,
        cv_url VARCHAR(500) NOT NULL,
        submitted_at {instant} NOT NULL)""",
    """CREATE UNIQUE INDEX application_one_live ON application (candidate, offer)
        WHERE status <> 'withdrawn'""",
    "CREATE INDEX application_offer ON application (offer, status)",
]


def _step_exists(subject: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM history h WHERE h.subject_type = '{subject}' AND h.subject_id = NEW.id "
        "AND h.version = NEW.version AND h.to_state = NEW.status"
    )


_STEP_FOLLOWS = """
    NOT EXISTS (SELECT 1 FROM history h WHERE h.subject_type = NEW.subject_type
        AND h.subject_id = NEW.subject_id AND h.version >= NEW.version)
    AND NOT EXISTS (SELECT 1 FROM history h WHERE h.id = NEW.id)
    AND ((NEW.version = 1 AND NEW.from_state = '')
        OR EXISTS (SELECT 1 FROM history h WHERE h.subject_type = NEW.subject_type
            AND h.subject_id = NEW.subject_id AND h.version = NEW.version - 1 AND h.to_state = NEW.from_state))
"""


def _state_guards(subject: str, initial: str, *fixed: str) -> list[tuple[list[str], list[str]]]:
    """A row begins in the initial state with its history row; it changes status and version only with the next."""
    began = f"NEW.status = '{initial}' AND NEW.version = 1 AND {_step_exists(subject)} AND h.from_state = '')"
    moved = f"NEW.version = OLD.version + 1 AND {_step_exists(subject)} AND h.from_state = OLD.status)"
    changed = "NEW.status <> OLD.status OR NEW.version <> OLD.version"
    is_there = f"EXISTS (SELECT 1 FROM {subject} s WHERE s.id = NEW.id)"  # REPLACE would take its place
    return [
        refusal(
            f"{subject}_begins",
            table=subject,
            on="INSERT",
            when=f"NOT ({began}) OR {is_there}",
            message=f"{subject}: a row begins in the state {initial}, together with its history",
        ),
        refusal(
            f"{subject}_moves",
            table=subject,
            on="UPDATE",
            when=f"({changed}) AND NOT ({moved})",
            message=f"{subject}: the status changes only through its state machine",
        ),
        refusal(
            f"{subject}_identity",
            table=subject,
            on="UPDATE",
            when=" OR ".join(f"NEW.{column} <> OLD.{column}" for column in ("id", *fixed)),
            message=f"{subject}: whose it is never changes",
        ),
        refusal(f"{subject}_stays", table=subject, on="DELETE", message=f"{subject}: rows are never deleted"),
    ]


def _refuse_truncate(table: str) -> str:
    """PostgreSQL's way of deleting everything without a trigger for rows."""
    return (
        f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_stays()"
    )


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="vivier", description=DESCRIPTION)

    async def run() -> None:
        await run_statements([*_ENGINE, *_OFFERS, *_RECRUITERS, *_CANDIDATES])
        guards = [
            *_state_guards("application", "submitted", "candidate", "offer", "submitted_at"),
            *_state_guards("offer", "draft", "reference"),
            refusal(
                "history_follows",
                table="history",
                on="INSERT",
                when=f"NOT ({_STEP_FOLLOWS})",
                message="history: each step follows the last one",
            ),
            refusal("history_unchanged", table="history", on="UPDATE", message="history: rows never change"),
            refusal("history_stays", table="history", on="DELETE", message="history: rows are never deleted"),
        ]
        for sqlite, postgres in guards:
            await run_for_dialect(sqlite=sqlite, postgres=postgres)
        for table in ("application", "offer", "history"):
            await run_for_dialect(sqlite=[], postgres=[_refuse_truncate(table)])

    manager.add_raw(run)
    return manager
