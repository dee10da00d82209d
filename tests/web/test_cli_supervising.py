"""Processes under supervision are started again, ended in time, and never left behind."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from web.commands.supervising import Child, GaveUp, Supervisor, begin_log

_SLEEPER = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(60)"
_DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + _SLEEPER
_DYING = "import sys; print('vivier: something is wrong'); print('and more'); sys.exit(3)"
_MISCONFIGURED = "import sys; sys.exit(2)"


def child(folder: Path, program: str, name: str = "worker") -> Child:
    return Child(name, [sys.executable, "-c", program, str(folder / f"{name}.pids")], folder / f"{name}.log")


def pids(folder: Path, name: str = "worker") -> list[int]:
    path = folder / f"{name}.pids"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("waited in vain")


async def supervised(
    children: list[Child], then: Callable[[], Awaitable[None]], said: list[str] | None = None
) -> None:
    """Run the children, do something, and have ourselves told to stop, as an operator does."""

    async def act() -> None:
        await then()
        os.kill(os.getpid(), signal.SIGTERM)

    await Supervisor(children, os.environ, print if said is None else said.append).run(act())


async def test_children_end_with_the_supervisor(tmp_path: Path) -> None:
    names = ("web", "worker")

    async def both_run() -> None:
        await until(lambda: all(pids(tmp_path, name) for name in names))

    await supervised([child(tmp_path, _SLEEPER, name) for name in names], both_run)
    assert [is_alive(pid) for name in names for pid in pids(tmp_path, name)] == [False, False]


async def test_child_that_ends_unasked_is_started_again(tmp_path: Path) -> None:
    said: list[str] = []

    async def kill_it_once() -> None:
        await until(lambda: len(pids(tmp_path)) == 1)
        os.kill(pids(tmp_path)[0], signal.SIGKILL)
        await until(lambda: len(pids(tmp_path)) == 2)

    await supervised([child(tmp_path, _SLEEPER)], kill_it_once, said)
    log = tmp_path / "worker.log"
    assert said == [f"worker ended unexpectedly (killed by SIGKILL); starting it again. See {log}"]
    assert [is_alive(pid) for pid in pids(tmp_path)] == [False, False]


async def test_child_that_dies_again_and_again_is_given_up_and_the_others_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.commands.supervising._FIRST_PAUSE", 0.01)
    said: list[str] = []
    children = [child(tmp_path, _DYING, "web"), child(tmp_path, _SLEEPER)]
    with pytest.raises(GaveUp) as given_up:
        await Supervisor(children, os.environ, said.append).run(asyncio.sleep(60))
    log = tmp_path / "web.log"
    assert str(given_up.value) == f"web cannot go on (exit code 3). See {log}"
    again = f"web ended unexpectedly (exit code 3); starting it again. See {log}"
    assert [line for line in said if line == again] == [again] * 4
    assert [line for line in said if line != again] == ["web: vivier: something is wrong"] * 5
    assert log.read_text() == "vivier: something is wrong\nand more\n" * 5
    assert [pid for pid in pids(tmp_path) if is_alive(pid)] == []


async def test_child_with_wrong_settings_is_not_started_again(tmp_path: Path) -> None:
    with pytest.raises(GaveUp):
        await Supervisor([child(tmp_path, _MISCONFIGURED)], os.environ, print).run(asyncio.sleep(60))


async def test_child_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.commands.supervising._SECONDS_TO_END", 0.2)

    async def it_runs() -> None:
        await until(lambda: bool(pids(tmp_path)))

    await supervised([child(tmp_path, _DEAF)], it_runs)
    assert [is_alive(pid) for pid in pids(tmp_path)] == [False]


_PARENT = """
import asyncio, os, sys
from pathlib import Path
from web.commands.supervising import Child, Supervisor
folder = Path(sys.argv[1])
child = Child("worker", [sys.executable, "-c", sys.argv[2], str(folder / "worker.pids")], folder / "worker.log")
asyncio.run(Supervisor([child], os.environ, print).run(asyncio.sleep(60)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
async def test_child_ends_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", _PARENT, str(tmp_path), _SLEEPER)
    await until(lambda: bool(pids(tmp_path)))
    parent.kill()
    await parent.wait()
    await until(lambda: not any(map(is_alive, pids(tmp_path))))


def test_log_that_has_grown_large_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.commands.supervising._LONGEST_LOG", 3)
    log = tmp_path / "logs" / "web.log"
    begin_log(log)
    log.write_text("full")
    begin_log(log)
    assert [path.name for path in log.parent.iterdir()] == ["web.log.1"]
