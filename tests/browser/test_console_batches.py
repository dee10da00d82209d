"""Many applications at once in a browser: with the keyboard, and without JavaScript."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.support.portal import RunningPortal, running_portal

Visitor = Callable[..., Page]

REJECT = "/console/batches/new?everything=yes&live=yes&event=reject"


@pytest.fixture(scope="module")
def grace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    """A portal of its own, whose decisions can be undone for a while."""
    with running_portal(tmp_path_factory.mktemp("portal-grace"), undo_minutes="15") as portal:
        yield portal


def logged_in(page: Page) -> Page:
    page.goto("/console/login")
    page.get_by_label("E-mail address").fill("recruiter@example.org")
    page.get_by_label("Password", exact=True).fill("vivier-demo")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/login" not in address)
    return page


def moved(page: Page) -> str:
    """What the report says first, when it is there."""
    report = page.locator("#batch[data-finished] .notice b")
    expect(report).to_be_visible(timeout=20_000)
    return report.inner_text()


def test_a_decision_is_undone_by_key_while_its_bar_is_shown(grace: RunningPortal, visitor: Visitor) -> None:
    page = logged_in(visitor(grace))
    page.get_by_role("link", name="Accept").first.click()
    expect(page.locator("#paragraph")).to_be_focused()
    page.get_by_role("button", name="Accept").click()
    bar, name = page.locator(".undo-bar"), page.locator("#name")
    expect(bar).to_be_visible()
    name.press("u")
    expect(name).to_have_value("u")
    expect(bar).to_be_visible()
    name.blur()
    page.keyboard.press("u")
    expect(bar).to_have_count(0)
    expect(page.get_by_role("link", name="Accept").first).to_be_visible()


def test_one_confirmation_accepts_one_and_rejects_the_others(grace: RunningPortal, visitor: Visitor) -> None:
    page = logged_in(visitor(grace))
    links = page.locator('[data-column="under_consideration"] a[href*="/moves/accept"]')
    addresses = links.evaluate_all("all => all.map(one => one.href)")
    for address in addresses:
        page.goto(address)
        if page.locator("[name=others]").count():
            break
    others, button = page.locator("#others"), page.locator(".moving-end button")
    expect(others).to_be_hidden()
    assert (button.inner_text(), page.locator("#paragraph").is_visible()) == ("Accept", True)
    page.locator("[name=others]").check()
    expect(others).to_be_visible()
    assert button.inner_text() == "Accept, and reject the others"
    assert violations(page) == []
    button.click()
    expect(page.locator("[data-summary]")).to_contain_text("Why are they rejected?: Say why")
    expect(others).to_be_visible()
    page.get_by_label("Why are they rejected?").fill("Somebody else fits better.")
    button.click()
    page.wait_for_url("**/console/batches/*-*")
    expect(page.locator(".undo-bar")).to_contain_text("Successful")
    assert "moved." in moved(page)
    page.get_by_role("button", name="Undo all").click()
    assert "moved." in moved(page)
    page.locator(".undo-bar button").click()
    expect(page.locator(".undo-bar")).to_have_count(0)


def test_without_javascript_all_are_rejected_and_taken_back(grace: RunningPortal, visitor: Visitor) -> None:
    page = logged_in(visitor(grace, java_script_enabled=False))
    page.goto(REJECT)
    button = page.locator(".batch-go")
    few = button.inner_text()
    page.get_by_label("under consideration first").check()
    every = button.inner_text()
    assert few != every
    button.click()
    expect(page.locator("[data-summary]")).to_contain_text("Say why")
    assert button.inner_text() == every
    page.get_by_label("Why?").fill("The place is taken.")
    page.locator("#paragraph_fr").fill("Merci encore.")
    page.get_by_role("button", name="Update the preview").click()
    expect(page.locator('pre[lang="fr"]').last).to_contain_text("Merci encore.")
    button.click()
    page.wait_for_url("**/console/batches/*-*")
    number = every.split()[1]
    assert moved(page) == f"All {number} applications moved."
    page.get_by_role("button", name=f"Undo all ({number})").click()
    assert moved(page) == f"All {number} applications moved."
    expect(page.locator("#batch")).to_contain_text("Their candidates saw and got nothing.")


def test_with_the_keyboard_alone_and_watched_until_the_report(grace: RunningPortal, visitor: Visitor) -> None:
    page = logged_in(visitor(grace))
    page.goto("/console/batches/new?everything=yes&live=yes")
    assert violations(page) == []
    page.get_by_role("button", name="Accept").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".batch-go")).to_be_visible()
    assert violations(page) == []
    page.locator(".batch-go").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/batches/*-*")
    assert "moved." in moved(page)
    assert violations(page) == []
    page.goto("/console/batches")
    expect(page.locator("tbody tr").first).to_contain_text("Accept")


def test_pressing_twice_starts_one_batch(grace: RunningPortal, visitor: Visitor) -> None:
    page = logged_in(visitor(grace, java_script_enabled=False))
    page.goto("/console/batches")
    before = page.locator("tbody tr").count()
    page.goto("/console/batches/new?everything=yes&event=undo")
    page.locator(".batch-go").dblclick()
    page.wait_for_url("**/console/batches/*-*")
    page.goto("/console/batches")
    assert page.locator("tbody tr").count() == before + 1
