"""What accounts need: registrations, sessions one can tell apart, temporary passwords, new addresses, limits."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from workflow.database.schema import run_statements

ID = "0005"
VERSION = "1.38.0"
DESCRIPTION = "Registrations, sessions one can tell apart, temporary passwords, new addresses, limits"

_REGISTRATIONS = [
    """CREATE TABLE registration (
        id {serial},
        token_digest VARCHAR(64) NOT NULL UNIQUE,
        candidate_id {uuid} NOT NULL,
        email VARCHAR(320) NOT NULL,
        email_key VARCHAR(320) NOT NULL,
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
        browser_digest VARCHAR(64),
        created_at {instant} NOT NULL,
        expires_at {instant} NOT NULL,
        used_at {instant})""",
    "CREATE INDEX registration_email ON registration (email_key)",
    "CREATE INDEX registration_candidate ON registration (candidate_id)",
]

_COLUMNS = """
    token_digest, candidate_id, email, email_key, password_hash, title, first_name, last_name, secret_question,
    secret_answer_hash, language, notice_version, notice_accepted_at, return_to, created_at, expires_at, used_at"""

_UNCONFIRMED = "SELECT id FROM candidate WHERE confirmed_at IS NULL"

_MOVES = [
    # an account that waits for its confirmation becomes a registration, whose link still works
    f"""INSERT INTO registration ({_COLUMNS})
        SELECT l.token_digest, c.id, c.email, c.email_key, c.password_hash, c.title, c.first_name, c.last_name,
            c.secret_question, c.secret_answer_hash, c.language, c.notice_version, c.notice_accepted_at,
            c.return_to, l.created_at, l.expires_at, NULL
        FROM candidate_link l JOIN candidate c ON c.id = l.candidate
        WHERE l.purpose = 'confirmation' AND l.used_at IS NULL AND c.confirmed_at IS NULL
        ORDER BY l.id""",
    # of one that is confirmed it is kept that its links are used
    f"""INSERT INTO registration ({_COLUMNS})
        SELECT l.token_digest, c.id, '', '', '', '', '', '', '', '', c.language, c.notice_version,
            c.notice_accepted_at, NULL, l.created_at, l.expires_at, c.confirmed_at
        FROM candidate_link l JOIN candidate c ON c.id = l.candidate
        WHERE l.purpose = 'confirmation' AND c.confirmed_at IS NOT NULL""",
    # mails that do not say whom they are about could not be forgotten with them
    """UPDATE outbox SET subject_type = 'candidate', subject_id =
            (SELECT c.id FROM candidate c WHERE c.email_key = lower(outbox.recipient))
        WHERE kind IN ('account_confirmation', 'account_exists') AND subject_id IS NULL
            AND lower(recipient) IN (SELECT c.email_key FROM candidate c)""",
    f"DELETE FROM candidate_link WHERE purpose = 'confirmation' OR candidate IN ({_UNCONFIRMED})",
    "DELETE FROM candidate WHERE confirmed_at IS NULL",
]

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
        await run_statements([*_REGISTRATIONS, *_MOVES, *_STATEMENTS])

    manager.add_raw(run)
    return manager
