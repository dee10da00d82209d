"""Held pages take a bounded room."""

import pytest

from web.kit import held_pages
from web.kit.held_pages import HeldPages


def test_no_more_is_held_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_pages, "_MOST_CHARACTERS", 30)
    monkeypatch.setattr(held_pages, "_LONGEST_PAGE", 20)
    held = HeldPages(60)
    for number in range(5):
        held.keep(number, None, "x" * 10, is_for_search_engines=True)
        assert held.unchanged(0, None)
    assert list(held._pages) == [3, 4, 0]
    held.keep("large", None, "x" * 21, is_for_search_engines=True)
    held.keep(4, None, "y" * 20, is_for_search_engines=True)
    assert (held.recent("large"), held._characters, held.unchanged(4, "another")) == (None, 30, None)
