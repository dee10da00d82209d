"""Bringing the database to the newest form, for the command line and the tests."""

import contextlib
import io

from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
from piccolo.apps.migrations.tables import Migration

APP = "vivier"


class MigrationFailed(RuntimeError):
    """A migration could not be carried out; what it said is in the message."""


async def applied_migrations() -> tuple[str, ...]:
    """The ids of the migrations that this database has, oldest first."""
    if not await Migration.table_exists():
        return ()
    return tuple(sorted(await Migration.get_migrations_which_ran(app_name=APP)))


async def missing_migrations() -> tuple[str, ...]:
    """The ids of the migrations that this database still needs, oldest first."""
    manager = ForwardsMigrationManager(app_name=APP)
    folder = manager.get_app_config(APP).resolved_migrations_folder_path
    known = manager.get_migration_ids(manager.get_migration_modules(folder))
    applied = await applied_migrations()
    return tuple(name for name in known if name not in applied)


async def migrate() -> tuple[str, ...]:
    """Carry out every migration that is missing, each in a transaction; the ids of those carried out.

    Raises MigrationFailed.
    """
    before = await applied_migrations()
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        result = await ForwardsMigrationManager(app_name=APP).run()
    if not result.success:
        raise MigrationFailed(said.getvalue().strip())
    return tuple(name for name in await applied_migrations() if name not in before)
