"""Forms of another tab after a login: words come back, with scripts files stay; and what is asked once more."""

from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.test_applying import CANDIDATE, Visitor, button, cv
from tests.browser.test_own_data import look
from tests.browser.test_pages import LOOKS, log_in
from tests.support.portal import RunningPortal


def log_out_elsewhere(page: Page) -> Page:
    """Another tab of the same browser, logged out."""
    other = page.context.new_page()
    other.goto("/candidate")
    other.locator("form[action='/candidate/logout'] button:visible").first.click()
    other.wait_for_url("/")
    return other


@pytest.mark.parametrize("looks", LOOKS, ids=["wide-light-en", "narrow-dark-fr"])
def test_words_come_back_and_are_sent(portal: RunningPortal, visitor: Visitor, looks: dict[str, Any]) -> None:
    page = visitor(portal, **looks, java_script_enabled=True)
    log_in(page, "/candidate/login", CANDIDATE)
    page.goto("/candidate/profile")
    city = f"Saint-Brieuc {looks['locale']}"
    page.locator("#city").fill(city)
    other = log_out_elsewhere(page)
    log_in(other, "/candidate/login", CANDIDATE)
    page.locator("form.form button.button-main").click()
    expect(page.locator("main dl")).to_contain_text(city)
    expect(page.locator("[data-outdated]")).to_contain_text(CANDIDATE)
    look(page)
    page.locator("form.form button.button-main").click()
    expect(page.locator("#city")).to_have_value(city)
    expect(page.locator(".notice-success")).to_be_visible()


def test_chosen_files_stay_where_scripts_run(portal: RunningPortal, visitor: Visitor) -> None:
    page = visitor(portal)
    log_in(page, "/candidate/login", CANDIDATE)
    page.goto("/candidate/profile")
    page.locator("#cv").set_input_files(cv("CV of another tab.pdf"))
    other = log_out_elsewhere(page)
    button(page, "Save the profile").click()
    expect(page.locator("[data-outdated]")).to_contain_text("You are not logged in.")
    expect(page.locator("[data-outdated]")).to_be_focused()
    log_in(other, "/candidate/login", CANDIDATE)
    button(page, "Save the profile").click()
    expect(page.locator("[data-outdated]")).to_contain_text(CANDIDATE)
    button(page, "Save the profile").click()
    expect(page.locator(".files")).to_contain_text("CV of another tab.pdf")


def test_what_was_said_before_goes_with_a_refused_file(portal: RunningPortal, visitor: Visitor) -> None:
    page = visitor(portal)
    log_in(page, "/candidate/login", CANDIDATE)
    page.goto("/candidate/profile")
    page.locator("#cv").set_input_files(cv("CV to be kept.pdf"))
    button(page, "Save the profile").click()
    expect(page.locator(".flashes")).to_contain_text("All saved.")
    page.locator("#cv").set_input_files(
        FilePayload(name="cv.pdf", mimeType="application/pdf", buffer=b"none")
    )
    button(page, "Save the profile").click()
    expect(page.locator("[data-summary]")).to_be_focused()
    expect(page.locator("body")).not_to_contain_text("All saved.")
    page.locator("#cv").set_input_files(cv("CV kept alone.pdf"))
    page.locator("#phone").fill("by mail")
    button(page, "Save the profile").click()
    expect(page.locator("main .notice")).to_have_text("Your CV is saved. The rest is not saved yet.")
    expect(page.locator(".files")).to_contain_text("CV kept alone.pdf")
    look(page)


@pytest.mark.parametrize("looks", LOOKS, ids=["wide-light-en", "narrow-dark-fr"])
def test_logging_out_everywhere_is_asked_once_more(
    portal: RunningPortal, visitor: Visitor, looks: dict[str, Any]
) -> None:
    page = visitor(portal, **looks)
    log_in(page, "/candidate/login", CANDIDATE)
    page.goto("/candidate/account")
    page.locator("a[href='/candidate/account/sessions/end']").click()
    look(page)
    page.locator("main .button-danger").click()
    page.wait_for_url("/candidate/login")
