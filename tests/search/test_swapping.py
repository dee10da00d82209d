"""A process that serves takes up a new state beside its searches, never in front of them."""

import os
import threading
from pathlib import Path

from search.queries import OfferIndex, OfferQuery
from search.whoosh_index import WhooshReader, WhooshWriter
from tests.search.offers import NOW, offer


def found(index: OfferIndex) -> list[int]:
    return [each.int for each in index.search(OfferQuery("laser"), NOW).ids]


def test_searches_go_on_in_the_old_state_while_a_new_one_is_opened(tmp_path: Path) -> None:
    writer, reader = WhooshWriter(tmp_path / "index"), WhooshReader(tmp_path / "index", looks=False)
    writer.rebuild([offer(1, "Laser")])
    assert (reader.poll(), found(reader)) == (True, [1])
    writer.apply([offer(2, "Laser")])
    newest = max((tmp_path / "index").rglob("*.seg"), key=lambda path: path.stat().st_mtime_ns)
    content = newest.read_bytes()
    newest.unlink()
    os.mkfifo(newest)  # whoever opens the new state waits here until it is written
    polled: list[bool] = []
    opening = threading.Thread(target=lambda: polled.append(reader.poll()))
    opening.start()
    with newest.open("wb") as pipe:
        assert (found(reader), reader.poll(), reader.state().offers, polled) == ([1], False, 1, [])
        pipe.write(content)
    opening.join()
    assert (polled, found(reader), reader.state().offers, reader.poll()) == ([True], [2, 1], 2, False)


def test_a_process_that_is_told_to_poll_never_looks_by_itself(tmp_path: Path) -> None:
    writer, reader = WhooshWriter(tmp_path / "index"), WhooshReader(tmp_path / "index", looks=False)
    writer.rebuild([offer(1, "Laser")])
    assert found(reader) == [1]  # the first state is opened by whoever needs it
    writer.apply([offer(2, "Laser")])
    assert found(reader) == [1]
    assert (reader.poll(), found(reader)) == (True, [2, 1])
