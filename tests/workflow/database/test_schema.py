"""The migrations, written by hand, make exactly the columns that the tables declare, on both databases."""

from piccolo.conf.apps import Finder
from piccolo.table import Table

from workflow.database.connection import dialect
from workflow.database.migrating import applied_migrations, migrate, missing_migrations


async def columns_of(table: type[Table]) -> dict[str, bool]:
    """Column → whether it may be null, as the database has it."""
    name = table._meta.tablename
    if dialect() == "sqlite":
        rows = await table.raw(f"PRAGMA table_info({name})")
        return {row["name"]: not row["notnull"] and not row["pk"] for row in rows}
    rows = await table.raw(
        "SELECT column_name AS name, is_nullable FROM information_schema.columns WHERE table_name = {}", name
    )
    return {row["name"]: row["is_nullable"] == "YES" for row in rows}


async def test_every_table_has_the_columns_that_it_declares(database: str) -> None:
    tables: list[type[Table]] = Finder().get_table_classes()
    declared = {
        table._meta.tablename: {
            column._meta.db_column_name: column._meta.null and not column._meta.primary_key
            for column in table._meta.columns
        }
        for table in tables
    }
    assert {table._meta.tablename: await columns_of(table) for table in tables} == declared


async def test_migrating_again_changes_nothing(database: str) -> None:
    applied = await applied_migrations()
    assert applied
    assert await migrate() == ()
    assert (await applied_migrations(), await missing_migrations()) == (applied, ())
