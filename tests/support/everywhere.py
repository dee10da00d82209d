"""Looking for words in all that an installation keeps: every column of every table, every file, however written."""

import base64
import quopri
import sqlite3
from collections.abc import Iterable, Iterator
from email.header import Header
from html import escape
from json import dumps
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import ZipFile, is_zipfile

from workflow.database.connection import current_database, dialect
from workflow.engine.tables import Outbox


async def database_content() -> bytes:
    """Every value of every table, as the database itself lists them; of SQLite also the bytes of its files."""
    rows: list[Any] = []
    for table in await tables():
        rows += await Outbox.raw(f'SELECT * FROM "{table}"')
    content = b"\n".join(_as_bytes(value) for row in rows for value in row.values())
    return content + (_sqlite_files() if dialect() == "sqlite" else b"")


async def tables() -> list[str]:
    """The names of all tables, as the database itself lists them."""
    if dialect() == "sqlite":
        rows = await Outbox.raw(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )
    else:
        rows = await Outbox.raw("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    return [row["name"] for row in rows]


def _sqlite_files() -> bytes:
    path = Path(current_database().path)  # type: ignore[union-attr]
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA integrity_check").fetchall()
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(path.name + "*")))


def _as_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def files_content(folder: Path) -> bytes:
    """Names and bytes of every file below a folder, also of those within a ZIP."""
    parts: list[bytes] = []
    for path in sorted(folder.rglob("*")):
        parts.append(str(path.relative_to(folder)).encode())
        if path.is_file():
            parts.append(path.read_bytes())
            parts += _within(path)
    return b"\n".join(parts)


def _within(path: Path) -> Iterator[bytes]:
    if is_zipfile(path):
        with ZipFile(path) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield archive.read(name)


def found(content: bytes, words: Iterable[str]) -> set[str]:
    """Those of the words that are in there, in any way in which our parts write words."""
    plain = content + b"\n" + content.decode("utf-8", "ignore").casefold().encode()
    for unfolded in (b"=\r\n", b"=\n", b"\r\n ", b"\n "):  # soft line breaks of mails, folded headers
        plain += b"\n" + content.replace(unfolded, b"")
    return {word for word in words if any(form in plain for form in _forms(word))}


def _forms(word: str) -> set[bytes]:
    raw = word.encode()
    forms = {
        raw,
        word.casefold().encode(),
        dumps(word)[1:-1].encode(),
        escape(word).encode(),
        quote(word).encode(),
        quopri.encodestring(raw).replace(b"=\n", b"").strip(),
        Header(word, "utf-8").encode(maxlinelen=0).encode(),
        raw.hex().encode(),
        word.encode("utf-16-le"),
    }
    for offset in range(3):  # base64 looks different at each of three places
        encoded = base64.b64encode(b"x" * offset + raw)[[0, 2, 3][offset] :]
        forms.add(encoded[: len(encoded) // 4 * 4 - 4])
    return {form for form in forms if len(form) > 5}
