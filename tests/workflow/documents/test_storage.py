import asyncio
import hashlib
import os
from pathlib import Path

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
