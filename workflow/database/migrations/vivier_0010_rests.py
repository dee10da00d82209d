"""Until when a receiver of webhooks that fails is left alone."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from workflow.database.schema import run_statements

ID = "0010"
VERSION = "1.38.0"
DESCRIPTION = "Rests of webhooks"


async def forwards() -> MigrationManager:
    """What Piccolo runs."""
    manager = MigrationManager(migration_id=ID, app_name="vivier", description=DESCRIPTION)

    async def run() -> None:
        await run_statements(["ALTER TABLE webhook ADD COLUMN rests_until {instant}"])

    manager.add_raw(run)
    return manager
