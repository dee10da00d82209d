"""What every test may ask for: a fresh database of each kind, the hour, the terms of moves."""

import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher

from tests.support.scratch import use_memory

use_memory()
_scratch = tempfile.mkdtemp(prefix="vivier-tests-")
for name in [name for name in os.environ if name.startswith("VIVIER_")]:
    del os.environ[name]
os.environ["VIVIER_VAR"] = _scratch

from tests.support.emptied import EmptiedDatabase  # noqa: E402
from tests.support.house import House  # noqa: E402  # the settings are read at import
from tests.support.postgres import ask_postgres, postgres_server, run_apart  # noqa: E402
from workflow import passwords  # noqa: E402
from workflow.database.connection import database_from_url, opened_database, use_database  # noqa: E402
from workflow.database.migrating import migrate  # noqa: E402
from workflow.engine.machine import Terms  # noqa: E402
from workflow.recruiters.queries import StaffMember  # noqa: E402


def pytest_collection() -> None:
    """Look for no garbage while modules are loaded: they stay."""
    gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """And never again among what was loaded."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """Leave no litter, neither of the processes that run tests nor of the one that hands them out."""
    shutil.rmtree(_scratch, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes() -> Iterator[None]:
    """Argon2 with the least that it takes: thousands of logins of these tests would cost minutes.

    What the portal really uses stands in tests/workflow/test_passwords.py, and every running portal uses it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgres_server() as address, pytest.MonkeyPatch.context() as patch:
        # it speaks no TLS; and asyncpg, cancelled while it asks for TLS, leaves an error that nobody fetches
        patch.setenv("PGSSLMODE", "disable")
        yield address


async def _migrated(url: str) -> None:
    use_database(database_from_url(url))
    async with opened_database():
        await migrate()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "vivier.sqlite"
    run_apart(_migrated(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    name = f"vivier_template_{uuid4().hex[:8]}"
    run_apart(ask_postgres(postgres, f"CREATE DATABASE {name}"))
    run_apart(_migrated(f"{postgres}/{name}"))
    return name


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh, migrated SQLite database."""
    shutil.copy(sqlite_template, tmp_path / "vivier.sqlite")
    return f"sqlite:///{tmp_path / 'vivier.sqlite'}"


@pytest.fixture(scope="session")
def emptied_postgres(postgres: str, postgres_template: str) -> Iterator[EmptiedDatabase]:
    database = EmptiedDatabase(postgres, postgres_template)
    yield database
    database.close()


@pytest.fixture
def postgres_url(postgres: str, emptied_postgres: EmptiedDatabase) -> Iterator[str]:
    """A fresh, migrated PostgreSQL database."""
    yield f"{postgres}/{emptied_postgres.name}"
    emptied_postgres.empty()


@pytest.fixture(scope="session")
def empty_postgres_url(postgres: str) -> str:
    """A PostgreSQL database without any table."""
    name = f"vivier_empty_{uuid4().hex[:8]}"
    run_apart(ask_postgres(postgres, f"CREATE DATABASE {name}"))
    return f"{postgres}/{name}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database; each test that asks for it runs once on each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """The fresh database, opened for the test's own event loop."""
    use_database(database_from_url(database_url))
    async with opened_database():
        yield database_url


@pytest.fixture
def now() -> datetime:
    """An instant to begin at; tests add to it instead of waiting."""
    return datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def terms() -> Terms:
    return Terms(
        history_key=b"a key for the tests",
        grace=timedelta(minutes=15),
        zone=ZoneInfo("Europe/Paris"),
        patience=timedelta(days=14),
    )


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(now: datetime, terms: Terms, tmp_path: Path) -> House:
    return House(now, terms, tmp_path)


@pytest.fixture
async def staff(database: str, house: House) -> StaffMember:
    """A recruiter, in whose unit the offer REF-1 is open."""
    unit = await house.unit()
    staff = await house.recruiter(unit)
    await house.offer(staff, unit)
    return staff
