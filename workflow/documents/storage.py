"""Where the bytes of documents lie: behind one small interface, outside of what the web serves."""

import asyncio
import hashlib
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from workflow.errors import NotFound

_KEY = re.compile(r"[0-9a-f]{64}")


class StoredDocumentCorrupt(RuntimeError):
    """The bytes on disk are no longer those that were stored; restore this document from a backup."""


class DocumentStore(Protocol):
    """Keeps documents by their content: the same bytes have the same key, wherever they came from.

    So several rows may share a key: delete only when the last of them is gone.
    """

    async def put(self, content: bytes) -> str:
        """Keep the bytes, durably before this returns; again is the same as once. The key is opaque."""
        ...

    async def get(self, key: str) -> bytes:
        """The bytes as they were put. Raises NotFound."""
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

    async def delete(self, key: str) -> None:
        """Raises NotFound only for what cannot be a key."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise NotFound
        return self._root / key[:2] / key


def _write(path: Path, content: bytes) -> None:
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


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except FileNotFoundError:
        return False


def _make_private(folder: Path) -> None:
    if not folder.is_dir():
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        _flush_folder(folder.parent)


def _write_durably(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
