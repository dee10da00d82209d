"""The indexes that must all answer alike: whoever makes another adds a line."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from uuid import uuid4

import pytest

from search.documents import OfferDocument
from search.postgres_index import PostgresReader, PostgresWriter
from search.queries import OfferIndex
from search.whoosh_index import WhooshReader, WhooshWriter
from tests.support.postgres import ask_postgres, run_apart

Filled = Callable[[pytest.FixtureRequest, Sequence[OfferDocument]], OfferIndex]
"""An index that holds these offers."""


def whoosh(request: pytest.FixtureRequest, offers: Sequence[OfferDocument]) -> OfferIndex:
    root = request.getfixturevalue("tmp_path_factory").mktemp("index")
    WhooshWriter(root).rebuild(offers)
    return WhooshReader(root)


def whoosh_in_segments(request: pytest.FixtureRequest, offers: Sequence[OfferDocument]) -> OfferIndex:
    """Filled in many batches, over offers that have become others since."""
    root = request.getfixturevalue("tmp_path_factory").mktemp("index")
    writer = WhooshWriter(root)
    writer.rebuild([replace(offer, titles=("périmé",), region="99") for offer in offers[::3]])
    for start in range(0, len(offers), 25):
        writer.apply(offers[start : start + 25])
    return WhooshReader(root)


def empty_postgres_index(request: pytest.FixtureRequest) -> str:
    """The address of a database of its own, with tables and without an index; it goes with the server."""
    server, template = (request.getfixturevalue(name) for name in ("postgres", "postgres_template"))
    name = f"vivier_search_{uuid4().hex[:12]}"
    run_apart(ask_postgres(server, f"CREATE DATABASE {name} TEMPLATE {template}"))
    return f"{server}/{name}"


def postgres(request: pytest.FixtureRequest, offers: Sequence[OfferDocument]) -> OfferIndex:
    return _of_postgres(request, lambda writer: writer.rebuild(offers))


def postgres_in_batches(request: pytest.FixtureRequest, offers: Sequence[OfferDocument]) -> OfferIndex:
    """Filled in many batches, over offers that have become others since, and an older build."""

    def fill(writer: PostgresWriter) -> None:
        writer.rebuild(offers[::2])
        writer.rebuild([replace(offer, titles=("périmé",), region="99") for offer in offers[::3]])
        for start in range(0, len(offers), 25):
            writer.apply(offers[start : start + 25])

    return _of_postgres(request, fill)


def _of_postgres(request: pytest.FixtureRequest, fill: Callable[[PostgresWriter], object]) -> OfferIndex:
    url = empty_postgres_index(request)
    with closing(PostgresWriter(url)) as writer:
        fill(writer)
    reader = PostgresReader(url)
    request.addfinalizer(reader.close)
    return reader


BACKENDS: dict[str, Filled] = {
    "whoosh": whoosh,
    "whoosh in segments": whoosh_in_segments,
    "postgres": postgres,
    "postgres in batches": postgres_in_batches,
}
