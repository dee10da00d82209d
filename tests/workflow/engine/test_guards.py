"""The guards of further tables: the very triggers that the first tables have."""

import re

import pytest

from workflow.database.connection import current_database, dialect
from workflow.engine.guards import state_guards
from workflow.engine.tables import History

CATALOGUES = {
    "sqlite": "SELECT name, sql AS made FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'",
    "postgres": "SELECT tgname AS name, pg_get_triggerdef(t.oid) || tgenabled::text || pg_get_functiondef(tgfoid) "
    "AS made FROM pg_trigger t WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal",
}
GUARDED = [
    ("application", "submitted", ("candidate", "offer", "submitted_at")),
    ("offer", "draft", ("reference",)),
]


OTHERS = ("application_of_nobody",)  # guards of candidates' data, not of states


async def triggers(table: str, *, named: str) -> dict[str, str]:
    """The triggers of a table as the database keeps them, were the table called by another name."""
    rows = await History.raw(CATALOGUES[dialect()].format(table=table))
    return {
        re.sub(rf"\b{table}(?=\b|_)", named, row["name"]): re.sub(rf"\b{table}(?=\b|_)", named, row["made"])
        for row in rows
        if row["name"] not in OTHERS
    }


async def guard(table: str, initial: str, fixed: tuple[str, ...] = (), subject: str = "") -> None:
    columns = ", ".join(f"{name} VARCHAR(40)" for name in ("id", "status", *fixed))
    await current_database().run_ddl(f"CREATE TABLE {table} ({columns}, version INTEGER)")
    for statement in state_guards(table, initial, fixed=fixed, subject=subject, dialect=dialect()):
        await current_database().run_ddl(statement)


@pytest.mark.parametrize(("table", "initial", "fixed"), GUARDED)
async def test_a_table_guarded_anew_has_the_triggers_of_the_first_ones(
    database: str, table: str, initial: str, fixed: tuple[str, ...]
) -> None:
    await guard("twin", initial, fixed)
    made = await triggers("twin", named="twin")
    assert made == await triggers(table, named="twin")
    assert len(made) == (5 if dialect() == "postgres" else 4)


async def test_a_table_may_be_named_otherwise_than_its_subject(database: str) -> None:
    await guard("twin", "drafted")
    await guard("paper", "drafted", subject="twin")
    assert await triggers("paper", named="twin") == await triggers("twin", named="twin")
    as_it_stands = "".join((await triggers("paper", named="paper")).values())
    assert set(re.findall("subject_type = '([a-z]+)'", as_it_stands)) == {"twin"}
