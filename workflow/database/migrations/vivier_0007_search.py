"""The index of the search, where it lies in PostgreSQL (VIVIER_SEARCH=postgres); SQLite has none of it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from workflow.database.schema import run_for_dialect

ID = "0007"
VERSION = "1.38.0"
DESCRIPTION = "The index of the search"

_POSTGRES = [
    # The one state that counts. A rebuild writes rows under a number of its own, and then names it here.
    """CREATE TABLE search_index (
        sole BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (sole),
        build BIGINT NOT NULL,
        generation BIGINT NOT NULL,
        offers BIGINT NOT NULL,
        analysis_version INTEGER NOT NULL,
        changed_at TIMESTAMPTZ NOT NULL,
        rebuilds BIGINT NOT NULL,
        damaged BIGINT NOT NULL)""",
    # The combinations of facets that occur, so that offers are counted by one narrow number. Empty: unknown.
    """CREATE TABLE search_cell (
        cell INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        build BIGINT NOT NULL,
        region TEXT NOT NULL,
        job_type TEXT NOT NULL,
        level TEXT NOT NULL,
        industry TEXT NOT NULL,
        job TEXT NOT NULL,
        UNIQUE (build, region, job_type, level, industry, job))""",
    # No reference to the offer: what is indexed is a copy, and may be thrown away at any time.
    """CREATE TABLE search_offer (
        build BIGINT NOT NULL,
        offer UUID NOT NULL,
        published BIGINT NOT NULL,
        closing BIGINT NOT NULL,
        cell INTEGER NOT NULL,
        words TSVECTOR NOT NULL,
        titles TEXT[] NOT NULL,
        PRIMARY KEY (build, offer))""",
    # Without the list of what is still to be put in: every search would read it.
    "CREATE INDEX search_offer_words ON search_offer USING gin (words) WITH (fastupdate = off)",
    "CREATE INDEX search_offer_newest ON search_offer (build, published DESC, offer DESC)",
    "CREATE INDEX search_offer_closing ON search_offer (build, closing)",
    """CREATE TABLE search_lexicon (
        build BIGINT NOT NULL,
        entry TEXT COLLATE "C" NOT NULL,
        offers BIGINT NOT NULL,
        PRIMARY KEY (build, entry))""",
]


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="vivier", description=DESCRIPTION)

    async def run() -> None:
        await run_for_dialect(sqlite=[], postgres=_POSTGRES)

    manager.add_raw(run)
    return manager
