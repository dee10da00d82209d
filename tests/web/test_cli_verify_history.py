"""`vivier verify-history`, run as an operator runs it, before and after somebody's hands were in the database."""

import asyncio
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.postgres import ask_postgres, copied_database, run_apart
from tests.support.tampering import tamper
from tests.web.test_cli import Ended, Terminal

_IN_ORDER = re.compile(
    r"126 histories with \d+ steps: all in order\.\n"
    r"Checkpoint (\d+) of \d{4}-\d\d-\d\d \d\d:\d\d UTC seals (\d+) of them: (\d+:[0-9a-f]{64})\n"
)

_WAYS = "the history was set back, or written anew with the key"


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    """On a migrated database, of which no checkpoint was ever taken."""
    return Terminal({"VIVIER_VAR": str(tmp_path / "var"), "VIVIER_DATABASE_URL": database_url})


def _seal(terminal: Terminal) -> None:
    assert terminal.run("demo").code == 0
    assert terminal.run("verify-history", "--checkpoint").code == 0


def _on(folder: Path, database: str) -> Terminal:
    return Terminal({"VIVIER_VAR": str(folder), "VIVIER_DATABASE_URL": database})


@pytest.fixture(scope="session")
def sealed_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `var` with the demo set-up and a checkpoint over it, to be copied."""
    folder = tmp_path_factory.mktemp("sealed")
    shutil.copy(sqlite_template, folder / "vivier.sqlite")
    _seal(_on(folder, f"sqlite:///{folder / 'vivier.sqlite'}"))
    return folder


@pytest.fixture(scope="session")
def sealed_postgres(
    postgres: str, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The same with the name of its database."""
    folder, name = tmp_path_factory.mktemp("sealed"), f"vivier_sealed_{uuid4().hex[:8]}"
    run_apart(ask_postgres(postgres, f"CREATE DATABASE {name} TEMPLATE {postgres_template}"))
    _seal(_on(folder, f"{postgres}/{name}"))
    return folder, name


@pytest.fixture(params=["sqlite", "postgres"])
def sealed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    """With the demo set-up, and a checkpoint over it."""
    var = tmp_path / "var"
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sealed_sqlite"), var)
        yield _on(var, f"sqlite:///{var / 'vivier.sqlite'}")
        return
    address = request.getfixturevalue("postgres")
    folder, template = request.getfixturevalue("sealed_postgres")
    shutil.copytree(folder, var)
    with copied_database(address, template) as name:
        yield _on(var, f"{address}/{name}")


def tampered(terminal: Terminal, *statements: str) -> None:
    asyncio.run(tamper(terminal.settings["VIVIER_DATABASE_URL"], *statements))


def test_a_new_installation_is_in_order(tmp_path: Path) -> None:
    terminal = Terminal({"VIVIER_VAR": str(tmp_path / "var")})
    terminal.run("migrate")
    empty = terminal.run("verify-history")
    assert (empty.code, empty.err) == (0, "")
    assert empty.out.startswith("0 histories with 0 steps: all in order.\nCheckpoint 1 of ")
    terminal.run("demo")
    full = terminal.run("verify-history")
    assert (full.code, full.err) == (0, "")
    assert (found := _IN_ORDER.fullmatch(full.out)), full.out
    assert found.groups()[:2] == ("1", "0")


def test_a_history_without_a_checkpoint_is_sealed_on_demand(terminal: Terminal) -> None:
    terminal.run("demo")
    missing = terminal.run("verify-history")
    assert (missing.code, missing.out) == (1, "checkpoint: there is none, yet there is a history\n")
    count, *advice = missing.err.splitlines()
    assert count.startswith("vivier: 1 fault in 126 histories with ")
    assert advice == [
        "Everything else is in order. Checkpoints were removed, or none was ever taken.",
        "If you know why, begin anew with: vivier verify-history --checkpoint",
    ]
    taken = terminal.run("verify-history", "--checkpoint")
    assert taken.code == 0
    assert (found := _IN_ORDER.fullmatch(taken.out))
    assert found.groups()[:2] == ("1", "126")
    assert terminal.run("verify-history") == taken


def test_the_first_wrong_row_of_each_history_is_named(sealed: Terminal) -> None:
    tampered(
        sealed,
        "UPDATE history SET role = 'system' WHERE id IN (SELECT MAX(id) FROM history WHERE event = 'accept')",
        "UPDATE offer SET status = 'archived' WHERE id = (SELECT subject_id FROM history WHERE id = 1)",
    )
    ended = sealed.run("verify-history", "--checkpoint")
    assert ended.code == 1
    application, offer = ended.out.splitlines()
    assert re.fullmatch(
        r"application [0-9a-f-]{36}, version \d \(history row \d+\): its digest does not fit: "
        r"it was changed, or written without the key",
        application,
    )
    assert re.fullmatch(
        r"offer [0-9a-f-]{36}, version \d \(history row \d+\): the row says “archived” at version \d, "
        r"its last step says “\w+” at version \d",
        offer,
    )
    count, oldest, advice = ended.err.splitlines()
    assert count.startswith("vivier: 2 faults in 126 histories with ")
    assert oldest == f"The oldest row named: {offer}"
    assert advice == "What to do: docs/howto/verify-the-history.md"


def test_programs_get_json(sealed: Terminal) -> None:
    whole = sealed.run("verify-history", "--json")
    answer = json.loads(whole.out)
    assert (whole.code, whole.err, answer["count"], answer["faults"]) == (0, "", 0, [])
    assert (answer["subjects"], answer["checkpoint"]["number"]) == (126, 1)
    tampered(sealed, "DELETE FROM history_checkpoint")
    broken = sealed.run("verify-history", "--json")
    answer = json.loads(broken.out)
    assert (broken.code, broken.err, answer["count"], answer["checkpoint"]) == (1, "", 1, None)
    assert answer["faults"] == [
        {
            "subject_type": "checkpoint",
            "subject_id": None,
            "version": None,
            "row_id": None,
            "said": "there is none, yet there is a history",
        }
    ]


def test_a_checkpoint_noted_elsewhere_proves_that_nothing_was_set_back(sealed: Terminal) -> None:
    found = _IN_ORDER.fullmatch(sealed.run("verify-history").out)
    assert found
    noted = found.group(3)
    assert sealed.run("verify-history", "--remembered", noted).code == 0
    for other in ("1:00", "2:00"):
        ended = sealed.run("verify-history", "--remembered", noted, "--remembered", other)
        assert (ended.code, ended.out) == (
            1,
            f"checkpoint {other[0]}: it is not the one that was noted elsewhere: {_WAYS}\n",
        )
    for text in ("soon", f"{'9' * 20}:00", "1"):
        assert sealed.run("verify-history", "--remembered", text) == Ended(
            1, "", f"vivier: {text} is not a checkpoint: write NUMBER:SEAL, as the worker's log has it.\n"
        )


def test_how_far_it_is_shows_on_a_terminal(sealed: Terminal) -> None:
    reading, writing = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "web.cli", "verify-history"],
        env=os.environ | sealed.settings | {"TERM": "xterm", "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=writing,
        check=False,
        timeout=60,
    )
    os.close(writing)
    shown = os.read(reading, 65536).decode()
    os.close(reading)
    assert done.returncode == 0
    assert "Verifying" in shown
    assert "126/126" in shown


def test_a_key_that_is_not_the_databases_is_refused(sealed: Terminal) -> None:
    """Else a history would be written that nobody could verify."""
    other = Terminal(sealed.settings | {"VIVIER_HISTORY_KEY": "another key than that of the database"})
    for command in ("migrate", "worker", "verify-history"):
        ended = other.run(command)
        assert (ended.code, ended.out) == (1, "")
        assert ended.err.startswith(
            "vivier: VIVIER_HISTORY_KEY is not the key that this database was written"
        )
    assert sealed.run("verify-history").code == 0


def test_the_key_of_a_database_that_was_made_under_another_is_refused(tmp_path: Path) -> None:
    terminal = Terminal({"VIVIER_VAR": str(tmp_path / "var")})
    terminal.run("migrate")
    ended = Terminal(terminal.settings | {"VIVIER_HISTORY_KEY": "the right key, but too late"}).run("demo")
    assert (ended.code, ended.out) == (1, "")
    assert "make it anew" in ended.err
