"""Your data in a browser: a copy is fetched, the account ends by two keys and stays by one button; all pages sound."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.test_pages import LOOKS
from tests.support.portal import RunningPortal

Visitor = Callable[..., Page]

PASSWORD = "eleven loud cranes above"
_numbers = count(1)


def register(portal: RunningPortal, page: Page) -> str:
    """A new candidate, logged in; their address."""
    email = f"own-data-{next(_numbers)}@example.org"
    page.goto("/candidate/register")
    page.locator("input[name=title]").first.check()
    for name, value in {
        "first_name": "Octavie",
        "last_name": "Durand",
        "email": email,
        "email_again": email,
        "password": PASSWORD,
        "password_again": PASSWORD,
        "secret_answer": "Rex",
    }.items():
        page.locator(f"#{name}").fill(value)
    page.locator("#secret_question").select_option(index=1)
    page.locator("#accept_notice").check()
    page.locator("main form button").last.click()
    page.wait_for_load_state()
    page.goto(link(portal, email, "/candidate/confirm/"))
    page.wait_for_url(lambda url: "/confirm/" not in url)
    return email


def link(portal: RunningPortal, email: str, part: str) -> str:
    """The newest link of a kind that was mailed."""
    text = portal.mail(email, part)["text"]
    path = next(word for word in text.split() if part in word)
    return str(path[path.index(part) :])


def look(page: Page) -> None:
    """Nothing that axe finds, nothing that runs off the side."""
    assert [violation["id"] for violation in violations(page)] == [], page.url
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize("looks", LOOKS, ids=["wide-light-en", "narrow-dark-fr"])
def test_a_copy_is_fetched_and_an_account_ends_and_stays(
    portal: RunningPortal, visitor: Visitor, looks: dict[str, Any], tmp_path: Path
) -> None:
    page = visitor(portal, **looks)
    email = register(portal, page)
    page.goto("/candidate/account")
    look(page)
    page.locator("form[action='/candidate/account/archives'] button").click()
    page.wait_for_load_state()
    look(page)
    portal.mail(email, "ZIP")
    page.goto("/candidate/account")
    look(page)
    with page.expect_download() as download:
        page.locator("a[href^='/candidate/account/archives/']").click()
    download.value.save_as(tmp_path / "copy.zip")
    assert ZipFile(tmp_path / "copy.zip").namelist() == ["data.json", "README.txt"]

    page.locator("a[href='/candidate/account/deletion']").click()
    look(page)
    page.locator("main form button").last.click()
    expect(page.locator("#current_password-problem")).to_be_visible()
    look(page)
    page.locator("#current_password").fill(PASSWORD)
    page.locator("main form button").last.click()
    page.wait_for_load_state()
    look(page)
    page.goto(link(portal, email, "/candidate/delete-account/"))
    look(page)
    page.locator("main form button").click()
    page.wait_for_load_state()
    look(page)
    page.goto("/candidate")
    look(page)
    page.goto("/candidate/account")
    look(page)
    page.locator("form[action='/candidate/account/keep'] button").first.click()
    page.wait_for_load_state()
    expect(page.locator("form[action='/candidate/account/keep']")).to_have_count(0)
    look(page)
    page.goto("/privacy")
    look(page)
