"""The commands of `vivier`, run as an operator runs them: what they print, and how they end."""

import asyncio
import os
import re
import socket
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from tests.support.forking import run_vivier
from web.commands.settings_table import settings_in_markdown

_FILE = """\
reference,title,contract_code,unit_code,unit_name,city,region_code,date_published,date_deadline
A-1,Chimiste,ITCDD,LAB1,Chimie,Brest,53,2021-04-05,2021-04-26
A-2,Juriste,ITCDD,LAB1,Chimie,Brest,53,2021-03-01,2021-03-20
"""
_PRODUCTION = {
    "environment": "production",
    "secret_key": "s" * 40,
    "history_key": "h" * 40,
    "smtp_url": "smtp://127.0.0.1:9",
    "base_url": "https://portal.example.org",
}
_BAD_LINE = "A-3,Juriste,ITCDD,LAB1,Chimie,Brest,99,2021-03-01,soon\n"


@dataclass(frozen=True)
class Ended:
    """What a command left: its exit code, and all that it printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Terminal:
    """Runs `vivier` with settings of its own, in a folder of its own."""

    settings: dict[str, str]

    def run(self, *arguments: str, typed: str = "", **settings: str) -> Ended:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("VIVIER_")}
        environment |= self.settings | {f"VIVIER_{name.upper()}": text for name, text in settings.items()}
        with tempfile.TemporaryDirectory() as folder:
            reads, prints, complains = (Path(folder, name) for name in ("in", "out", "err"))
            reads.write_text(typed)
            code = run_vivier(arguments, environment, streams=(reads, prints, complains), within=60)
            return Ended(code, prints.read_text(), complains.read_text())


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """On a database that does not exist yet."""
    return Terminal({"VIVIER_VAR": str(tmp_path / "var")})


@pytest.fixture
def ready_terminal(sqlite_url: str, tmp_path: Path) -> Terminal:
    """On a migrated database."""
    return Terminal({"VIVIER_VAR": str(tmp_path / "var"), "VIVIER_DATABASE_URL": sqlite_url})


@pytest.fixture
def offers_file(tmp_path: Path) -> Path:
    path = tmp_path / "offers.csv"
    path.write_text(_FILE)
    return path


def test_migrate_makes_the_database_and_says_when_there_is_nothing_to_do(terminal: Terminal) -> None:
    first, again = terminal.run("migrate"), terminal.run("migrate")
    assert (first.code, again) == (0, Ended(0, "The database has its newest form already.\n", ""))
    assert re.fullmatch(r"Done: 0001.*\.\n", first.out)
    with sqlite3.connect(Path(terminal.settings["VIVIER_VAR"]) / "vivier.sqlite") as database:
        assert database.execute("SELECT count(*) FROM offer").fetchall() == [(0,)]
    database.close()


async def _empty_database(address: str) -> None:
    connection = await asyncpg.connect(f"{address}/postgres")
    try:
        await connection.execute("DROP DATABASE IF EXISTS vivier_cli WITH (FORCE)")
        await connection.execute("CREATE DATABASE vivier_cli")
    finally:
        await connection.close()


def test_migrate_works_on_postgres(terminal: Terminal, postgres: str) -> None:
    asyncio.run(_empty_database(postgres))
    assert terminal.run("demo", database_url=f"{postgres}/vivier_cli") == Ended(
        1, "", "vivier: The database is not in its newest form. Run: vivier migrate\n"
    )
    assert terminal.run("migrate", database_url=f"{postgres}/vivier_cli").code == 0


@pytest.mark.parametrize("command", ["demo", "web", "worker", "rebuild-index"])
def test_commands_name_migrate_where_there_is_no_database(terminal: Terminal, command: str) -> None:
    ended = terminal.run(command)
    where = f"{terminal.settings['VIVIER_VAR']}/vivier.sqlite"
    assert ended == Ended(1, "", f"vivier: There is no database at {where} yet. Run: vivier migrate\n")


def test_unreachable_database_is_named_without_its_password(terminal: Terminal) -> None:
    ended = terminal.run("migrate", database_url="postgresql://vivier:confidential@127.0.0.1:9/vivier")
    assert (ended.code, ended.out) == (1, "")
    first, advice = ended.err.splitlines()
    assert first.startswith("vivier: The database postgresql://vivier:…@127.0.0.1:9/vivier cannot be used: ")
    assert advice == "Start it, or set VIVIER_DATABASE_URL to another."


@pytest.mark.parametrize("command", ["up", "web", "worker", "migrate", "doctor"])
def test_wrong_settings_end_every_command_with_one_message(terminal: Terminal, command: str) -> None:
    ended = terminal.run(command, port="none", prot="8000")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[:2] == [
        "vivier: Please mend these settings:",
        "  VIVIER_PROT: there is no such setting. See `vivier settings`.",
    ]
    assert "VIVIER_PORT: " in ended.err
    assert "Traceback" not in ended.err


def test_settings_shows_values_and_hides_secrets(terminal: Terminal) -> None:
    ended = terminal.run(
        "settings", secret_key="x" * 40, smtp_url="smtp://us:confidential@mail:25", port="8123"
    )
    shown = " ".join(ended.out.split())
    assert (ended.code, ended.err) == (0, "")
    assert "VIVIER_PORT 8123" in shown
    assert "VIVIER_SECRET_KEY (set)" in shown
    assert "VIVIER_HISTORY_KEY (for development only)" in shown
    assert ("confidential" in shown, "xxx" in shown) == (False, False)


def test_settings_page_is_the_same_on_every_machine(terminal: Terminal) -> None:
    ended = terminal.run("settings", "--markdown", port="8123", employer="Ours")
    assert ended == Ended(0, settings_in_markdown(), "")
    assert (Path(__file__).parents[2] / "docs/settings.md").read_text() == settings_in_markdown()


def test_import_offers_reports_and_repeats(terminal: Terminal, database_url: str, offers_file: Path) -> None:
    database = {"database_url": database_url}
    first = terminal.run("import-offers", str(offers_file), "--shift-dates", **database)
    assert (first.code, first.err) == (0, "")
    summary, shift = first.out.splitlines()
    assert summary == "2 rows: 2 new, 0 changed, 0 unchanged, 0 refused. 1 of these offers are open."
    assert re.fullmatch(r"All days were moved by \d{4} days\.", shift)
    again = terminal.run("import-offers", "-", "--shift-dates", typed=_FILE, **database)
    assert (again.code, again.out.splitlines()) == (
        0,
        ["2 rows: 0 new, 0 changed, 2 unchanged, 0 refused. 1 of these offers are open.", shift],
    )


def test_import_offers_names_refused_lines(ready_terminal: Terminal, offers_file: Path) -> None:
    offers_file.write_text(_FILE + _BAD_LINE)
    told = (
        "line 4, A-3: date_deadline: Write the day as year-month-day, such as 2026-12-31.\n"
        "line 4, A-3: region_code: “99” is not in the list. Choose one of it.\n"
    )
    assert ready_terminal.run("import-offers", str(offers_file), "--strict") == Ended(
        1, told, "vivier: Nothing was imported: 1 of 3 rows are refused (--strict).\n"
    )
    assert ready_terminal.run("import-offers", str(offers_file)) == Ended(
        0, told + "3 rows: 2 new, 0 changed, 0 unchanged, 1 refused. 0 of these offers are open.\n", ""
    )


def test_import_offers_counts_the_items_of_a_list(ready_terminal: Terminal) -> None:
    told = "".join(
        f"item {number}, no reference: An offer is a JSON object, with braces.\n" for number in (1, 2, 3)
    )
    assert ready_terminal.run("import-offers", "-", typed="[1, 2, 3]") == Ended(
        1,
        told + "3 rows: 0 new, 0 changed, 0 unchanged, 3 refused. 0 of these offers are open.\n",
        "vivier: Nothing was imported: every row is refused.\n",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "This file cannot be imported: it is empty."),
        (b"\0\1\2", "This file cannot be imported: it is not a text file. Save it as “CSV UTF-8” or JSON."),
        (
            b'[{"a": }]',
            "This file cannot be imported: its JSON is broken at line 1, column 8: Expecting value.",
        ),
    ],
)
def test_import_offers_refuses_what_is_no_file_of_offers(
    terminal: Terminal, tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "offers"
    path.write_bytes(content)
    assert terminal.run("import-offers", str(path)) == Ended(1, "", f"vivier: {message}\n")


def test_create_recruiter_makes_an_account_once(ready_terminal: Terminal, offers_file: Path) -> None:
    ready_terminal.run("import-offers", str(offers_file))
    create = ("create-recruiter", "--email", "Rose@Example.org", "--first-name", "Rose", "--last-name", "Roy")
    made = ready_terminal.run(*create, "--unit", "LAB1", "--password-stdin", typed="four quiet herons\n")
    assert (made.code, made.err) == (0, "")
    assert "can log in at http://localhost:8000/console/login" in made.out
    again = ready_terminal.run(*create, "--unit", "LAB1", "--password-stdin", typed="four quiet herons\n")
    assert again == Ended(
        1, "", "vivier: Nothing was written:\n  email: There is an account with this address already.\n"
    )


def test_create_recruiter_says_all_that_is_wrong(ready_terminal: Terminal) -> None:
    create = (
        "create-recruiter",
        "--email",
        "rose",
        "--first-name",
        "Rose",
        "--last-name",
        "Roy",
        "--password-stdin",
    )
    assert ready_terminal.run(*create, typed="short\n") == Ended(
        1,
        "",
        "vivier: Nothing was written:\n"
        "  email: Write the address in the form name@example.org.\n"
        "  password: Use 12 characters or more.\n"
        "  units: Name the units whose offers this recruiter sees.\n",
    )


def test_demo_loads_once(ready_terminal: Terminal) -> None:
    first, again = ready_terminal.run("demo"), ready_terminal.run("demo")
    assert first == Ended(
        0,
        "Loaded: 89 offers of 14 units, 12 candidates, 37 applications.\n"
        "Accounts: candidate@example.org, recruiter@example.org, admin@example.org; password: vivier-demo\n",
        "",
    )
    assert again == Ended(0, "The demo set-up is there already: nothing was changed.\n", "")


def test_rebuild_index_counts_what_it_holds(ready_terminal: Terminal, offers_file: Path) -> None:
    ready_terminal.run("import-offers", str(offers_file), "--shift-dates")
    assert ready_terminal.run("rebuild-index") == Ended(0, "The index holds 1 offers.\n", "")


def test_doctor_says_what_to_do(terminal: Terminal) -> None:
    sick = terminal.run("doctor", smtp_url="smtp://127.0.0.1:9", redis_url="redis://127.0.0.1:9")
    assert (sick.code, sick.err) == (1, "vivier: The portal cannot run like this.\n")
    assert [line for line in sick.out.splitlines() if line.startswith("  → ")] == [
        "  → Run: vivier migrate",
        "  → Run: vivier rebuild-index (a worker does so by itself)",
        "  → Start it, or mend VIVIER_REDIS_URL. Until then mails and the index are a moment slower.",
        "  → Start it, or mend VIVIER_SMTP_URL. Until then mails wait; none is lost.",
        "  → Fine on your own machine. Anywhere else, set long random values.",
    ]
    keys = {"secret_key": "s" * 40, "history_key": "h" * 40}
    terminal.run("migrate", **keys)
    terminal.run("rebuild-index", **keys)
    well = terminal.run("doctor", **keys)
    assert (well.code, well.err) == (0, "")
    assert [line[:1] for line in well.out.splitlines()] == ["✓"] * 12
    wrong = terminal.run("doctor", **keys | {"history_key": "k" * 40})
    assert wrong.code == 1
    assert "  → Set the right VIVIER_HISTORY_KEY." in wrong.out.splitlines()


@pytest.mark.parametrize("command", ["web", "up"])
def test_taken_port_is_named_with_its_holder(ready_terminal: Terminal, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        ended = ready_terminal.run(command, port=str(port))
    assert (ended.code, ended.out) == (1, "")
    first, advice = ended.err.splitlines()
    assert first.startswith(f"vivier: Port {port} is taken by ")
    if sys.platform == "linux":
        assert f"process {os.getpid()} (" in first
    assert advice == f"End that program, or choose another port, such as: VIVIER_PORT={port + 1}"


def test_up_refuses_the_demo_in_production(terminal: Terminal) -> None:
    ended = terminal.run("up", "--demo", **_PRODUCTION)
    assert ended == Ended(1, "", "vivier: Demo accounts have no place in production.\n")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _close_demo_accounts(terminal: Terminal, table: str) -> None:
    """As the console and an erasure leave them."""
    change = {
        "recruiter": "UPDATE recruiter SET active = 0",
        "candidate": "UPDATE candidate SET email_key = 'erased:' || id",
    }[table]
    with (
        closing(sqlite3.connect(Path(terminal.settings["VIVIER_VAR"]) / "vivier.sqlite")) as database,
        database,
    ):
        database.execute(change)


def test_production_does_not_start_with_demo_accounts(terminal: Terminal) -> None:
    terminal.run("migrate", history_key=_PRODUCTION["history_key"])
    terminal.run("demo", history_key=_PRODUCTION["history_key"])
    port = str(_free_port())
    for command in ("web", "worker", "up"):
        ended = terminal.run(command, port=port, **_PRODUCTION)
        assert (ended.code, ended.out) == (1, "")
        said, advice = ended.err.splitlines()
        assert said.startswith(
            "vivier: Demo accounts have no place in production, and this database has some: "
            "recruiter@example.org, admin@example.org, "
        )
        assert " candidate@example.org, " in said
        assert advice.startswith(
            "Begin with an empty database (VIVIER_DATABASE_URL or VIVIER_VAR), or start "
        )


def test_doctor_looks_for_demo_accounts_in_production(terminal: Terminal) -> None:
    def found() -> tuple[int, list[str]]:
        ended = terminal.run("doctor", **_PRODUCTION)
        return ended.code, [line for line in ended.out.splitlines() if " Demo accounts: " in line]

    terminal.run("migrate", history_key=_PRODUCTION["history_key"])
    assert found() == (0, ["✓ Demo accounts: none"])
    terminal.run("demo", history_key=_PRODUCTION["history_key"])
    code, (line,) = found()
    assert (code, line[:56]) == (1, "✗ Demo accounts: recruiter@example.org, admin@example.org"[:56])
    _close_demo_accounts(terminal, "recruiter")
    code, (line,) = found()
    assert (code, line.count("@"), "candidate@example.org" in line) == (1, 12, True)
    _close_demo_accounts(terminal, "candidate")
    assert found() == (0, ["✓ Demo accounts: none"])
