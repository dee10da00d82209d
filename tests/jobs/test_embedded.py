"""The bundled Redis-compatible server: reachable by us alone, and gone when we are."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import AuthenticationError, Redis

from jobs.embedded import NoRedis, embedded_redis
from tests.support.valkey import valkey


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]


def gone_within(seconds: float, process_id: int) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not is_alive(process_id):
            return True
        time.sleep(0.02)
    return False


def test_server_keeps_its_data_and_ends_with_the_block(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    with valkey(folder) as first, Redis.from_url(first.url) as client:
        assert first.url.startswith("unix:///")
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        client.set("name", "value")
    assert not is_alive(first.process_id)
    with embedded_redis(folder) as url, Redis.from_url(url) as client:
        assert client.get("name") == b"value"


def test_long_path_falls_back_to_a_port_with_a_password(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    with embedded_redis(folder) as url:
        assert url.startswith("redis://:")
        with Redis.from_url(url) as client:
            assert client.ping() is True
        with (
            Redis.from_url("redis://" + url.partition("@")[2]) as stranger,
            pytest.raises(AuthenticationError),
        ):
            stranger.ping()


def test_server_has_its_own_session(tmp_path: Path) -> None:
    with valkey(tmp_path) as server:
        assert os.getsid(server.process_id) == server.process_id


def test_server_ends_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom tests.support.valkey import valkey\n"
        "with valkey(Path(sys.argv[1])) as server:\n    print(server.process_id, flush=True)\n    time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    with parent.stdout:
        process_id = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert gone_within(3, process_id)


def test_server_that_cannot_start_says_where_to_look(tmp_path: Path) -> None:
    (tmp_path / "appendonlydir").write_text("not a folder")
    with pytest.raises(NoRedis, match=r"redis\.log"), embedded_redis(tmp_path):
        pass


def test_no_server_installed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.embedded.find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoRedis, match="nor redis-server is installed"), embedded_redis(tmp_path):
        pass
