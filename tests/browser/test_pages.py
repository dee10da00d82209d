"""Every page: nothing that axe finds, nothing that runs off the side, and all of it works without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.accessibility import violations
from tests.support.portal import RunningPortal

Visitor = Callable[..., Page]

PUBLIC = [
    "/",
    "/offers",
    "/offers?keywords=ingenieur&region=11",
    "/offers?keywords=nothingatall",
    "/offers/advanced",
    "/offers/VIV-2026-0050",
    "/candidate",
    "/candidate/register",
    "/candidate/login",
    "/candidate/confirm",
    "/candidate/forgotten-password",
    "/candidate/forgotten-password/email",
    "/candidate/forgotten-password/sent",
    "/privacy",
    "/accessibility",
    "/contact",
    "/nowhere",
    "/dev/mailbox",
    "/console/login",
]
CANDIDATE = [
    "/candidate",
    "/candidate/applications",
    "/candidate/profile",
    "/candidate/account",
    "/candidate/account/email",
    "/candidate/account/password",
    "/candidate/account/secret-question",
    "/candidate/account/language",
    "/offers/VIV-2026-0050/apply",
]
CONSOLE = [
    "/console/",
    "/console/list",
    "/console/offers",
    "/console/offers/new",
    "/console/offers?words=chim&order=waiting",
    "/console/offers/VIV-2026-0050",
    "/console/offers/VIV-2026-0050/edit",
    "/console/offers/VIV-2026-0050/duplicate",
    "/console/offers/VIV-2026-0050/moves/close",
    "/console/offers/VIV-2026-0050/cancel",
    "/console/offers/VIV-2026-0088",
    "/console/offers/VIV-2026-0088/preview",
    "/console/offers/import",
    "/console/offers/VIV-2026-0088/edit",
    "/console/planned",
]

LOOKS = [
    {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light", "locale": "en-GB"},
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "locale": "fr-FR"},
]


def log_in(page: Page, login: str, email: str) -> None:
    page.goto(login)
    page.locator("#email").fill(email)
    page.locator("#password").fill("vivier-demo")
    page.locator("#password").press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def problems(page: Page, path: str) -> list[tuple[str, str]]:
    page.goto(path)
    found = [(path, violation["id"]) for violation in violations(page)]
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*found, (path, "runs off the side")] if wide else found


def first_link(page: Page, path: str, pattern: str) -> str:
    page.goto(path)
    links = page.locator("main a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return str(next(link for link in links if link and re.search(pattern, link)))


@pytest.mark.parametrize("look", LOOKS, ids=["wide-light-en", "narrow-dark-fr"])
def test_no_page_has_an_accessibility_problem(
    portal: RunningPortal, visitor: Visitor, look: dict[str, Any]
) -> None:
    stranger, candidate, recruiter = (visitor(portal, **look) for _ in range(3))
    log_in(candidate, "/candidate/login", "candidate@example.org")
    log_in(recruiter, "/console/login", "recruiter@example.org")
    own = first_link(candidate, "/candidate/applications", r"/candidate/applications/[0-9a-f-]+")
    other = first_link(recruiter, "/console/", r"/console/applications/[0-9a-f-]+(\?|$)")
    walks = [(stranger, PUBLIC), (candidate, [*CANDIDATE, own]), (recruiter, [*CONSOLE, other])]
    assert [found for page, paths in walks for path in paths for found in problems(page, path)] == []


def test_a_form_with_mistakes_has_no_accessibility_problem(portal: RunningPortal, visitor: Visitor) -> None:
    page = visitor(portal)
    page.goto("/candidate/register")
    page.locator("main form button").last.click()
    expect(page.locator("[data-summary]")).to_be_focused()
    assert violations(page) == []


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(
    portal: RunningPortal, visitor: Visitor
) -> None:
    page = visitor(portal)
    log_in(page, "/candidate/login", "candidate@example.org")
    page.goto("/offers/VIV-2026-0050/apply")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    huge = FilePayload(name="letter.pdf", mimeType="application/pdf", buffer=bytes(9 * 2**20))
    page.locator("#covering_letter").set_input_files(huge)
    page.get_by_role("button", name="Review your application").click()
    expect(page.locator("#covering_letter")).to_be_focused()
    expect(page.locator("#covering_letter-chosen")).to_contain_text("larger than the 4 MB that we can take")
    assert sent == []
    assert violations(page) == []


@pytest.mark.parametrize(
    "path", ["/console/", "/console/list", "/console/offers", "/console/offers/new", "/console/planned"]
)
def test_the_console_can_be_used_with_a_finger(portal: RunningPortal, visitor: Visitor, path: str) -> None:
    page = visitor(portal, viewport={"width": 390, "height": 844})
    log_in(page, "/console/login", "recruiter@example.org")
    page.goto(path)
    heights = page.locator("main :is(a, button)").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().height).filter(height => height > 0)"
    )
    assert heights
    assert [height for height in heights if height < 43.5] == []


def test_a_draft_is_scheduled_without_javascript(portal: RunningPortal, visitor: Visitor) -> None:
    page = visitor(portal, java_script_enabled=False)
    log_in(page, "/console/login", "recruiter@example.org")
    page.goto("/console/planned")
    expect(page.locator("main")).to_contain_text("High-performance computing expert")
    page.get_by_role("link", name="High-performance computing expert").click()
    page.get_by_label("Hour").fill("10:30")
    page.get_by_role("button", name="Set another hour").click()
    expect(page.locator("aside")).to_contain_text("at 10:30 in 6 days")
    page.get_by_label("Hour").fill("")
    page.get_by_role("button", name="Set another hour").click()
    expect(page.locator("#publish_hour-problem")).to_contain_text("Write the hour as 09:00.")
    page.get_by_role("button", name="Remove the hour").click()
    expect(page.locator("aside")).to_contain_text("Nothing yet.")
    page.get_by_role("button", name="Set this hour").click()
    expect(page.locator("#publish_day-problem")).to_contain_text("Choose a day.")
