"""A running portal and Chromium. Without a browser these tests are loudly reported as not run."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.portal import RunningPortal, running_portal

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_BROWSER = "no Chromium found: install it with `apt-get install chromium`, then run `make test` again"


def _browser_path() -> str:
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None and os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(NO_BROWSER)
    if found is None:
        pytest.skip(f"BROWSER TESTS NOT RUN: {NO_BROWSER}")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one module only: while it is open, no other test can run an event loop of its own."""
    path = _browser_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    """One portal on SQLite for all browser tests of a session."""
    with running_portal(tmp_path_factory.mktemp("portal")) as portal:
        yield portal


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Any]:
    """Makes pages of separate visitors, who share nothing; errors of scripts and pages fail the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def arrive(portal: RunningPortal, **options: Any) -> Page:
        context = browser.new_context(base_url=portal.address, **{"locale": "en-GB", **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("response", lambda answer: problems.append(answer.url) if answer.status >= 500 else None)
        return page

    yield arrive
    for context in contexts:
        context.close()
    assert problems == []
