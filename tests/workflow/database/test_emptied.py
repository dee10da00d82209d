"""The database that tests use one after the other is as new for each of them, whatever was done to it."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from tests.support.emptied import EmptiedDatabase
from tests.support.postgres import run_apart

ADD_UNIT = """
    INSERT INTO unit (code, name, city, region, contact_email)
    VALUES ('LAB1', '', '', '53', 'a@example.org') RETURNING id
"""

OTHER_CHANGES = [
    "ALTER TABLE history DISABLE TRIGGER history_unchanged",
    "DROP TRIGGER history_unchanged ON history",
    "ALTER TABLE unit ALTER COLUMN code SET DEFAULT 'X'",
    "ALTER TABLE unit ADD COLUMN more TEXT",
    "GRANT SELECT ON unit TO PUBLIC",
    "CREATE TABLE another (id INTEGER)",
    "ALTER FUNCTION application_moves() COST 7",
    "DELETE FROM migration WHERE id = (SELECT max(id) FROM migration)",
    "UPDATE migration SET name = 'another'",
]


@pytest.fixture
def emptied(postgres: str, postgres_template: str) -> Iterator[EmptiedDatabase]:
    database = EmptiedDatabase(postgres, postgres_template)
    yield database
    database.close()


def emptied_after(postgres: str, emptied: EmptiedDatabase, *statements: str) -> list[object]:
    """What the statements give, one value each; emptied while their connection is open and holds a table."""

    async def work() -> list[object]:
        connection = await asyncpg.connect(f"{postgres}/{emptied.name}")
        values = [await connection.fetchval(statement) for statement in statements]
        await connection.execute("BEGIN; LOCK TABLE unit")
        await asyncio.to_thread(emptied.empty)
        await connection.close()
        return values

    return run_apart(work())


def test_rows_and_numbers_begin_anew(postgres: str, emptied: EmptiedDatabase) -> None:
    name = emptied.name
    for _ in range(3):
        assert emptied_after(postgres, emptied, "SELECT count(*) FROM unit", ADD_UNIT) == [0, 1]
    assert emptied.name == name


def test_other_changes_lead_to_a_new_copy(postgres: str, emptied: EmptiedDatabase) -> None:
    names = [emptied.name]
    for change in OTHER_CHANGES:
        emptied_after(postgres, emptied, change)
        assert emptied.name not in names, change
        names.append(emptied.name)
        emptied.empty()
        assert emptied.name == names[-1], change
