"""Where the bytes of documents lie: behind one small interface, outside of what the web serves."""

import asyncio
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from workflow.errors import NotFound

_KEY = re.compile(r"[0-9a-f]{64}")
_PIECE = 256 * 1024

InUse = Callable[[list[str]], Awaitable[set[str]]]
"""Asks which of some keys a row points to."""


class StoredDocumentCorrupt(RuntimeError):
    """The bytes on disk are no longer those that were stored; restore this document from a backup."""


class DocumentStore(Protocol):
    """Keeps documents by their content: the same bytes have the same key, wherever they came from.

    So several rows may share a key: delete only when the last of them is gone.
    """

    async def put(self, content: bytes) -> str:
        """Keep the bytes, durably before this returns; again is the same as once. The key is opaque."""
        ...

    async def put_file(self, file: BinaryIO) -> str:
        """The same for the content of an open file, however large."""
        ...

    async def get(self, key: str) -> bytes:
        """The bytes as they were put. Raises NotFound."""
        ...

    async def pieces(self, key: str) -> AsyncIterator[bytes]:
        """The same piece by piece, however large. Raises NotFound before the first piece."""
        ...

    async def delete_unused(self, in_use: InUse, *, spare: timedelta) -> int:
        """Forget all bytes that no row points to; how many documents they were.

        `spare`: those that were put later than so long ago stay, for their row may still be on its way.
        """
        ...

    async def delete(self, key: str) -> None:
        """Forget the bytes; nothing happens if they are not there."""
        ...


class DiskStore:
    """A DocumentStore in a folder that only this user may read; a key is the SHA-256 of the content."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, content: bytes) -> str:
        """Write beside, flush, rename: a reader sees the whole file or none, also after a power cut."""
        key = hashlib.sha256(content).hexdigest()
        await asyncio.to_thread(_write, self._path(key), content)
        return key

    async def get(self, key: str) -> bytes:
        """Raises NotFound for an unknown or impossible key, StoredDocumentCorrupt if the disk failed."""
        try:
            content = await asyncio.to_thread(self._path(key).read_bytes)
        except FileNotFoundError:
            raise NotFound from None
        if hashlib.sha256(content).hexdigest() != key:
            raise StoredDocumentCorrupt(key)
        return content

    async def put_file(self, file: BinaryIO) -> str:
        """As `put`: whole or not at all."""
        return await asyncio.to_thread(self._put_file, file)

    def _put_file(self, file: BinaryIO) -> str:
        digest = hashlib.sha256()
        file.seek(0)
        while piece := file.read(_PIECE):
            digest.update(piece)
        key = digest.hexdigest()
        file.seek(0)
        _write(self._path(key), file)
        return key

    async def pieces(self, key: str) -> AsyncIterator[bytes]:
        """Not checked against its key, which could only be known at the end."""
        try:
            file = await asyncio.to_thread(self._path(key).open, "rb")
        except FileNotFoundError:
            raise NotFound from None
        return _pieces(file)

    async def delete_unused(self, in_use: InUse, *, spare: timedelta) -> int:
        """Folder by folder; also what a process that was killed left half written."""
        before = time.time() - spare.total_seconds()
        deleted = 0
        for folder in await asyncio.to_thread(_folders, self._root):
            old = await asyncio.to_thread(_old_files, folder, before)
            keys = [path.name for path in old if _KEY.fullmatch(path.name)]
            used = await in_use(keys) if keys else set()
            unused = [path for path in old if path.name not in used]
            deleted += sum(await asyncio.to_thread(_forget, unused, before))
        return deleted

    async def delete(self, key: str) -> None:
        """Raises NotFound only for what cannot be a key."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise NotFound
        return self._root / key[:2] / key


def _write(path: Path, content: bytes | BinaryIO) -> None:
    if _holds(path, content):
        return
    _make_private(path.parent)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write_durably(beside, content)
        beside.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            beside.unlink()
        raise
    _flush_folder(path.parent)


def _holds(path: Path, content: bytes | BinaryIO) -> bool:
    """Whether the bytes are there already; they are then as if put now, so that `delete_unused` spares them."""
    if not isinstance(content, bytes):
        return False
    try:
        if path.read_bytes() != content:
            return False
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _make_private(folder: Path) -> None:
    if not folder.is_dir():
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        _flush_folder(folder.parent)


def _write_durably(path: Path, content: bytes | BinaryIO) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            shutil.copyfileobj(content, file, _PIECE)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
    finally:
        await asyncio.to_thread(file.close)


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def _old_files(folder: Path, before: float) -> list[Path]:
    with os.scandir(folder) as entries:
        return [Path(entry.path) for entry in entries if entry.is_file() and entry.stat().st_mtime <= before]


def _forget(paths: list[Path], before: float) -> list[bool]:
    return [_forget_untouched(path, before) for path in paths]


def _forget_untouched(path: Path, before: float) -> bool:
    """Delete a file, unless it was put again meanwhile: taken away first, so that nobody finds it there to touch."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.rename(aside)
        if aside.stat().st_mtime > before:
            aside.replace(path)
            return False
        aside.unlink()
    except FileNotFoundError:
        return False
    return True
