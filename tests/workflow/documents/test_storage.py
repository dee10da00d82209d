import asyncio
import hashlib
import os
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from workflow.documents.storage import DiskStore, StoredDocumentCorrupt
from workflow.errors import NotFound

CONTENT = b"%PDF-1.7 a letter"
KEY = hashlib.sha256(CONTENT).hexdigest()


def _files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


async def test_store_gives_back_what_was_put(tmp_path: Path) -> None:
    store = DiskStore(tmp_path / "files")
    assert await store.put(CONTENT) == KEY
    assert await store.get(KEY) == CONTENT
    assert _files(tmp_path) == [f"files/{KEY[:2]}/{KEY}"]


async def test_store_keeps_the_same_bytes_once(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    keys = await asyncio.gather(*(store.put(CONTENT) for _ in range(20)))
    assert set(keys) == {KEY}
    assert _files(tmp_path) == [f"{KEY[:2]}/{KEY}"]


async def test_store_is_private(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        await DiskStore(tmp_path / "files").put(CONTENT)
    finally:
        os.umask(previous)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "files").rglob("*")}
    assert modes == {KEY[:2]: 0o700, KEY: 0o600}
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700


async def test_store_forgets_what_is_deleted(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    await store.put(CONTENT)
    await store.delete(KEY)
    await store.delete(KEY)
    assert _files(tmp_path) == []
    with pytest.raises(NotFound):
        await store.get(KEY)


@pytest.mark.parametrize(
    "key", ["", "..", "../" * 3 + "etc/passwd", KEY.upper(), KEY + "\n", KEY[:-1], "/" + KEY]
)
async def test_store_refuses_what_is_no_key(tmp_path: Path, key: str) -> None:
    store = DiskStore(tmp_path)
    with pytest.raises(NotFound):
        await store.get(key)
    with pytest.raises(NotFound):
        await store.delete(key)


async def test_store_notices_a_failed_disk_and_is_mended_by_putting_again(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    await store.put(CONTENT)
    (tmp_path / KEY[:2] / KEY).write_bytes(CONTENT[:5])
    with pytest.raises(StoredDocumentCorrupt):
        await store.get(KEY)
    await store.put(CONTENT)
    assert await store.get(KEY) == CONTENT


async def test_store_leaves_nothing_behind_when_writing_fails(tmp_path: Path) -> None:
    (tmp_path / KEY[:2] / KEY / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match=KEY):
        await DiskStore(tmp_path).put(CONTENT)
    assert _files(tmp_path) == []


async def pieces(store: DiskStore, key: str) -> bytes:
    return b"".join([piece async for piece in await store.pieces(key)])


async def test_store_takes_and_gives_what_is_larger_than_memory_should_hold(tmp_path: Path) -> None:
    store, content = DiskStore(tmp_path), bytes(range(256)) * 4000
    with TemporaryFile(dir=tmp_path) as file:
        file.write(content)
        key = await store.put_file(file)
    assert key == hashlib.sha256(content).hexdigest()
    assert (await store.get(key), await pieces(store, key)) == (content, content)
    assert oct((tmp_path / key[:2] / key).stat().st_mode & 0o777) == "0o600"
    with pytest.raises(NotFound):
        await store.pieces("0" * 64)


class InUse:
    """Knows which keys rows point to; `meanwhile` happens after it was asked."""

    def __init__(self, *keys: str, meanwhile: Callable[[], Awaitable[object]] | None = None) -> None:
        self.keys = set(keys)
        self.meanwhile = meanwhile

    async def __call__(self, keys: list[str]) -> set[str]:
        if self.meanwhile:
            await self.meanwhile()
        return self.keys & set(keys)


NOW, HOUR = timedelta(0), timedelta(hours=1)


async def test_store_forgets_what_nobody_needs(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    needed, unneeded = [await store.put(content) for content in (b"needed", b"not needed")]
    (tmp_path / needed[:2] / f".{needed}.half-written").write_bytes(b"nee")
    assert await store.delete_unused(InUse(needed), spare=HOUR) == 0
    assert await store.delete_unused(InUse(needed), spare=NOW) == 2
    assert _files(tmp_path) == [f"{needed[:2]}/{needed}"]
    with pytest.raises(NotFound):
        await store.get(unneeded)
    assert await DiskStore(tmp_path / "nowhere").delete_unused(InUse(), spare=NOW) == 0


async def test_store_spares_what_is_put_again_while_it_looks(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    key = await store.put(b"put again")
    path = tmp_path / key[:2] / key
    os.utime(path, (time.time() - 7200, time.time() - 7200))
    meanwhile = InUse(meanwhile=lambda: store.put(b"put again"))
    assert await store.delete_unused(meanwhile, spare=HOUR) == 0
    assert await store.get(key) == b"put again"
    assert [each.name for each in path.parent.iterdir()] == [key]
