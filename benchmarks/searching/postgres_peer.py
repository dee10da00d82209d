"""PostgreSQL with SQL by hand, as its users would have it: a tsvector under GIN, facts beside it, psycopg 3."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.searching.serving import FACETS, Answer, Question, rows_of, serve
from benchmarks.searching.sql import answer_from, filters_of

_TABLES = f"""
    DROP TABLE IF EXISTS offer, word;
    CREATE TABLE offer (
        id TEXT PRIMARY KEY, published BIGINT NOT NULL, closing BIGINT NOT NULL,
        {", ".join(f"{facet} TEXT NOT NULL" for facet in FACETS)}, words TSVECTOR NOT NULL);
    CREATE TABLE word (spelling TEXT PRIMARY KEY, offers BIGINT NOT NULL);
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
"""
_INDEXES = """
    CREATE INDEX ON offer USING gin (words);
    CREATE INDEX ON offer (published);
    INSERT INTO word SELECT substr(word, 2), ndoc FROM ts_stat('SELECT words FROM offer') WHERE word LIKE 's%';
    CREATE INDEX ON word USING gin (spelling gin_trgm_ops);
"""
_LIKE = "SELECT spelling FROM word WHERE spelling % %s ORDER BY similarity(spelling, %s) DESC, offers DESC LIMIT 1"
_LIKE = _LIKE.replace(" % ", " %% ")


class PostgreSQL:
    """One connection with prepared statements, to the database of PEER_DATABASE_URL."""

    def _connected(self) -> Any:
        return psycopg.connect(
            os.environ["PEER_DATABASE_URL"], autocommit=True, prepare_threshold=1, options="-c jit=off"
        )

    def build(self, folder: Path) -> None:
        connection = self._connected()
        connection.execute(_TABLES)
        with connection.cursor().copy("COPY offer FROM STDIN") as copy:
            for offer, published, closing, keys, pairs, spellings, *facets in rows_of(folder):
                words = _vector(keys, pairs, spellings)
                copy.write_row((offer, published, closing, *facets, words))
        connection.execute(_INDEXES)
        connection.execute("VACUUM ANALYZE offer, word")
        connection.close()

    def open(self, folder: Path) -> None:  # noqa: ARG002  # it is in the database
        self.connection = self._connected()

    def update(self, row: Sequence[Any]) -> None:
        offer, _published, closing, keys, pairs, spellings, *facets = row
        changes = ", ".join(f"{facet} = %s" for facet in FACETS)
        self.connection.execute(
            f"UPDATE offer SET closing = %s, words = %s::tsvector, {changes} WHERE id = %s",
            (closing, _vector(keys, pairs, spellings), *facets, offer),
        )

    def ask(self, question: Question) -> Answer:
        where, given = self._found(question)
        return answer_from(
            f"offer WHERE {where}",
            given,
            question,
            filters=filters_of(question, "= ANY(%s)", list),
            newest="published",
            ask=self.connection.execute,
        )

    def _found(self, question: Question) -> tuple[str, list[Any]]:
        if "misspelt" in question:
            like = self.connection.execute(_LIKE, [question["misspelt"]] * 2).fetchone()
            words = f"'s{like[0]}'" if like else "'nothing like it'"
        elif question["tree"] is None:
            return "closing > %s", [question["now"]]
        else:
            words = _tsquery(question["tree"])
        return "words @@ %s::tsquery AND closing > %s", [words, question["now"]]


def _vector(keys: str, pairs: str, spellings: str) -> str:
    fields = {"k": keys, "p": pairs, "s": spellings}
    return " ".join(f"{field}{token}" for field, tokens in fields.items() for token in tokens.split())


def _tsquery(tree: Any) -> str:
    match tree:
        case ["term", field, token]:
            return f"'{field[0]}{token}'"
        case ["prefix", field, token]:
            return f"'{field[0]}{token}':*"
        case ["all" | "any" as kind, *parts]:
            return f"({(' & ' if kind == 'all' else ' | ').join(map(_tsquery, parts))})"
    raise ValueError(tree)


if __name__ == "__main__":
    serve(PostgreSQL())
