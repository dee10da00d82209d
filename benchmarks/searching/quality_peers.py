"""What FTS5 and tantivy find of the judged queries, in their best simple settings; answers once, by JSON."""

import json
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping

import tantivy
from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

Search = Callable[[str], list[str]]

_TOKENIZERS = ("porter unicode61", "unicode61")


def _fts5(titles: Mapping[str, str], tokenizer: str, joined: str) -> Search:
    connection = sqlite3.connect(":memory:")
    connection.execute(
        f"CREATE VIRTUAL TABLE offer USING fts5(reference UNINDEXED, title, tokenize = '{tokenizer}')"
    )
    connection.executemany("INSERT INTO offer VALUES (?, ?)", titles.items())

    def search(query: str) -> list[str]:
        match = joined.join(f'"{word}"' for word in re.findall(r"\w+", query))
        rows = connection.execute("SELECT reference FROM offer WHERE offer MATCH ? ORDER BY rank", [match])
        return [reference for (reference,) in rows]

    return search


def _tantivy(titles: Mapping[str, str], stemmer: str, *, all_words: bool) -> Search:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("reference", stored=True, tokenizer_name="raw")
    builder.add_text_field("title", tokenizer_name="stemmed")
    index = tantivy.Index(builder.build())
    analyzer = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase())
    index.register_tokenizer(
        "stemmed", analyzer.filter(Filter.stemmer(stemmer)).filter(Filter.ascii_fold()).build()
    )
    writer = index.writer(num_threads=1)  # the order of equals depends on segments
    for reference, title in titles.items():
        writer.add_document(tantivy.Document(reference=reference, title=title))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def search(query: str) -> list[str]:
        parsed, _ = index.parse_query_lenient(query, ["title"], conjunction_by_default=all_words)
        hits = searcher.search(parsed, limit=len(titles)).hits
        return [searcher.doc(address)["reference"][0] for _, address in hits]

    return search


def _searches(titles: Mapping[str, str]) -> Iterator[tuple[str, str, Search]]:
    for tokenizer in _TOKENIZERS:
        for joined in (" AND ", " OR "):
            yield "SQLite FTS5", f"{tokenizer},{joined.lower()[:-1]}", _fts5(titles, tokenizer, joined)
    for stemmer in ("english", "french"):
        for all_words in (True, False):
            setting = f"{stemmer} stemmer, {'and' if all_words else 'or'}"
            yield "tantivy", setting, _tantivy(titles, stemmer, all_words=all_words)


def main() -> None:
    """`{"titles": {reference: title}, "queries": […]}` in, a list of `[peer, setting, {query: references}]` out."""
    asked = json.load(sys.stdin)
    found = [
        (peer, setting, {query: search(query) for query in asked["queries"]})
        for peer, setting, search in _searches(asked["titles"])
    ]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
