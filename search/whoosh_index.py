"""The default index: Whoosh in a folder, one writer, any number of readers that never wait for it."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from whoosh import index
from whoosh.filedb.filestore import Storage

from search.documents import OfferDocument
from search.errors import IndexAhead, IndexMissing, IndexUnusable
from search.held_files import HeldFiles, NewFiles
from search.index_folder import KEPT, Contents, IndexFolder, Manifest, Signature
from search.queries import Answer, IndexState, OfferQuery
from search.snapshot import Snapshot
from search.whoosh_segments import MOST_SEGMENTS, schema, write

__all__ = ["MOST_SEGMENTS", "WhooshReader", "WhooshWriter"]

_log = logging.getLogger(__name__)

_TRIES, _PAUSE = 20, 0.05


def _opened(storage: Storage, manifest: Manifest) -> index.FileIndex:
    try:
        found = index.FileIndex(storage)
    except (index.EmptyIndexError, FileNotFoundError):
        raise IndexAhead from None
    if found.latest_generation() != manifest.commit:
        raise IndexAhead
    return found


def _held(contents: Contents) -> HeldFiles:
    return HeldFiles({name: content for name, (_, content) in contents.items()})


class WhooshReader:
    """The reading half (see queries.OfferIndex): give every process one, and any thread may use it.

    With `looks`, every search first looks for a newer state, and the first to see it opens it. A server has a
    task that polls instead, so that no visitor waits for that.
    """

    def __init__(self, root: Path, *, looks: bool = True) -> None:
        self._folder = IndexFolder(root)
        self._looks = looks
        self._opening = threading.Lock()
        self._snapshot: tuple[Snapshot, Manifest] | None = None
        self._seen: Signature = None
        self._failure: IndexUnusable | None = None
        self._failure_ends = 0.0
        self._contents: Contents = {}

    def search(self, query: OfferQuery, now: datetime) -> Answer:
        """See OfferIndex.search."""
        return self._current()[0].search(query, now)

    def suggest(self, typed: str, now: datetime) -> list[str]:
        """See OfferIndex.suggest."""
        return self._current()[0].suggest(typed, now)

    def state(self) -> IndexState:
        """See OfferIndex.state."""
        return self._current()[1].state()

    def close(self) -> None:
        """See OfferIndex.close: the snapshot is held until nobody needs it."""

    def poll(self) -> bool:
        """See OfferIndex.poll; microseconds when there is nothing new.

        When the new state is not sound, the old one goes on, and the log says so.
        """
        signature = self._folder.signature()
        if self._snapshot is not None and signature == self._seen:
            return False
        if not self._opening.acquire(blocking=self._snapshot is None):
            return False
        try:
            return self._take_up(signature)
        finally:
            self._opening.release()

    def _current(self) -> tuple[Snapshot, Manifest]:
        if self._looks or self._snapshot is None:
            self.poll()
        if self._snapshot is None:
            raise IndexMissing
        return self._snapshot

    def _take_up(self, signature: Signature) -> bool:
        if self._snapshot is not None and signature == self._seen:
            return False
        if self._failure and signature == self._seen and time.monotonic() < self._failure_ends:
            raise self._failure
        try:
            self._snapshot = self._open()
        except IndexUnusable as error:
            self._give_up(signature, error)
            return False
        self._seen = signature
        return True

    def _give_up(self, signature: Signature, error: IndexUnusable) -> None:
        self._seen = signature
        if self._snapshot is None:
            # threads that queue for the same failure get it at once
            self._failure, self._failure_ends = error, time.monotonic() + _TRIES * _PAUSE
            raise error
        _log.warning("search goes on with the state before: %s", error.reason)

    def _open(self) -> tuple[Snapshot, Manifest]:
        for _ in range(_TRIES):
            manifest = self._folder.manifest()
            try:
                contents = self._folder.contents(manifest, self._contents)
                reader = _opened(_held(contents), manifest).reader()
                snapshot = Snapshot(reader, self._snapshot[0] if self._snapshot else None)
            except IndexAhead:
                time.sleep(_PAUSE)
            else:
                self._contents = contents
                return snapshot, manifest
        raise IndexAhead


class WhooshWriter:
    """The writing half (see queries.OfferIndexWriter), for the worker; a second writer waits, then fails."""

    def __init__(self, root: Path, timeout: float = 10.0) -> None:
        self._folder = IndexFolder(root)
        self._timeout = timeout

    def check(self) -> int:
        """See OfferIndexWriter.check."""
        with self._folder.writing(self._timeout):
            manifest = self._folder.manifest()
            if _opened(self._contents(manifest), manifest).doc_count() != manifest.offers:
                raise IndexUnusable("it holds another number of offers than its manifest says")
            self._folder.remove_builds(but=self._folder.path(manifest))
        return manifest.offers

    def apply(self, upserts: Iterable[OfferDocument], deletions: Iterable[UUID] = ()) -> None:
        """See OfferIndexWriter.apply."""
        documents = {document.id: document for document in upserts}
        gone = {*documents, *deletions}
        if not gone:
            return
        with self._folder.writing(self._timeout):
            manifest = self._folder.manifest()
            storage = self._contents(manifest)
            changed = _opened(storage, manifest)
            write(changed, gone, documents.values(), self._timeout)
            self._keep(manifest, storage, commit=changed.latest_generation(), offers=changed.doc_count())

    def _keep(self, manifest: Manifest, storage: HeldFiles, *, commit: int, offers: int) -> None:
        """First the new files, then the manifest that names them."""
        build = self._folder.path(manifest)
        kept = {name: content for name, content in storage.files.items() if name.endswith(KEPT)}
        new = {name: content for name, content in kept.items() if name not in manifest.files}
        added = self._folder.put(build, new)
        files = {name: added.get(name) or manifest.files[name] for name in kept}
        self._folder.publish(build, files, commit=commit, offers=offers)

    def rebuild(
        self,
        documents: Iterable[OfferDocument],
        *,
        damaged: bool = False,
        go_on: Callable[[], object] = bool,
    ) -> int:
        """See OfferIndexWriter.rebuild."""
        with self._folder.writing(self._timeout), self._folder.new_build() as build:
            storage = NewFiles(build)
            try:
                fresh = storage.create_index(schema())
                write(fresh, (), documents, self._timeout, go_on)
                offers: int = fresh.doc_count()
                files = self._folder.sealed(build)
            finally:
                storage.close_all()
            commit = fresh.latest_generation()
            self._folder.publish(build, files, commit=commit, offers=offers, rebuilt=1, damaged=int(damaged))
            self._folder.remove_builds(but=build)
        return offers

    def turn(self, patience: float) -> AbstractContextManager[None]:
        """See OfferIndexWriter.turn."""
        return self._folder.turn(patience)

    def close(self) -> None:
        """See OfferIndexWriter.close: nothing is held between two changes."""

    def _contents(self, manifest: Manifest) -> HeldFiles:
        return _held(self._folder.contents(manifest, {}))
