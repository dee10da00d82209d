"""The overview in a browser: its days appear when they are wanted, charts fit the screen, everybody can use it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.support.portal import RunningPortal

Visitor = Callable[..., Page]


def logged_in(page: Page) -> Page:
    page.goto("/console/login")
    page.get_by_label("E-mail address").fill("recruiter@example.org")
    page.get_by_label("Password", exact=True).fill("vivier-demo")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/login" not in address)
    return page


def test_other_days_are_asked_for_without_javascript(portal: RunningPortal, visitor: Visitor) -> None:
    page = logged_in(visitor(portal, java_script_enabled=False))
    page.goto("/console/overview")
    expect(page.get_by_label("Since", exact=True)).to_be_hidden()
    page.get_by_label("Period").select_option("own")
    page.get_by_label("Since", exact=True).fill("2026-01-05")
    page.get_by_label("Until", exact=True).fill("2026-01-04")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("[data-summary]")).to_contain_text("Choose a day that is not before the first one.")
    page.get_by_label("Until", exact=True).fill("2026-02-05")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="5 January 2026 to 5 February 2026")).to_be_visible()


def test_charts_and_tables_are_clean_and_fit(portal: RunningPortal, visitor: Visitor) -> None:
    for width in (1280, 390, 320):
        page = logged_in(visitor(portal, viewport={"width": width, "height": 900}))
        page.goto("/console/overview?period=90")
        for summary in page.locator("main summary").all():
            summary.click()
        expect(page.get_by_role("img", name="Applications a day")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []


def test_the_data_of_a_chart_is_saved_as_a_file(portal: RunningPortal, visitor: Visitor) -> None:
    page = logged_in(visitor(portal))
    page.goto("/console/overview")
    for name, ending in (("Applications as CSV", "vivier-applications-"), ("Data as CSV", "vivier-days-")):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).first.click()
        assert download.value.suggested_filename.startswith(ending)
        assert download.value.suggested_filename.endswith(".csv")
