"""The default index: Whoosh in a folder, one writer, any number of readers that never wait for it."""

import logging
import threading
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from whoosh import columns, fields, index, reading, writing
from whoosh.codec.base import Segment

from search.documents import OfferDocument
from search.errors import IndexAhead, IndexBusy, IndexMissing, IndexUnusable
from search.index_folder import IndexFolder, Manifest, Signature
from search.queries import FACETS, Answer, OfferQuery
from search.snapshot import Snapshot, microseconds
from search.words import terms

_log = logging.getLogger(__name__)

# More segments than this are merged into the largest, so that a word is not looked up in hundreds.
MOST_SEGMENTS = 16
_TRIES, _PAUSE = 20, 0.05


def _schema() -> fields.Schema:
    # Titles are analysed by us: every indexed field takes ready terms. Dates and ids are columns only.
    indexed = dict.fromkeys(("id", "keys", "pairs", "spellings", "phrases", *FACETS), fields.ID())
    return fields.Schema(
        offer=fields.COLUMN(columns.FixedBytesColumn(16)),
        published=fields.COLUMN(columns.NumericColumn("q")),
        closing=fields.COLUMN(columns.NumericColumn("q")),
        **indexed,
    )


def _row(document: OfferDocument) -> dict[str, object]:
    found = terms(document.titles)
    facets = {facet: value for facet in FACETS if (value := document.facet(facet))}
    return {
        "id": (document.id.hex,),
        "offer": document.id.bytes,
        "published": microseconds(document.published_at),
        "closing": microseconds(document.closes_at),
        "keys": tuple(found.keys),
        "pairs": tuple(f"{first} {second}" for first, second in found.pairs),
        "spellings": tuple(f"{spelling}\t{written}" for spelling, written in found.spellings),
        "phrases": tuple(f"{folded}\t{written}" for folded, written in found.phrases),
        **{facet: (value,) for facet, value in facets.items()},
    }


def _opened(folder: IndexFolder, manifest: Manifest) -> index.FileIndex:
    try:
        found = index.open_dir(str(folder.path(manifest)))
    except (index.EmptyIndexError, FileNotFoundError):
        raise IndexAhead from None
    if found.latest_generation() != manifest.generation:
        raise IndexAhead
    return found


class WhooshReader:
    """The reading half (see queries.OfferIndex): give every process one, and any thread may use it."""

    def __init__(self, root: Path) -> None:
        self._folder = IndexFolder(root)
        self._opening = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._seen: Signature = None
        self._failure: IndexUnusable | None = None
        self._failure_ends = 0.0
        self._sound: dict[str, int] = {}

    def search(self, query: OfferQuery, now: datetime) -> Answer:
        """See OfferIndex.search. Opens the latest state first if `poll` has not."""
        self.poll()
        if self._snapshot is None:
            raise IndexMissing
        return self._snapshot.search(query, now)

    def poll(self) -> bool:
        """Take up the latest state if it is new, and say whether it was; microseconds when it is not.

        While one thread opens it the others go on with the old one. When the new one is not sound,
        the old one goes on, and the log says so; without an old one IndexUnusable is raised.
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

    def _open(self) -> Snapshot:
        for _ in range(_TRIES):
            manifest = self._folder.manifest()
            try:
                self._folder.verify(manifest, self._sound)
                snapshot = Snapshot(_opened(self._folder, manifest).reader(), self._snapshot)
            except (IndexAhead, FileNotFoundError):
                time.sleep(_PAUSE)
            else:
                self._sound = dict(manifest.files)
                return snapshot
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
            self._folder.verify(manifest, {})
            if _opened(self._folder, manifest).doc_count() != manifest.offers:
                raise IndexUnusable("it holds another number of offers than its manifest says")
        return manifest.offers

    def apply(self, upserts: Iterable[OfferDocument], deletions: Iterable[UUID] = ()) -> None:
        """See OfferIndexWriter.apply."""
        documents = {document.id: document for document in upserts}
        gone = {*documents, *deletions}
        if not gone:
            return
        with self._folder.writing(self._timeout):
            manifest = self._folder.manifest()
            current = _opened(self._folder, manifest)
            self._write(current, gone, documents.values())
            offers, generation = current.doc_count(), current.latest_generation()
            self._folder.publish(self._folder.path(manifest), generation, offers, manifest.files)

    def rebuild(self, documents: Iterable[OfferDocument]) -> int:
        """See OfferIndexWriter.rebuild."""
        with self._folder.writing(self._timeout):
            build = self._folder.new_build()
            fresh = index.create_in(str(build), _schema())
            self._write(fresh, (), documents)
            offers: int = fresh.doc_count()
            self._folder.publish(build, fresh.latest_generation(), offers, {})
            self._folder.remove_builds(but=build)
        return offers

    def _write(
        self, target: index.FileIndex, gone: Iterable[UUID], documents: Iterable[OfferDocument]
    ) -> None:
        try:
            writer = target.writer(timeout=self._timeout)
        except index.LockError:
            raise IndexBusy from None
        try:
            # one pass that deletes, then the additions: update_document would open a searcher for each
            for number in _numbers(target, gone):
                writer.delete_document(number)
            for document in documents:
                writer.add_document(**_row(document))
        except BaseException:
            writer.cancel()
            raise
        writer.commit(mergetype=_merged)


def _numbers(target: index.FileIndex, gone: Iterable[UUID]) -> list[int]:
    found: list[int] = []
    if not gone or not target.doc_count():
        return found
    with target.reader() as reader:
        for leaf, first in reader.leaf_readers():
            for offer in gone:
                if ("id", offer.hex) in leaf:
                    found += [first + number for number in leaf.postings("id", offer.hex).all_ids()]
    return found


def _merged(writer: writing.SegmentWriter, segments: list[Segment]) -> list[Segment]:
    """Whoosh's merge policy: leave segments as they are, until there are too many."""
    if len(segments) < MOST_SEGMENTS:
        return segments
    largest = max(segments, key=lambda segment: segment.doc_count_all())
    for segment in segments:
        if segment is not largest:
            with reading.SegmentReader(writer.storage, writer.schema, segment) as reader:
                writer.add_reader(reader)
    return [largest]
