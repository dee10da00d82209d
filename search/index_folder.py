"""The folder of an index: which generation counts, whether its bytes are sound, and who may write."""

import fcntl
import json
import os
import shutil
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from search.analysis import ANALYSIS_VERSION
from search.errors import IndexAhead, IndexBusy, IndexMissing, IndexUnusable

_CURRENT = "current.json"
_LOCK = "writing.lock"
_KEPT = (".seg", ".toc")

Signature = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """The one state of the index that counts. Replaced as a whole, so readers see it all or not at all.

    `files` maps each file of the index to its CRC-32; they are written once and never changed.
    """

    build: str
    generation: int
    offers: int
    analysis_version: int
    files: Mapping[str, int]


class IndexFolder:
    """`root` holds one folder a build and the manifest that names the current one.

    Private to the account (0700), on a local disk: Whoosh unpickles what lies there.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def signature(self) -> Signature:
        """Changes whenever the manifest does; costs one look at the file."""
        try:
            found = (self.root / _CURRENT).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def manifest(self) -> Manifest:
        """The current state; raises IndexMissing or IndexUnusable, also for another analysis version."""
        try:
            manifest = Manifest(**json.loads((self.root / _CURRENT).read_bytes()))
        except FileNotFoundError:
            raise IndexMissing from None
        except (OSError, ValueError, TypeError) as error:
            raise IndexUnusable(f"its manifest cannot be read ({error})") from error
        if manifest.analysis_version != ANALYSIS_VERSION:
            raise IndexUnusable(
                f"it was built by version {manifest.analysis_version} of the analysis, not {ANALYSIS_VERSION}"
            )
        return manifest

    def path(self, manifest: Manifest) -> Path:
        return self.root / manifest.build

    def verify(self, manifest: Manifest, known: Mapping[str, int]) -> None:
        """Read every file of the manifest that is not already `known` to be sound.

        Raises IndexUnusable for changed bytes, IndexAhead where a file has gone.
        """
        for name, expected in manifest.files.items():
            try:
                sound = known.get(name) == expected or _checksum(self.path(manifest) / name) == expected
            except FileNotFoundError:
                raise IndexAhead from None
            if not sound:
                raise IndexUnusable(f"{name} is damaged")

    def new_build(self) -> Path:
        """An empty folder beside the others, not yet current."""
        build = self.root / f"build-{time.time_ns():x}"
        build.mkdir(mode=0o700)
        return build

    def publish(self, build: Path, generation: int, offers: int, known: Mapping[str, int]) -> None:
        """Make what lies in `build` current, once it is safely on the disk."""
        files: dict[str, int] = {}
        for path in sorted(build.iterdir()):
            if path.suffix in _KEPT:
                files[path.name] = known.get(path.name) or _checksum(path)
                if path.name not in known:
                    _to_disk(path)
        _to_disk(build)
        manifest = Manifest(build.name, generation, offers, ANALYSIS_VERSION, files)
        draft = self.root / f"{_CURRENT}.new"
        draft.write_text(json.dumps(asdict(manifest)))
        _to_disk(draft)
        draft.replace(self.root / _CURRENT)
        _to_disk(self.root)

    def remove_builds(self, but: Path) -> None:
        """Remove all other builds, finished or not; snapshots open on them go on answering."""
        for build in self.root.glob("build-*"):
            if build != but:
                shutil.rmtree(build, ignore_errors=True)

    @contextmanager
    def writing(self, timeout: float) -> Iterator[None]:
        """Be the only writer, the folder made if need be; raises IndexBusy after `timeout` seconds."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)
        with (self.root / _LOCK).open("w") as lock:
            _acquire(lock.fileno(), time.monotonic() + timeout)
            yield  # the lock ends with the file, and with a killed process


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
