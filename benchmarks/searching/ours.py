"""Vivier as a contender, over Whoosh or over PostgreSQL: from documents to answers, with its own analysis."""

import os
import pickle
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.searching.serving import PAGE, Answer, Question, serve
from search.documents import OfferDocument
from search.postgres_index import PostgresReader, PostgresWriter
from search.queries import OfferIndex, OfferIndexWriter, OfferQuery, Order
from search.whoosh_index import WhooshReader, WhooshWriter


class Ours:
    """An index as `VIVIER_SEARCH` names it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.reader: OfferIndex | None = None

    def _writer(self, folder: Path) -> OfferIndexWriter:
        if self.kind == "postgres":
            return PostgresWriter(os.environ["PEER_DATABASE_URL"], timeout=600)
        return WhooshWriter(folder / "whoosh", timeout=600)

    def build(self, folder: Path) -> None:
        with (folder / "documents.pickle").open("rb") as file:
            documents: list[OfferDocument] = pickle.load(file)  # written by ourselves
        self._writer(folder).rebuild(documents)

    def open(self, folder: Path) -> None:
        if self.reader is not None:
            self.reader.close()
        if self.kind == "postgres":
            self.reader = PostgresReader(os.environ["PEER_DATABASE_URL"])
        else:
            self.reader = WhooshReader(folder / "whoosh", looks=False)
        self.reader.poll()
        self.writer = self._writer(folder)

    def update(self, row: Sequence[Any]) -> None:
        assert self.reader is not None
        offer, published, closing, title, *facets = row
        document = OfferDocument(UUID(offer), (title,), _instant(published), _instant(closing), *facets)
        self.writer.apply([document])
        self.reader.poll()

    def ask(self, question: Question) -> Answer:
        assert self.reader is not None
        filters: dict[str, Any] = {facet: frozenset(values) for facet, values in question["filters"].items()}
        query = OfferQuery(question["keywords"], order=Order.date, page_size=PAGE, **filters)
        answer = self.reader.search(query, _instant(question["now"]))
        facets = {facet: dict(counts) for facet, counts in answer.facets.items()}
        return [offer.hex for offer in answer.ids], answer.total, facets


def _instant(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


if __name__ == "__main__":
    serve(Ours(sys.argv[1]))
