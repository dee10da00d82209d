"""A nudge is quick and never harms, whatever ails Redis."""

import time
from pathlib import Path

import pytest
from redis import Redis

from tests.support.valkey import valkey
from workflow.nudging import Nudger


async def test_nudge_is_one_job_however_often(tmp_path: Path) -> None:
    with valkey(tmp_path) as redis, Redis.from_url(redis.url) as client:
        nudger = Nudger(redis.url)
        for _ in range(5):
            await nudger.nudge()
        await nudger.close()
        assert client.zcard("arq:queue") == 1
        job = client.get("arq:job:nudge")
        assert isinstance(job, bytes)
        assert b'"f": "nudge"' in job


async def test_nudge_without_redis_does_nothing() -> None:
    nudger = Nudger("")
    await nudger.nudge()
    await nudger.close()


@pytest.mark.parametrize("ill", ["killed", "frozen", "never there"])
async def test_nudge_is_quick_whatever_ails_redis(tmp_path: Path, ill: str) -> None:
    with valkey(tmp_path) as redis:
        nudger = Nudger("redis://127.0.0.1:1" if ill == "never there" else redis.url)
        if ill == "killed":
            await nudger.nudge()
            redis.kill()
        elif ill == "frozen":
            await nudger.nudge()
            redis.freeze()
        begun = time.monotonic()
        await nudger.nudge()
        first = time.monotonic() - begun
        for _ in range(100):
            await nudger.nudge()
        rest = time.monotonic() - begun - first
        if ill == "frozen":
            redis.thaw()
        await nudger.close()
    assert first < 0.5
    assert rest < 0.1
