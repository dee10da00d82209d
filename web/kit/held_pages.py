"""Pages that were rendered a moment ago, to be given again: what takes longest is done once for many visitors."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

_SECONDS = 1.0
"""So long a page is given again before anybody looks whether it would still be the same."""

_MOST_CHARACTERS = 16_000_000
_LONGEST_PAGE = 400_000

TOKEN = f"token-{secrets.token_hex(16)}"
"""Stands in a held page where each visitor's own token belongs; nobody outside of this process ever sees it."""


@dataclass(slots=True)
class HeldPage:
    """A page, and what it was made of: made of the same, it would be the same."""

    basis: object
    html: str
    is_for_search_engines: bool
    looked_at: float


class HeldPages:
    """The last pages asked for, by all that they depend on besides the rows. Never of visitors who are known."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._pages: OrderedDict[Hashable, HeldPage] = OrderedDict()
        self._characters = 0

    def recent(self, key: Hashable) -> HeldPage | None:
        """A page that somebody has looked at within the second."""
        page = self._pages.get(key)
        return page if page and time.monotonic() - page.looked_at < self._seconds else None

    def unchanged(self, key: Hashable, basis: object) -> HeldPage | None:
        """A page that was made of the same."""
        page = self._pages.get(key)
        if page is None or page.basis != basis:
            return None
        page.looked_at = time.monotonic()
        self._pages.move_to_end(key)
        return page

    def keep(self, key: Hashable, basis: object, html: str, *, is_for_search_engines: bool) -> HeldPage:
        """Hold a page, and let go of those that nobody has asked for the longest."""
        page = HeldPage(basis, html, is_for_search_engines, time.monotonic())
        self._forget(key)
        if len(html) <= _LONGEST_PAGE:
            self._pages[key] = page
            self._characters += len(html)
        while self._characters > _MOST_CHARACTERS:
            self._forget(next(iter(self._pages)))
        return page

    def _forget(self, key: Hashable) -> None:
        if page := self._pages.pop(key, None):
            self._characters -= len(page.html)
