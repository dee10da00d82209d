"""Alerts and their runs, mails in doubt, addresses that bounce, the workers there are, webhooks."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from workflow.database.schema import refusal, run_for_dialect, run_statements

ID = "0009"
VERSION = "1.38.0"
DESCRIPTION = "Alerts, mails in doubt, workers, webhooks"

_STATES = "state IN ('pending', 'claimed', 'held', 'sent', 'dead', 'cancelled')"

# SQLite cannot change the states that a table allows
_OUTBOX_OF_SQLITE = [
    f"""CREATE TABLE outbox_anew (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind VARCHAR(60) NOT NULL,
        dedup_key VARCHAR(200) NOT NULL UNIQUE,
        recipient VARCHAR(320),
        language VARCHAR(8),
        params JSON NOT NULL,
        secret BLOB,
        subject_type VARCHAR(40),
        subject_id UUID,
        subject_version INTEGER,
        state VARCHAR(20) NOT NULL CHECK ({_STATES}),
        due_at TIMESTAMPTZ NOT NULL,
        expires_at TIMESTAMPTZ,
        attempts INTEGER NOT NULL,
        lease_token UUID,
        lease_until TIMESTAMPTZ,
        rendered BLOB,
        receipt TEXT,
        created_at TIMESTAMPTZ NOT NULL,
        settled_at TIMESTAMPTZ,
        begun_at TIMESTAMPTZ,
        first_due_at TIMESTAMPTZ)""",
    "INSERT INTO outbox_anew SELECT *, NULL, NULL FROM outbox",
    # no number is given twice, not even that of a row which was deleted
    "DELETE FROM sqlite_sequence WHERE name = 'outbox_anew'",
    "INSERT INTO sqlite_sequence (name, seq) SELECT 'outbox_anew', seq FROM sqlite_sequence WHERE name = 'outbox'",
    "DROP TABLE outbox",
    "ALTER TABLE outbox_anew RENAME TO outbox",
    "CREATE INDEX outbox_subject ON outbox (subject_id, subject_version)",
]

_OUTBOX_OF_POSTGRES = [
    "ALTER TABLE outbox DROP CONSTRAINT outbox_state_check",
    f"ALTER TABLE outbox ADD CONSTRAINT outbox_state_check CHECK ({_STATES})",
    "ALTER TABLE outbox ADD COLUMN begun_at TIMESTAMPTZ",
    "ALTER TABLE outbox ADD COLUMN first_due_at TIMESTAMPTZ",
    "DROP INDEX outbox_due",
]

_STATEMENTS = [
    # mails
    """CREATE INDEX outbox_kind_due ON outbox (kind, due_at, id, state, first_due_at)
        WHERE state IN ('pending', 'claimed')""",
    "CREATE INDEX outbox_begun ON outbox (lease_until) WHERE state = 'claimed' AND begun_at IS NOT NULL",
    "CREATE INDEX outbox_unsettled ON outbox (state, kind) WHERE state IN ('dead', 'held')",
    """CREATE INDEX outbox_settled ON outbox (settled_at, kind, state, due_at, first_due_at)
        WHERE settled_at IS NOT NULL""",
    "ALTER TABLE candidate ADD COLUMN bounced_at {instant}",
    "ALTER TABLE candidate ADD COLUMN bounce_said TEXT NOT NULL DEFAULT ''",
    # alerts
    """CREATE TABLE alert (
        id {uuid} PRIMARY KEY NOT NULL,
        candidate {uuid} NOT NULL REFERENCES candidate (id) ON DELETE RESTRICT,
        frequency VARCHAR(10) NOT NULL CHECK (frequency IN ('daily', 'weekly')),
        job_type VARCHAR(40) NOT NULL,
        industry VARCHAR(10) NOT NULL,
        job VARCHAR(40) NOT NULL,
        region VARCHAR(10) NOT NULL,
        keywords VARCHAR(500) NOT NULL,
        criteria VARCHAR(64) NOT NULL,
        since {instant} NOT NULL,
        from_number BIGINT NOT NULL,
        after_run BIGINT NOT NULL,
        stopped_at {instant},
        created_at {instant} NOT NULL,
        edited_at {instant} NOT NULL,
        UNIQUE (candidate, criteria))""",
    "CREATE INDEX alert_frequency ON alert (frequency, candidate, id) WHERE stopped_at IS NULL",
    """CREATE TABLE offer_news (
        number BIGINT PRIMARY KEY NOT NULL,
        offer {uuid} NOT NULL UNIQUE REFERENCES offer (id) ON DELETE RESTRICT,
        published_at {instant} NOT NULL)""",
    """CREATE TABLE alert_run (
        id {serial},
        frequency VARCHAR(10) NOT NULL,
        period VARCHAR(10) NOT NULL,
        through BIGINT NOT NULL,
        started_at {instant} NOT NULL,
        done_through {uuid},
        lease_token {uuid},
        lease_until {instant},
        finished_at {instant},
        alerts BIGINT NOT NULL DEFAULT 0,
        digests BIGINT NOT NULL DEFAULT 0,
        offers BIGINT NOT NULL DEFAULT 0,
        UNIQUE (frequency, period))""",
    """CREATE TABLE alert_told (
        id {serial},
        candidate {uuid} NOT NULL REFERENCES candidate (id) ON DELETE RESTRICT,
        offer {uuid} NOT NULL REFERENCES offer (id) ON DELETE RESTRICT,
        run BIGINT NOT NULL REFERENCES alert_run (id) ON DELETE RESTRICT,
        UNIQUE (candidate, offer))""",
    "CREATE INDEX alert_told_offer ON alert_told (offer)",
    # who carries things out
    """CREATE TABLE worker (
        id {uuid} PRIMARY KEY NOT NULL,
        host VARCHAR(255) NOT NULL,
        pid INTEGER NOT NULL,
        started_at {instant} NOT NULL,
        seen_at {instant} NOT NULL)""",
    # programs that want to know
    """CREATE TABLE webhook (
        id {uuid} PRIMARY KEY NOT NULL,
        url VARCHAR(1000) NOT NULL,
        description VARCHAR(200) NOT NULL,
        events TEXT NOT NULL,
        secret {bytes} NOT NULL,
        old_secret {bytes},
        old_secret_until {instant},
        created_at {instant} NOT NULL,
        created_by BIGINT NOT NULL REFERENCES recruiter (id) ON DELETE RESTRICT,
        failing_since {instant},
        stopped_at {instant},
        stopped_why VARCHAR(300) NOT NULL DEFAULT '')""",
    """CREATE TABLE webhook_attempt (
        id {serial},
        webhook {uuid} NOT NULL REFERENCES webhook (id) ON DELETE RESTRICT,
        message VARCHAR(64) NOT NULL,
        event VARCHAR(60) NOT NULL,
        body TEXT NOT NULL,
        at {instant} NOT NULL,
        status INTEGER,
        said VARCHAR(1000) NOT NULL,
        milliseconds INTEGER NOT NULL)""",
    "CREATE INDEX webhook_attempt_webhook ON webhook_attempt (webhook, id)",
    "CREATE INDEX webhook_attempt_message ON webhook_attempt (message)",
    "CREATE INDEX webhook_attempt_at ON webhook_attempt (at)",
]

_OF_CANDIDATES = ("alert", "alert_told")


def _nothing_new(table: str) -> tuple[list[str], list[str]]:
    """An erased candidate gets nothing more. On PostgreSQL an erasure under way is waited for."""
    facts = {"table": table, "on": "INSERT", "message": f"{table}: this candidate has left"}
    name = f"{table}_of_nobody"

    def erased(lock: str = "") -> str:
        return f"(SELECT c.erased_at FROM candidate c WHERE c.id = NEW.candidate{lock}) IS NOT NULL"

    sqlite, _ = refusal(name, when=erased(), **facts)
    _, postgres = refusal(name, when=erased(" FOR KEY SHARE"), **facts)
    return sqlite, postgres


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="vivier", description=DESCRIPTION)

    async def run() -> None:
        await run_for_dialect(sqlite=_OUTBOX_OF_SQLITE, postgres=_OUTBOX_OF_POSTGRES)
        await run_statements(_STATEMENTS)
        for table in _OF_CANDIDATES:
            sqlite, postgres = _nothing_new(table)
            await run_for_dialect(sqlite=sqlite, postgres=postgres)

    manager.add_raw(run)
    return manager
