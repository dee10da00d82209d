"""The page of one application and the page before a move, in a browser: keys, stars, notes, the live preview."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.test_journey import log_in_to_console
from tests.support.portal import RunningPortal

Visitor = Callable[..., Page]


def open_application(page: Page, status: str) -> None:
    """The first one in a state, of those that the recruiter goes through."""
    log_in_to_console(page)
    page.locator(f"[data-column={status}] h3 a").first.click()
    expect(page.locator("#rating")).to_be_visible()


def no_flaws(page: Page) -> None:
    assert [violation["id"] for violation in violations(page)] == []


def test_one_reads_rates_and_notes_by_keyboard_alone(visitor: Visitor, portal: RunningPortal) -> None:
    page = visitor(portal)
    open_application(page, "submitted")
    expect(page.locator("[data-drawn-at]")).to_have_count(
        0, timeout=30_000
    )  # what comes later is put in place
    expect(page.locator(".sheet").first).to_have_js_property("complete", value=True)
    assert page.locator(".sheet").first.evaluate("image => image.naturalWidth") == 1100
    no_flaws(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("j")  # not behind a dialog
    page.keyboard.press("Escape")
    page.keyboard.press("4")
    expect(page.locator("#rating [role=status]")).to_contain_text("4")
    page.keyboard.press("n")
    page.keyboard.type("jkm 5 are letters here?")
    expect(page.locator("#words")).to_have_value("jkm 5 are letters here?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".note-words")).to_have_text("jkm 5 are letters here?")
    expect(page.locator("#words")).to_have_value("")
    expect(page.locator("#rating [role=status]")).to_contain_text("4")
    page.locator("h1").click()
    page.keyboard.press("m")
    assert page.evaluate("document.activeElement.closest('.next-moves') !== null")
    name = page.locator("h1").inner_text()
    page.keyboard.press("j")
    expect(page.locator("h1")).not_to_have_text(name)
    page.keyboard.press("k")
    expect(page.locator("h1")).to_have_text(name)
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete the note").click()
    expect(page.locator("#words")).to_be_visible()
    expect(page.locator(".note-words")).to_have_count(0)


def test_keys_can_be_switched_off(visitor: Visitor, portal: RunningPortal) -> None:
    page = visitor(portal)
    open_application(page, "submitted")
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Use these keys in this browser").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.id") != "words"


def test_the_preview_follows_what_is_typed(visitor: Visitor, portal: RunningPortal) -> None:
    page = visitor(portal)
    open_application(page, "under_consideration")
    page.get_by_role("link", name="Reject…").click()
    mail = page.frame_locator("iframe")
    page.get_by_label("A paragraph of your own").fill("Thank you for <b>coming</b> by.")
    expect(mail.locator(".quote")).to_have_text("Thank you for <b>coming</b> by.")
    no_flaws(page)
    page.get_by_role("button", name="Reject").click()
    expect(page.locator(".summary")).to_contain_text("Say why")
    expect(page.get_by_label("A paragraph of your own")).to_have_value("Thank you for <b>coming</b> by.")


def test_all_of_it_works_without_scripts(visitor: Visitor, portal: RunningPortal) -> None:
    page = visitor(portal, java_script_enabled=False, viewport={"width": 390, "height": 844})
    open_application(page, "under_consideration")
    page.get_by_role("radio", name="3 stars").check(force=True)
    page.get_by_role("button", name="Rate").click()
    expect(page.locator("#rating [role=status]")).to_contain_text("3")
    page.get_by_role("button", name="Take back").click()
    expect(page.locator("#rating")).to_contain_text("Nobody has rated it yet.")
    page.get_by_role("link", name=re.compile("Accept…")).click()
    page.locator("#paragraph").fill("Welcome.")
    page.get_by_role("button", name="Update the preview").click()
    expect(page.frame_locator("iframe").locator(".quote")).to_have_text("Welcome.")
    page.get_by_role("link", name="Back without changing anything").first.click()
    expect(page.locator("#rating")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
