"""The files of an index in memory: what is searched is what was checked, and a change is whole or not at all."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.filedb.structfile import BufferFile, StructFile


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
    """What Whoosh reads an index from, and writes a change of it to; nothing of this is on the disk.

    A memory map would end the process when a file is cut short, and a failed write would leave half a change.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self.files = dict(files)

    def open_file(self, name: str, **_options: Any) -> _Held:
        if name not in self.files:
            raise FileNotFoundError(name)
        return _Held(memoryview(self.files[name]), name)

    def temp_storage(self, name: str | None = None) -> "HeldFiles":  # noqa: ARG002  # Whoosh's signature
        return HeldFiles({})


class NewFiles(FileStorage):  # type: ignore[misc]  # Whoosh has no types
    """An empty folder that Whoosh builds an index in; what a failure left open can be closed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._names: set[str] = set()
        self._opened: list[StructFile] = []
        self._inner: list[NewFiles] = []

    def create_file(self, name: str, **options: Any) -> StructFile:
        self._names.add(name)
        self._opened.append(super().create_file(name, **options))
        return self._opened[-1]

    def rename_file(self, old: str, new: str, safe: bool = False) -> None:
        super().rename_file(old, new, safe)
        self._names.add(new)

    def file_exists(self, name: str) -> bool:
        """Whoosh asks for each posting whether there are lengths; there never are, and no disk need be asked."""
        return name in self._names and bool(super().file_exists(name))

    def temp_storage(self, name: str | None = None) -> "NewFiles":
        inner = NewFiles(Path(self.folder) / (name or "temporary"))
        self._inner.append(inner.create())
        return inner

    def close_all(self) -> None:
        """Close every file that was left open; what it holds is not wanted."""
        for inner in self._inner:
            inner.close_all()
        for file in self._opened:
            with suppress(OSError, ValueError):
                file.file.close()
