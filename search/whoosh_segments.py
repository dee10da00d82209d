"""How offers lie in Whoosh's segments, and how segments are written and merged."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

from whoosh import columns, fields, index, reading, writing
from whoosh.codec.base import Segment

from search.documents import OfferDocument
from search.errors import IndexBusy
from search.queries import FACETS
from search.snapshot import microseconds
from search.words import terms

# More segments than this are merged into the largest, so that a word is not looked up in hundreds.
MOST_SEGMENTS = 16

_OFTEN = 1000


def schema() -> fields.Schema:
    """Titles are analysed by us: every indexed field takes ready terms. Dates and ids are columns only."""
    indexed = dict.fromkeys(("id", "keys", "pairs", "spellings", "phrases", *FACETS), fields.ID())
    return fields.Schema(
        offer=fields.COLUMN(columns.FixedBytesColumn(16)),
        published=fields.COLUMN(columns.NumericColumn("q")),
        closing=fields.COLUMN(columns.NumericColumn("q")),
        **indexed,
    )


def write(
    target: index.FileIndex,
    gone: Iterable[UUID],
    documents: Iterable[OfferDocument],
    timeout: float,
    go_on: Callable[[], object] = bool,
) -> None:
    """Take out those that are `gone`, add the documents, and commit. Raises IndexBusy, and what `go_on` raises."""
    try:
        writer = target.writer(timeout=timeout)
    except index.LockError:
        raise IndexBusy from None
    _put_plainly(writer, go_on)
    try:
        # one pass that deletes, then the additions: update_document would open a searcher for each
        for number in _numbers(target, gone):
            writer.delete_document(number)
        for document in documents:
            writer.add_document(**_row(document))
        writer.commit(mergetype=_merged)
    except BaseException:
        if not writer.is_closed:
            writer.cancel()
        raise


def _put_plainly(writer: writing.SegmentWriter, go_on: Callable[[], object]) -> None:
    """Have Whoosh ask on and on, while it writes postings, whether to go on, and never for lengths: there are none."""
    add = writer.fieldwriter.add_postings

    def asked(postings: Iterable[Any]) -> Iterator[Any]:
        for number, posting in enumerate(postings):
            if not number % _OFTEN:
                go_on()
            yield posting

    writer.fieldwriter.add_postings = lambda fields, _lengths, postings: add(fields, None, asked(postings))


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
