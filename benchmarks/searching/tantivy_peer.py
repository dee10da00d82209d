"""tantivy as its users would have it: basic postings, fast fields for order and counts, terms aggregations."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Occur, Query

from benchmarks.searching.serving import FACETS, PAGE, Answer, Question, rows_of, serve

_MUST = Occur.Must


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("published", fast=True)
    builder.add_integer_field("closing", indexed=True, fast=True)
    for field in ("keys", "pairs", "spellings"):
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="basic")
    for facet in FACETS:
        builder.add_text_field(facet, fast=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def _document(row: Sequence[Any]) -> Any:
    offer, published, closing, keys, pairs, spellings, *facets = row
    known = {facet: value for facet, value in zip(FACETS, facets, strict=True) if value}
    words = {"keys": keys, "pairs": pairs, "spellings": spellings}
    return tantivy.Document.from_dict(
        {"id": offer, "published": published, "closing": closing, **words, **known}, _SCHEMA
    )


_SCHEMA = _schema()


class Tantivy:
    """One index in a folder, read through its memory map."""

    def build(self, folder: Path) -> None:
        place = folder / "tantivy"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        writer = tantivy.Index(_SCHEMA, path=str(place)).writer(256_000_000)
        for row in rows_of(folder):
            writer.add_document(_document(row))
        writer.commit()
        writer.wait_merging_threads()

    def open(self, folder: Path) -> None:
        self.index = tantivy.Index.open(str(folder / "tantivy"))
        self.searcher = self.index.searcher()

    def update(self, row: Sequence[Any]) -> None:
        writer = self.index.writer(15_000_000, num_threads=1)
        writer.delete_documents_by_term("id", row[0])
        writer.add_document(_document(row))
        writer.commit()
        self.index.reload()
        self.searcher = self.index.searcher()

    def ask(self, question: Question) -> Answer:
        words = [_query(question), _open_at(question["now"])]
        filters = {facet: Query.term_set_query(_SCHEMA, facet, v) for facet, v in question["filters"].items()}
        found = _all([*words, *filters.values()])
        result = self.searcher.search(found, PAGE, count=True, order_by_field="published")
        ids = [self.searcher.doc(address)["id"][0] for _, address in result.hits]
        return ids, result.count, {} if question.get("bare") else self._counts(words, filters)

    def _counts(self, words: Sequence[Any], filters: Mapping[str, Any]) -> dict[str, dict[str, int]]:
        free = [facet for facet in FACETS if facet not in filters]
        counts = self._counted(_all([*words, *filters.values()]), free)
        for chosen in filters:
            others = [query for facet, query in filters.items() if facet != chosen]
            counts |= self._counted(_all([*words, *others]), [chosen])
        return counts

    def _counted(self, query: Any, facets: Sequence[str]) -> dict[str, dict[str, int]]:
        asked = {facet: {"terms": {"field": facet, "size": 1000}} for facet in facets}
        counted = self.searcher.aggregate(query, asked)
        return {
            facet: {bucket["key"]: bucket["doc_count"] for bucket in counted[facet]["buckets"]}
            for facet in facets
        }


def _all(queries: Sequence[Any]) -> Any:
    return Query.boolean_query([(_MUST, query) for query in queries])


def _open_at(now: int) -> Any:
    kind = tantivy.FieldType.Integer
    return Query.range_query(_SCHEMA, "closing", kind, lower_bound=now, include_lower=False)


def _query(question: Question) -> Any:
    if "misspelt" in question:
        return Query.fuzzy_term_query(
            _SCHEMA,
            "spellings",
            question["misspelt"],
            distance=question["mistakes"],
            transposition_cost_one=True,
        )
    return _of(question["tree"])


def _of(tree: Any) -> Any:
    match tree:
        case None:
            return Query.all_query()
        case ["term", field, token]:
            return Query.term_query(_SCHEMA, field, token, "basic")
        case ["prefix", field, token]:
            return Query.regex_query(_SCHEMA, field, f"{token}.*")
        case ["all", *parts]:
            return Query.boolean_query([(Occur.Must, _of(part)) for part in parts])
        case ["any", *parts]:
            return Query.boolean_query([(Occur.Should, _of(part)) for part in parts])
    raise ValueError(tree)


if __name__ == "__main__":
    serve(Tantivy())
