"""The files of an index in memory, so that what is searched is what was checked, whatever becomes of the disk."""

from collections.abc import Mapping
from typing import Any

from whoosh.filedb.filestore import RamStorage
from whoosh.filedb.structfile import BufferFile


class _View:
    """A file over bytes that are not its own: BytesIO would copy them."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        end = len(self._view) if size < 0 else min(len(self._view), self._at + size)
        start, self._at = self._at, max(self._at, end)
        return bytes(self._view[start:end])

    def readline(self) -> bytes:
        rest = bytes(self._view[self._at :])
        return self.read(rest.find(b"\n") + 1 or len(rest))

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, len(self._view))[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        """Nothing is held open."""


class _Held(BufferFile):  # type: ignore[misc]  # Whoosh has no types
    def __init__(self, view: memoryview, name: str) -> None:
        super().__init__(b"", name=name)
        self._buf = view
        self.file = _View(view)

    def subset(self, position: int, length: int, name: str | None = None) -> "_Held":
        return _Held(self._buf[position : position + length], name or self._name)


class HeldFiles(RamStorage):  # type: ignore[misc]  # Whoosh has no types
    """What Whoosh reads an index from. A memory map would end the process when a file is cut short on disk."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self.files = dict(files)

    def open_file(self, name: str, **_options: Any) -> _Held:
        if name not in self.files:
            raise FileNotFoundError(name)
        return _Held(memoryview(self.files[name]), name)
