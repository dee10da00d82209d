"""Alerts in a browser: fields follow from choices at once, what would be found is shown; all pages sound."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.test_own_data import look, register
from tests.browser.test_pages import LOOKS
from tests.support.portal import RunningPortal

Visitor = Callable[..., Page]

ALERTS = "/candidate/alerts"
SAVE = "#alert-end button"


def to_leave(page: Page, address: str) -> list[str]:
    """Try to go elsewhere, and stay if asked; the kinds of questions."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.evaluate("address => { location.href = address }", address)
    page.wait_for_timeout(300)
    if not asked:
        page.remove_listener("dialog", stay)
    return asked


@pytest.mark.parametrize("looks", LOOKS, ids=["wide-light-en", "narrow-dark-fr"])
def test_an_alert_is_chosen_seen_saved_and_looked_after(
    portal: RunningPortal, visitor: Visitor, looks: dict[str, Any]
) -> None:
    page = visitor(portal, **looks)
    register(portal, page)
    page.goto(ALERTS)
    look(page)
    page.locator(f"main a[href='{ALERTS}/new']").click()
    look(page)
    page.locator(SAVE).click()
    expect(page.locator("#job_type-problem")).to_be_visible()
    look(page)
    page.locator("input[value=technical_admin]").check()
    page.locator("#industry").select_option("E")
    expect(page.locator("#job option[value=A1A41]")).to_have_count(0)
    expect(page.locator(".by-steps")).to_have_count(0)
    page.locator("#job").select_option("all")
    expect(page.locator("#alert-preview section")).to_have_count(0)
    page.locator("#region").select_option("all")
    expect(page.locator("#alert-preview section")).to_be_visible()
    look(page)
    before = page.locator("#alert-preview h2").inner_text()
    page.locator("#keywords").press_sequentially("zzqqy")
    expect(page.locator("#alert-preview h2")).not_to_have_text(before)
    expect(page.locator("#alert-preview li")).to_have_count(0)
    expect(page.locator("#keywords")).to_be_focused()
    page.locator("input[value=scientific]").check()
    expect(page.locator("#industry")).to_have_count(0)
    page.locator("#job").select_option("all")
    assert to_leave(page, "/offers") == ["beforeunload"]
    page.locator("#keywords").press("Enter")
    page.wait_for_url(re.compile(f"{ALERTS}$"))
    look(page)

    page.locator("input[value=weekly]").check()
    assert to_leave(page, "/offers") == ["beforeunload"]
    page.locator(f"form[action='{ALERTS}/frequency'] button").click()
    page.wait_for_load_state()
    expect(page.locator("input[value=weekly]")).to_be_checked()
    page.locator("form[action$='/stop'] button").click()
    page.wait_for_load_state()
    expect(page.locator("form[action$='/resume']")).to_have_count(1)
    look(page)
    page.locator("a[href$='/preview']").click()
    look(page)
    page.goto(ALERTS)
    page.locator("a[href$='/delete']").click()
    look(page)
    page.locator("main form.form button").click()
    page.wait_for_url(re.compile(f"{ALERTS}$"))
    expect(page.locator("table")).to_have_count(0)
    assert to_leave(page, "/offers?keywords=chimie") == []


def test_a_search_is_an_alert_in_one_click_more(portal: RunningPortal, visitor: Visitor) -> None:
    page = visitor(portal)
    register(portal, page)
    page.goto("/offers?keywords=chimie")
    page.locator("#choices input[name=job_type][value=scientific]").check()  # exchanges the results
    link = page.locator("#results a[href^='/candidate/alerts/new']")
    expect(link).to_have_attribute("href", re.compile("job_type=scientific"))
    link.click()
    expect(page.locator("#keywords")).to_have_value("chimie")
    page.locator(SAVE).click()
    page.wait_for_url(re.compile(f"{ALERTS}$"))
    page.goto("/offers?keywords=chimie&job_type=scientific")
    page.locator("#results a[href^='/candidate/alerts/new']").click()
    page.locator(SAVE).click()
    expect(page.locator("[data-summary]")).to_be_focused()
    look(page)
    page.goto("/offers?keywords=zzqqy")
    look(page)
