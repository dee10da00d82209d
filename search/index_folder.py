"""The folder of an index: which generation counts, whether its bytes are sound, and who may write."""

import fcntl
import json
import os
import shutil
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from search.analysis import ANALYSIS_VERSION
from search.errors import IndexAhead, IndexBusy, IndexLost, IndexMissing, IndexOutdated, IndexUnusable
from search.queries import IndexState

_CURRENT = "current.json"
_LOCK = "writing.lock"
KEPT = (".seg", ".toc")
"""How the names of the files end that make an index; Whoosh leaves others behind."""

Signature = tuple[int, int] | None

Contents: TypeAlias = Mapping[str, tuple[int, bytes]]
"""The name of each file → its CRC-32 and its bytes."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The one state of the index that counts. Replaced as a whole, so readers see it all or not at all.

    `commit` is Whoosh's number for it in its build; the others are those of IndexState. `files` maps each file
    of the index to its CRC-32; they are written once and never changed.
    """

    build: str
    commit: int
    generation: int
    offers: int
    analysis_version: int
    changed_at: str
    rebuilds: int
    damaged: int
    files: Mapping[str, int]

    def state(self) -> IndexState:
        """What operators are told."""
        changed_at = datetime.fromisoformat(self.changed_at)
        return IndexState(self.generation, self.offers, changed_at, self.rebuilds, self.damaged)


@dataclass(frozen=True, slots=True)
class Tally:
    """What goes on being counted when the index is built anew (see IndexState)."""

    generation: int = 0
    rebuilds: int = 0
    damaged: int = 0

    @classmethod
    def of(cls, manifest: Manifest) -> "Tally":
        return cls(manifest.generation, manifest.rebuilds, manifest.damaged)


class IndexFolder:
    """`root` holds one folder a build and the manifest that names the current one.

    Beside it lie its lock and the tally, what was counted so far: whoever loses the index does not lose these.
    Private to the account (0700), on a local disk: Whoosh unpickles what lies there.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._tally = root.with_suffix(".tally")

    def signature(self) -> Signature:
        """Changes whenever the manifest does; costs one look at the file."""
        try:
            found = (self.root / _CURRENT).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def manifest(self) -> Manifest:
        """The current state; raises IndexMissing or IndexUnusable, also for another analysis version."""
        manifest = self._manifest()
        if manifest.analysis_version != ANALYSIS_VERSION:
            raise IndexOutdated(manifest.analysis_version, ANALYSIS_VERSION)
        return manifest

    def _manifest(self) -> Manifest:
        try:
            return Manifest(**_checked((self.root / _CURRENT).read_bytes()))
        except FileNotFoundError:
            raise (IndexLost if self._tally.exists() else IndexMissing) from None
        except (OSError, ValueError, TypeError) as error:
            raise IndexUnusable(f"its manifest cannot be read ({error})") from error

    def path(self, manifest: Manifest) -> Path:
        return self.root / manifest.build

    def contents(self, manifest: Manifest, known: Contents) -> Contents:
        """The bytes of every file, checked; those `known` by their checksum are not read again.

        Raises IndexUnusable for changed bytes, IndexAhead where a file has gone.
        """
        contents: dict[str, tuple[int, bytes]] = {}
        for name, expected in manifest.files.items():
            if name in known and known[name][0] == expected:
                contents[name] = known[name]
                continue
            with _present():
                content = (self.path(manifest) / name).read_bytes()
            _require(name, expected, zlib.crc32(content))
            contents[name] = expected, content
        return contents

    @contextmanager
    def new_build(self) -> Iterator[Path]:
        """An empty folder beside the others, not yet current. It goes again when what is done with it fails."""
        self.remove_builds(but=self._named())  # what a killed writer left takes room that is needed now
        build = self.root / f"build-{time.time_ns():x}"
        build.mkdir(mode=0o700)
        try:
            yield build
        except BaseException:
            if build != self._named():
                shutil.rmtree(build, ignore_errors=True)
            raise

    def _named(self) -> Path | None:
        """The build that the manifest names, if there is one that can be read."""
        try:
            return self.path(self._manifest())
        except IndexUnusable:
            return None

    def put(self, build: Path, contents: Mapping[str, bytes]) -> dict[str, int]:
        """Put files beside those of `build`, safely on the disk; the checksum of each. Nobody reads them yet."""
        for name, content in contents.items():
            with (build / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        return {name: zlib.crc32(content) for name, content in contents.items()}

    def sealed(self, build: Path) -> dict[str, int]:
        """Bring what was written in `build` safely to the disk; the checksum of each file."""
        files = {path.name: _checksum(path) for path in build.iterdir() if path.suffix in KEPT}
        for name in files:
            _to_disk(build / name)
        return files

    def publish(
        self,
        build: Path,
        files: Mapping[str, int],
        *,
        commit: int,
        offers: int,
        rebuilt: int = 0,
        damaged: int = 0,
    ) -> None:
        """Make `files` of `build` current, and remove its others; `rebuilt` and `damaged` are added up.

        Until the manifest is replaced, nothing that the one before names has changed.
        """
        before = self._counted()
        manifest = Manifest(
            build=build.name,
            commit=commit,
            generation=before.generation + 1,
            offers=offers,
            analysis_version=ANALYSIS_VERSION,
            changed_at=datetime.now(UTC).isoformat(),
            rebuilds=before.rebuilds + rebuilt,
            damaged=before.damaged + damaged,
            files=files,
        )
        _to_disk(build)
        self.put(self.root, {f"{_CURRENT}.new": _with_checksum(asdict(manifest))})
        (self.root / f"{_CURRENT}.new").replace(self.root / _CURRENT)
        _to_disk(self.root)
        self._keep_tally(manifest)
        for path in build.iterdir():
            if path.name not in files:
                path.unlink()

    def _counted(self) -> Tally:
        """What has been counted so far, by the manifest or beside it; from nothing where nobody knows."""
        tally = Tally()
        with suppress(IndexUnusable):
            tally = Tally.of(self._manifest())
        with suppress(OSError, ValueError, TypeError):
            beside = Tally(**_checked(self._tally.read_bytes()))
            tally = Tally(*map(max, astuple(tally), astuple(beside)))
        return tally

    def _keep_tally(self, manifest: Manifest) -> None:
        """The change is made already, and does not fail for want of room for three numbers."""
        new = self._tally.with_suffix(".tally.new")
        with suppress(OSError):
            new.write_bytes(_with_checksum(asdict(Tally.of(manifest))))
            new.replace(self._tally)

    def remove_builds(self, but: Path | None) -> None:
        """Remove all other builds, finished or not; snapshots open on them go on answering."""
        for build in self.root.glob("build-*"):
            if build != but:
                shutil.rmtree(build, ignore_errors=True)

    @contextmanager
    def turn(self, timeout: float) -> Iterator[None]:
        """See OfferIndexWriter.turn; of this machine, which is the only one with this folder."""
        self.root.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(self.root.with_suffix(".lock"), timeout):
            yield

    @contextmanager
    def writing(self, timeout: float) -> Iterator[None]:
        """Be the only writer, the folder made if need be; raises IndexBusy after `timeout` seconds."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)
        with _locked(self.root / _LOCK, timeout):
            yield


def _with_checksum(facts: Mapping[str, Any]) -> bytes:
    """One line of JSON, and its CRC-32 in another."""
    content = json.dumps(facts).encode()
    return b"%s\n%08x\n" % (content, zlib.crc32(content))


def _checked(stored: bytes) -> dict[str, Any]:
    content, _, checksum = stored.partition(b"\n")
    if checksum != b"%08x\n" % zlib.crc32(content):
        raise ValueError("its checksum is another")
    facts: dict[str, Any] = json.loads(content)
    return facts


@contextmanager
def _present() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise IndexAhead from None


def _require(name: str, expected: int, checksum: int) -> None:
    if checksum != expected:
        raise IndexUnusable(f"{name} is damaged")


@contextmanager
def _locked(path: Path, timeout: float) -> Iterator[None]:
    """Hold a file's lock, which ends with the file, and with a killed process. Raises IndexBusy."""
    with path.open("w") as lock:
        _acquire(lock.fileno(), time.monotonic() + timeout)
        yield


def _acquire(descriptor: int, deadline: float) -> None:
    while not _is_locked(descriptor):
        if time.monotonic() >= deadline:
            raise IndexBusy
        time.sleep(0.05)


def _is_locked(descriptor: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            checksum = zlib.crc32(block, checksum)
    return checksum


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
