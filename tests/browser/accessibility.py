"""What axe finds on a page; nothing else is asked of it, for telling all that is in order takes most of its time."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def violations(page: Page) -> list[dict[str, Any]]:
    """Whatever makes the page harder to use than it must be, by every rule of axe."""
    found: list[dict[str, Any]] = (
        Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    )
    return found
