"""SQLite's FTS5 as its users would have it: words in a table without content, facts beside it, one file."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.searching.serving import FACETS, Answer, Question, rows_of, serve
from benchmarks.searching.sql import answer_from, filters_of

_COLUMNS = ", ".join(FACETS)

# Numbers go up with the date of publication, so that newest first is the table's own order backwards.
_TABLES = f"""
    PRAGMA journal_mode = WAL;
    CREATE TABLE offer (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, closing INTEGER NOT NULL, {_COLUMNS},
        keys TEXT, pairs TEXT, spellings TEXT);
    CREATE VIRTUAL TABLE words USING fts5(
        keys, pairs, spellings, content = 'offer', content_rowid = 'number', detail = column,
        tokenize = "unicode61 remove_diacritics 0 tokenchars '_'", prefix = '2 3 4 5');
"""
_ADD = f"INSERT INTO offer VALUES ({', '.join('?' * (6 + len(FACETS)))})"
_ADD_WORDS = "INSERT INTO words (rowid, keys, pairs, spellings) VALUES (?, ?, ?, ?)"


class SQLite:
    """One file, one connection."""

    def build(self, folder: Path) -> None:
        for left in folder.glob("fts5.sqlite*"):
            left.unlink()
        connection = sqlite3.connect(folder / "fts5.sqlite", isolation_level=None)
        connection.executescript(_TABLES)
        connection.execute("BEGIN")
        for number, row in enumerate(rows_of(folder)):
            _insert(connection, number, row)
        connection.execute("COMMIT")
        connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    def open(self, folder: Path) -> None:
        self.connection = sqlite3.connect(folder / "fts5.sqlite", isolation_level=None)
        self.connection.executescript("PRAGMA synchronous = NORMAL; PRAGMA mmap_size = 2147483648;")

    def update(self, row: Sequence[Any]) -> None:
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        old = connection.execute(
            "SELECT number, keys, pairs, spellings FROM offer WHERE id = ?", row[:1]
        ).fetchone()
        connection.execute(
            "INSERT INTO words (words, rowid, keys, pairs, spellings) VALUES ('delete', ?, ?, ?, ?)", old
        )
        connection.execute("DELETE FROM offer WHERE number = ?", old[:1])
        _insert(connection, old[0], row)
        connection.execute("COMMIT")

    def ask(self, question: Question) -> Answer:
        source, given = _found(question)
        return answer_from(
            f"{source} AND closing > ?",
            [*given, question["now"]],
            question,
            filters=filters_of(question, "IN (SELECT value FROM json_each(?))", json.dumps),
            newest="number",
            ask=self.connection.execute,
        )


def _insert(connection: sqlite3.Connection, number: int, row: Sequence[Any]) -> None:
    offer, _published, closing, keys, pairs, spellings, *facets = row
    connection.execute(_ADD, (number, offer, closing, *facets, keys, pairs, spellings))
    connection.execute(_ADD_WORDS, (number, keys, pairs, spellings))


def _found(question: Question) -> tuple[str, list[str]]:
    if question["tree"] is None:
        return "offer WHERE TRUE", []
    return "words JOIN offer ON offer.number = words.rowid WHERE words MATCH ?", [_match(question["tree"])]


def _match(tree: Any) -> str:
    match tree:
        case ["term", field, token]:
            return f'{field} : "{token}"'
        case ["prefix", field, token]:
            return f'{field} : "{token}" *'
        case ["all" | "any" as kind, *parts]:
            return f"({(' AND ' if kind == 'all' else ' OR ').join(map(_match, parts))})"
    raise ValueError(tree)


if __name__ == "__main__":
    serve(SQLite())
